"""GATE: pools of slots, plans and appointments of gate-in and pick-up (rules.md C, F.2)."""
