"""SCHEMA of slots and gate appointments; conventions as in gateway/store/schema.py."""
