"""SCHEMA of enterprises and what belongs to them; conventions as in gateway/store/schema.py."""
