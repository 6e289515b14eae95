"""ACKNOWLEDGEMENT 回执: one module per format."""
