"""WISH: what a fleet asks of a gate, however it came (API, file), and how it is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from gateway.canonical.appointment_request import AppointmentRequest
from gateway.pipeline.gate.instants import instant
from gateway.pipeline.gate.rows import AppointmentRow
from gateway.rules.gate_waiting import Papers

_SHOWN_OF_IDENTITY = 4


@dataclass(frozen=True, slots=True)
class Wish:
    """One box and one slot: `slot` by its id, or terminal, direction and start (and kind of box).

    driver: an identity number, as given; only a masked one is ever stored.
    """

    terminal: str
    direction: str
    container: str
    starts_at: datetime | None = None
    slot: str | None = None
    box: str | None = None
    booking: str | None = None
    bill_of_lading: str | None = None
    delivery_order: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    plate: str | None = None
    driver: str | None = None
    card: str | None = None
    wait: bool = False

    @property
    def digest(self) -> str:
        """The same for the same request; the driver's number cannot be guessed from it."""
        values = asdict(replace(self, driver=masked(self.driver)))
        text = json.dumps(values, ensure_ascii=True, sort_keys=True, default=datetime.isoformat)
        return hashlib.sha256(text.encode()).hexdigest()

    def elsewhere(self, slot: str | None, starts_at: datetime | None, box: str | None) -> Wish:
        """The same wish for another slot of the same terminal."""
        return replace(self, slot=slot, starts_at=starts_at, box=box or self.box)

    def papers(self, booking: str | None, bill: str | None, voyage: str | None) -> Papers:
        """The names under which what is missing may come, with what documents added."""
        return Papers(
            container=self.container,
            booking=self.booking or booking,
            bill=self.bill_of_lading or bill,
            delivery_order=self.delivery_order,
            voyage=voyage or self.voyage,
        )


def of_request(request: AppointmentRequest) -> Wish:
    """A part of a file."""
    return Wish(
        terminal=request.terminal,
        direction=request.direction.value,
        container=request.container.upper(),
        starts_at=instant(request.start),
        box=request.box,
        booking=number(request.booking_number),
        bill_of_lading=number(request.bill_of_lading),
        delivery_order=number(request.delivery_order),
        vessel=number(request.vessel),
        voyage=number(request.voyage),
        plate=request.plate,
        driver=request.driver,
        card=request.card,
        wait=request.wait,
    )


def of_row(row: AppointmentRow) -> Wish:
    """What a stored appointment asks for; its driver is known by a masked number only."""
    return Wish(
        terminal=row.terminal,
        direction=row.direction,
        container=row.container,
        starts_at=row.starts_at,
        slot=row.slot,
        box=row.box,
        booking=row.booking,
        bill_of_lading=row.bill_of_lading,
        delivery_order=row.delivery_order,
        vessel=row.vessel,
        voyage=row.voyage,
        plate=row.plate,
        card=row.card,
        wait=row.wait,
    )


def number(text: str | None) -> str | None:
    """A number as search keys have it."""
    bare = (text or "").strip().upper()
    return bare or None


def masked(identity: str | None) -> str | None:
    """Enough to recognise a driver at the gate, too little to be anybody else."""
    if not identity:
        return None
    if len(identity) <= 2 * _SHOWN_OF_IDENTITY:
        return "*" * len(identity)
    shown = identity[:_SHOWN_OF_IDENTITY], identity[-_SHOWN_OF_IDENTITY:]
    return shown[0] + "*" * (len(identity) - 2 * _SHOWN_OF_IDENTITY) + shown[1]
