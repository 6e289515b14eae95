"""Gate moves 进出闸: one module per format."""
