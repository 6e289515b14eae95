"""Pushes deliveries to partners' HTTP endpoints: CloudEvents, signed as Standard Webhooks ask."""
