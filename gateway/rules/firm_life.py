"""LIFE of a firm: submitted → review → active (activated) → suspended (S0-23), as data."""

from __future__ import annotations

from collections.abc import Mapping

# What each step is called, from which states it may be taken, and where it leads.
STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "review": (frozenset({"submitted"}), "review"),
    # Back to the firm, with what it has to mend.
    "return": (frozenset({"review"}), "submitted"),
    "approve": (frozenset({"submitted", "review"}), "active"),
    "suspend": (frozenset({"active"}), "suspended"),
    "resume": (frozenset({"suspended"}), "active"),
}
# The words of S0-23 for the firm, by the state that it entered.
NOTICES: Mapping[str, str] = {
    "submitted": "returned",
    "review": "in_review",
    "active": "activated",
    "suspended": "suspended",
}


def after(step: str, state: str) -> str | None:
    """The state that a step leads to; None where it cannot be taken.  KeyError: no such step."""
    allowed, reached = STEPS[step]
    return reached if state in allowed else None
