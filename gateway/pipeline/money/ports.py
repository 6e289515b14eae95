"""What the steps and jobs ask of the store about the ledger and what feeds it."""

from __future__ import annotations

from typing import Protocol


class Money(Protocol):
    """The ledger and what feeds it, inside one transaction."""
