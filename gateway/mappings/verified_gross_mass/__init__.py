"""VGM 核实重量: one module per format."""
