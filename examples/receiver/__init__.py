"""A reference terminal: takes the gateway's HTTP deliveries, each with exactly one effect."""
