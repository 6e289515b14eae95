"""CUSTOMS APPOINTMENT: what customs are told of an application; written only."""
