"""Customs applications: the noun of one transaction (port `Customs`)."""

from __future__ import annotations

from gateway.store.session import Session


class CustomsTable:
    """Implements the port `Customs`."""

    def __init__(self, session: Session) -> None:
        self._session = session
