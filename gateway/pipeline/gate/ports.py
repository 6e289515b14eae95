"""What the steps and jobs ask of the store about slots and gate appointments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from gateway.pipeline.gate.rows import (
    AppointmentFilter,
    AppointmentRow,
    BoxAppointment,
    BreachRow,
    CallRow,
    EventRow,
    FactRow,
    FleetCount,
    FoundDocument,
    NewSlot,
    SlotFilter,
    SlotRow,
    Sought,
)
from gateway.pipeline.rows import Page


class Slots(Protocol):
    """Pools 集港预约池."""

    def publish(self, slots: Sequence[NewSlot]) -> None:
        """Insert, or set end, quota and release anew; a quota never falls below what is taken."""

    def find(self, slot: str) -> SlotRow | None: ...

    def at(self, terminal: str, direction: str, starts_at: datetime) -> list[SlotRow]:
        """The slots of every box kind that begin then."""

    def take(self, slot: str) -> bool:
        """Take one place; false where none is left.  One statement: the quota is never oversold."""

    def give_back(self, slot: str) -> None:
        """One place is free again."""

    def page(self, wanted: SlotFilter, after: str | None, limit: int) -> Page:
        """In order of start."""


class Calls(Protocol):
    """Windows and cut-offs of voyages."""

    def of_voyage(self, voyage: str) -> list[CallRow]:
        """Every row of a voyage number, of any vessel and terminal."""

    def put(self, call: dict[str, Any], seq: int | None) -> int:
        """Insert (seq None) or change some columns; returns the row's seq.  Revision + 1."""

    def find(self, seq: int) -> CallRow | None: ...

    def page(self, terminal: str | None, before: str | None, limit: int) -> Page:
        """Newest first."""


class Appointments(Protocol):
    """Appointments and their history."""

    def add(self, row: AppointmentRow, by: str) -> None:
        """Insert with its first event; a second live one of its box and direction is refused."""

    def change(self, row: AppointmentRow, by: str) -> None:
        """Write what can change (state, slot, decision), with an event; revision is the row's."""

    def find(self, appointment: str) -> AppointmentRow | None: ...

    def locked(self, appointment: str) -> AppointmentRow | None:
        """As `find`; nobody else changes it before this transaction ends."""

    def live(self, container: str, direction: str) -> AppointmentRow | None: ...

    def breached(self, container: str, direction: str, since: datetime) -> list[AppointmentRow]:
        """BREACHED ones whose slot started after then, newest first."""

    def last_used(self, container: str, direction: str) -> datetime | None:
        """When the box last went through: older papers belong to an earlier journey."""

    def by_key(self, account: str, key: str) -> AppointmentRow | None:
        """The one that an Idempotency-Key made, unless it was rejected."""

    def of_voyage(self, voyage: str, after: int, limit: int) -> list[AppointmentRow]:
        """Live ones for a voyage number, by seq."""

    def page(self, wanted: AppointmentFilter, before: str | None, limit: int) -> Page:
        """Newest first."""

    def history(self, appointment: str) -> list[EventRow]: ...

    def of_document(self, document: int, kind: str, limit: int) -> list[BoxAppointment]:
        """Per container or booking of a document (its seq): its live appointments, or none."""

    def counts(self, wanted: SlotFilter, partner: str | None) -> list[FleetCount]:
        """By slot, fleet and state; rejected ones are not counted."""


class Breaches(Protocol):
    """Breaches 违约 and what follows from them."""

    def add(self, row: BreachRow) -> None: ...

    def withdraw(self, appointment: str) -> None:
        """It stays on record and counts no more."""

    def instants(self, partner: str, since: datetime) -> list[datetime]:
        """Of those that count."""

    def suspend(self, partner: str, until: datetime | None, breaches: int) -> None:
        """Set or lift (None) the suspension."""

    def suspended_until(self, partner: str) -> datetime | None: ...

    def lock(self, partner: str) -> None:
        """Count one fleet's breaches one after the other."""

    def page(
        self, partner: str | None, terminal: str | None, before: str | None, limit: int
    ) -> Page:
        """Newest first."""


class Papers(Protocol):
    """Documents and facts that a request needs."""

    def find(self, sought: Sought) -> FoundDocument | None:
        """The newest in force that carries it and does not delete it."""

    def fact(self, kind: str, key: str) -> FactRow | None: ...

    def await_facts(self, appointment: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Remember what an appointment waits for, instead of what it waited for before."""

    def came(self, document: int, kind: str) -> int:
        """A document (its seq) brought facts of a kind: ask whoever waits for its numbers."""


class Gate(Protocol):
    """Slots and gate appointments, inside one transaction."""

    @property
    def slots(self) -> Slots: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def appointments(self) -> Appointments: ...
    @property
    def breaches(self) -> Breaches: ...
    @property
    def papers(self) -> Papers: ...

    def fact(self, kind: str, key: str, value: str = "true", source: str = "") -> int:
        """Record a fact and ask every appointment that waits for it; how many.

        kind and key: `fees_paid` by bill of lading, `customs_released` by container or bill,
        `booking`, `eclp`, `vgm`, `delivery_order` by container or booking, `schedule` by voyage.
        value "" takes the fact back.
        """
