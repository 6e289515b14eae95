"""The JSON shapes of gate appointments, slots and plans; instants are ISO 8601 with an offset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.adapters.http.shapes import Shape
from gateway.canonical.gate_plan import PlannedVoyage
from gateway.canonical.model import PortTime
from gateway.canonical.slot_pool import (
    ANY_BOX,
    BoxKind,
    GateDirection,
    PoolSlot,
    Quota,
    TerminalCode,
)
from gateway.canonical.vessel import Vessel
from gateway.limits import GATE_SLOTS_PER_POOL_MAX
from gateway.pipeline.gate.wish import Wish, number
from gateway.rules.calendar import PORT_ZONE

Number = Annotated[str, StringConstraints(min_length=1, max_length=70)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=30)]
SLOT_ID = r"^[A-Z0-9]{2,20}-(in|out)-[0-9]{8}T[0-9]{6}Z-[A-Z0-9]{1,8}$"
SlotId = Annotated[str, StringConstraints(pattern=SLOT_ID)]
Direction = Literal["export_gate_in", "import_pickup"]


class Given(BaseModel):
    """What clients send: nothing unknown, strings never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AppointmentRequest(Given):
    """A request: the slot by its id, or by its start (and kind of box) at the terminal."""

    terminal: TerminalCode
    direction: GateDirection
    slot: SlotId | None = None
    start: AwareDatetime | None = None
    box: BoxKind | None = None
    container: Short
    booking_number: Number | None = None
    bill_of_lading: Number | None = None
    delivery_order: Number | None = None
    vessel: Number | None = None
    voyage: Number | None = None
    plate: Short | None = None
    driver: Short | None = None
    card: Short | None = None
    wait: bool = False

    def wish(self) -> Wish:
        """As the service takes it."""
        return Wish(
            terminal=self.terminal,
            direction=self.direction.value,
            container=self.container.upper(),
            starts_at=self.start,
            slot=self.slot,
            box=self.box,
            booking=number(self.booking_number),
            bill_of_lading=number(self.bill_of_lading),
            delivery_order=number(self.delivery_order),
            vessel=number(self.vessel),
            voyage=number(self.voyage),
            plate=self.plate,
            driver=self.driver,
            card=self.card,
            wait=self.wait,
        )


class SlotChange(Given):
    """Another slot of the same terminal and direction."""

    slot: SlotId | None = None
    start: AwareDatetime | None = None
    box: BoxKind | None = None


class Review(Given):
    """What the terminal's officer decides about an appointment in REVIEW."""

    decision: Literal["keep", "cancel"]


class Step(Shape):
    """One step of the history."""

    revision: int
    at: datetime
    state: str
    slot: str
    codes: list[str]
    explanation: dict[str, str]
    by: str


class Appointment(Shape):
    """An appointment; the driver's number is masked.  policy: the version of the figures."""

    id: str
    partner: str
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
    test: bool
    state: str
    revision: int
    codes: list[str]
    rules: list[dict[str, str]]
    findings: list[dict[str, Any]]
    explanation: dict[str, str]
    facts: dict[str, Any]
    policy: str
    created_at: datetime
    changed_at: datetime


class AppointmentTold(Appointment):
    """With its history, oldest step first."""

    history: list[Step] = Field(default_factory=list)


class AppointmentPage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[Appointment]
    cursor: str | None


class Breach(Shape):
    """A breach 违约; counts is false where a late gate move has shown that the truck was there."""

    appointment: str
    partner: str
    terminal: str
    at: datetime
    counts: bool


class BreachPage(Shape):
    """Newest first.  suspended_until: of the asking firm, null where it is not suspended."""

    items: list[Breach]
    cursor: str | None
    suspended_until: datetime | None


class Slot(Shape):
    """A slot of a pool."""

    id: str
    terminal: str
    direction: str
    box: str
    starts_at: datetime
    ends_at: datetime
    quota: int
    used: int
    left: int
    released_at: datetime


class SlotPage(Shape):
    """In order of start; `cursor` continues, null at the end."""

    items: list[Slot]
    cursor: str | None


class SlotGiven(Given):
    """One slot; end and released_at are the policy's where they are not given."""

    start: AwareDatetime
    end: AwareDatetime | None = None
    direction: GateDirection
    box: BoxKind = ANY_BOX
    quota: Quota
    released_at: AwareDatetime | None = None

    def part(self) -> PoolSlot:
        """As a file has it."""
        return PoolSlot(
            start=_port_time(self.start),
            end=_port_time(self.end) if self.end else None,
            direction=self.direction,
            box=self.box,
            quota=self.quota,
            released_at=_port_time(self.released_at) if self.released_at else None,
        )


class PoolPublication(Given):
    """Slots of one terminal; a `slot_pool` document says the same as a file."""

    terminal: TerminalCode
    slots: list[SlotGiven] = Field(min_length=1, max_length=GATE_SLOTS_PER_POOL_MAX)


class VoyageGiven(Given):
    """One voyage: the ship by name, code or IMO number."""

    vessel: Number | None = None
    vessel_name: Number | None = None
    imo: Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$")] | None = None
    voyage: Number
    open_at: AwareDatetime | None = None
    gate_close: AwareDatetime | None = None
    boxes: Annotated[int, Field(ge=0, le=99_999_999)] | None = None

    @model_validator(mode="after")
    def _names_a_ship(self) -> VoyageGiven:
        if not (self.vessel or self.vessel_name or self.imo):
            raise ValueError("vessel, vessel_name or imo")
        return self

    def part(self) -> PlannedVoyage:
        """As a file has it."""
        return PlannedVoyage(
            vessel=Vessel(code=self.vessel, name=self.vessel_name, imo=self.imo),
            voyage=self.voyage,
            open_at=_port_time(self.open_at) if self.open_at else None,
            gate_close=_port_time(self.gate_close) if self.gate_close else None,
            boxes=self.boxes,
        )


class PlanPublication(Given):
    """Voyages of one terminal; a `gate_plan` document says the same as a file."""

    terminal: TerminalCode
    voyages: list[VoyageGiven] = Field(min_length=1, max_length=500)


def _port_time(instant: datetime) -> PortTime:
    wall = instant.astimezone(PORT_ZONE).replace(tzinfo=None, microsecond=0)
    return PortTime(wall=wall.isoformat(timespec="seconds"))


class Published(Shape):
    """How many slots or voyages were taken over, and remarks about them."""

    published: int
    findings: list[dict[str, Any]]


class VoyageWindow(Shape):
    """What schedule and plan say of a voyage at a terminal ("": the schedule names none)."""

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
    changed_at: datetime


class VoyagePage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[VoyageWindow]
    cursor: str | None


class StatisticsLine(Shape):
    """One slot as a whole (fleet ""), or one fleet's share of it."""

    terminal: str
    day: date
    slot: str
    starts_at: datetime
    ends_at: datetime
    direction: str
    box: str
    fleet: str
    quota: int
    booked: int
    used: int
    breached: int
    cancelled: int


class Statistics(Shape):
    """In order of start; truncated: ask for a narrower span."""

    items: list[StatisticsLine]
    truncated: bool
