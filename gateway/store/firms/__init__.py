"""FIRMS: enterprises, their accounts, qualifications, fleets and approvals (rules.md F.1, S0)."""
