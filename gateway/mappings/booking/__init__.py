"""BOOKING 订舱: one module per format."""
