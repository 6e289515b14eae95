"""What crosses the port to the store about gates: plain frozen values.  Instants are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot as stored: `used` of `quota` places are taken."""

    id: str
    terminal: str
    direction: str
    box: str
    starts_at: datetime
    ends_at: datetime
    quota: int
    used: int
    released_at: datetime


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A slot as its terminal publishes it; partner: who did."""

    terminal: str
    direction: str
    box: str
    starts_at: datetime
    ends_at: datetime
    quota: int
    released_at: datetime
    partner: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """What is known of a voyage at a terminal ("": the schedule names none).

    vessel: its key (canonical/manifest.vessel_key).  plan_open, plan_close, plan_boxes: of the
    terminal's plan; the others of the vessel schedule.
    """

    seq: int
    terminal: str
    vessel: str
    name: str
    voyage: str
    etb: datetime | None
    open_at: datetime | None
    gate_close: datetime | None
    customs_close: datetime | None
    document_close: datetime | None
    plan_open: datetime | None
    plan_close: datetime | None
    plan_boxes: int | None
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment as stored.

    state: requested → confirmed → used, cancelled, REVIEW, BREACHED; or rejected.  facts: what was
    found when it was decided; policy: the version of the figures.  driver is masked.
    """

    seq: int
    id: str
    partner: str
    account: str
    test: bool
    terminal: str
    slot: str
    direction: str
    box: str
    starts_at: datetime
    ends_at: datetime
    container: str
    booking: str | None
    bill_of_lading: str | None
    delivery_order: str | None
    vessel: str | None
    voyage: str | None
    plate: str | None
    driver: str | None
    card: str | None
    wait: bool
    state: str
    revision: int
    asked: int
    codes: list[str]
    rules: list[dict[str, str]]
    findings: list[dict[str, Any]]
    explanation: dict[str, str]
    facts: dict[str, Any]
    policy: str
    idempotency_key: str | None
    digest: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One step of an appointment's history; by: the account, or "timer", "schedule", "gate"."""

    appointment: str
    revision: int
    at: datetime
    state: str
    slot: str
    codes: list[str]
    explanation: dict[str, str]
    by: str


@dataclass(frozen=True, slots=True)
class BreachRow:
    """A breach 违约: the last instant at which the truck could have come."""

    appointment: str
    partner: str
    terminal: str
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact that another service has told: value "" is one that was taken back."""

    kind: str
    key: str
    value: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class SlotFilter:
    """Slots of [since, until) by start."""

    since: datetime
    until: datetime
    terminal: str | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class AppointmentFilter:
    """Whose appointments: partner's own, or those at a terminal; both None only for operators."""

    partner: str | None = None
    terminal: str | None = None
    state: str | None = None
    direction: str | None = None
    container: str | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class FleetCount:
    """How many appointments of a slot a fleet has, by state."""

    slot: str
    partner: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class BoxAppointment:
    """A live appointment that a document's box or booking has; value: the number in the document.

    appointment is None where there is none.
    """

    value: str
    appointment: str | None = None
    terminal: str = ""
    direction: str = ""
    state: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """An accepted document that carries what was looked for, with search keys of its own."""

    id: str
    key: dict[str, str]
    vessels: tuple[str, ...] = ()
    voyages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """Which document: type, the name it is known by, the box it must not exclude, its voyage.

    since: only documents received after then (a box comes again and again).
    """

    document: str
    kind: str
    value: str
    container: str | None = None
    voyage: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """预约统计 of one slot; fleets: partner → state → count."""

    slot: SlotRow
    fleets: dict[str, dict[str, int]] = field(default_factory=dict)
