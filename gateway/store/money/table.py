"""The ledger and what feeds it: the nouns of one transaction (port `Money`)."""

from __future__ import annotations

from gateway.store.money.books import BookTable
from gateway.store.money.charges import ChargeTable
from gateway.store.money.declarations import DeclarationTable, FilingTable, ManifestTable
from gateway.store.money.events import EventTable
from gateway.store.money.orders import OrderTable
from gateway.store.money.refunds import CallTable, RefundTable
from gateway.store.money.settlements import SettlementTable
from gateway.store.money.work import WorkTable
from gateway.store.session import Session


class MoneyTable:
    """Implements the port `Money`."""

    def __init__(self, session: Session) -> None:
        self.filings = FilingTable(session)
        self.manifests = ManifestTable(session)
        self.declarations = DeclarationTable(session)
        self.charges = ChargeTable(session)
        self.orders = OrderTable(session)
        self.events = EventTable(session)
        self.refunds = RefundTable(session)
        self.calls = CallTable(session)
        self.settlements = SettlementTable(session)
        self.work = WorkTable(session)
        self.books = BookTable(session)
