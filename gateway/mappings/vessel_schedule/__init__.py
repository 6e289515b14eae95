"""Vessel schedule 船期表: one module per format."""
