"""SCHEMA of customs applications; conventions as in gateway/store/schema.py."""
