"""MANIFEST 舱单: one module per format."""
