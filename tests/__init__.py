"""Tests of the gateway; tests/services.py starts the servers that they talk to."""
