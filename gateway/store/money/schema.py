"""SCHEMA of the ledger and what feeds it; conventions as in gateway/store/schema.py."""
