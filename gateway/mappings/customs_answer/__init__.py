"""CUSTOMS ANSWER in the formats that we read."""
