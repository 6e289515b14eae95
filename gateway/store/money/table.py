"""The ledger and what feeds it: the noun of one transaction (port `Money`)."""

from __future__ import annotations

from gateway.store.session import Session


class MoneyTable:
    """Implements the port `Money`."""

    def __init__(self, session: Session) -> None:
        self._session = session
