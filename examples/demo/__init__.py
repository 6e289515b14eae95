"""The agent of `gateway demo`, and what it drops."""
