"""What the steps and jobs ask of the store about slots and gate appointments."""

from __future__ import annotations

from typing import Protocol


class Gate(Protocol):
    """Slots and gate appointments, inside one transaction."""
