"""Programs beside the gateway: a reference terminal, sample files."""
