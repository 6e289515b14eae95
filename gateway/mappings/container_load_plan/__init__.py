"""E-CLP 电子装箱单: one module per format."""
