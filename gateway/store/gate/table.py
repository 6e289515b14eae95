"""Slots and gate appointments: the noun of one transaction (port `Gate`)."""

from __future__ import annotations

from gateway.store.gate.appointments import AppointmentTable
from gateway.store.gate.breaches import BreachTable
from gateway.store.gate.calls import CallTable
from gateway.store.gate.papers import PaperTable
from gateway.store.gate.slots import SlotTable
from gateway.store.session import Session


class GateTable:
    """Implements the port `Gate`."""

    __slots__ = ("appointments", "breaches", "calls", "papers", "slots")

    def __init__(self, session: Session) -> None:
        self.slots = SlotTable(session)
        self.calls = CallTable(session)
        self.appointments = AppointmentTable(session)
        self.breaches = BreachTable(session)
        self.papers = PaperTable(session)

    def fact(self, kind: str, key: str, value: str = "true", source: str = "") -> int:
        """See the port."""
        self.papers.record(kind, key, value, source)
        return self.papers.waiting(kind, key)
