"""Container list 集装箱清单: one module per format."""
