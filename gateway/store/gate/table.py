"""Slots and gate appointments: the noun of one transaction (port `Gate`)."""

from __future__ import annotations

from gateway.store.session import Session


class GateTable:
    """Implements the port `Gate`."""

    def __init__(self, session: Session) -> None:
        self._session = session
