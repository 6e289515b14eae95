"""TX: the nouns of one transaction, put together (the port `Tx`)."""

from __future__ import annotations

from gateway.store.audit import AuditTable
from gateway.store.customs.table import CustomsTable
from gateway.store.dead_letters import DeadLetterTable
from gateway.store.deliveries import DeliveryTable
from gateway.store.documents import DocumentTable
from gateway.store.firms.table import FirmsTable
from gateway.store.gate.table import GateTable
from gateway.store.holds import HoldTable
from gateway.store.interchanges import InterchangeTable
from gateway.store.leases import LeaseTable
from gateway.store.money.table import MoneyTable
from gateway.store.outbox import OutboxTable
from gateway.store.partners import PartnerTable
from gateway.store.session import Session
from gateway.store.timers import TimerTable


class Transaction:
    """All nouns on one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.interchanges = InterchangeTable(session)
        self.documents = DocumentTable(session)
        self.deliveries = DeliveryTable(session)
        self.outbox = OutboxTable(session)
        self.dead_letters = DeadLetterTable(session)
        self.partners = PartnerTable(session)
        self.timers = TimerTable(session)
        self.holds = HoldTable(session)
        self.leases = LeaseTable(session)
        self.audit = AuditTable(session)
        self.firms = FirmsTable(session)
        self.gate = GateTable(session)
        self.customs = CustomsTable(session)
        self.money = MoneyTable(session)
