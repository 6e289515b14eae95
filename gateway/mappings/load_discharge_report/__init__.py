"""Load and discharge reports 装卸报告: one module per format."""
