"""What the steps and jobs ask of the store about enterprises and what belongs to them."""

from __future__ import annotations

from typing import Protocol


class Firms(Protocol):
    """Enterprises and what belongs to them, inside one transaction."""
