"""D/O 提货单: one module per format."""
