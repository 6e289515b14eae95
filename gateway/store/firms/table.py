"""Enterprises and what belongs to them: the noun of one transaction (port `Firms`)."""

from __future__ import annotations

from gateway.store.session import Session


class FirmsTable:
    """Implements the port `Firms`."""

    def __init__(self, session: Session) -> None:
        self._session = session
