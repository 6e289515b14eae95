"""Named events that drive log and metric (house.md 1): never payload, never secrets."""
