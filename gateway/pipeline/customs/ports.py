"""What the steps and jobs ask of the store about customs applications."""

from __future__ import annotations

from typing import Protocol


class Customs(Protocol):
    """Customs applications, inside one transaction."""
