"""STRUCTURE ↔ CANONICAL: one folder per document, one module per format, one explicit registry."""
