"""Canonical JSON: the payload that we deliver, read again, one part at a time."""
