"""BYTES → STRUCTURE (and back): lexers, envelopes, layouts.  Pure; knows nothing of meaning."""
