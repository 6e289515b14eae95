"""CUSTOMS: applications for clearance by appointment (rules.md C.1, F.4)."""
