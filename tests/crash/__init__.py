"""The reliability harness: it starts the real gateway, breaks it, and compares three ledgers."""
