"""DOCUMENTS and gates: what follows from an accepted one, and what is said before it.

Pools, plans and requests may come as files; schedules set windows, papers wake the requests that
wait for them, gate moves close appointments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from gateway.canonical.appointment_request import AppointmentRequest
from gateway.canonical.document import Function
from gateway.canonical.gate_move import MovedContainer, MoveHeader, MoveKind
from gateway.canonical.gate_plan import PlannedVoyage
from gateway.canonical.model import CodeName, Model
from gateway.canonical.release_notice import ReleaseNotice
from gateway.canonical.slot_pool import PoolSlot
from gateway.canonical.vessel_schedule import PortCall, ScheduleHeader
from gateway.limits import PARTS_PER_BATCH_MAX
from gateway.pipeline.counsel import Effect, Matter
from gateway.pipeline.gate import life, pools, windows
from gateway.pipeline.gate.booking import request
from gateway.pipeline.gate.desk import Desk, is_terminal
from gateway.pipeline.gate.instants import instant, is_day_only
from gateway.pipeline.gate.wish import of_request
from gateway.pipeline.rows import AccountRef
from gateway.telemetry.events import emit

M = TypeVar("M", bound=Model)
# Document type → the kind of fact that it brings.
_BRINGS = {
    "booking": "booking",
    "container_load_plan": "eclp",
    "verified_gross_mass": "vgm",
    "delivery_order": "delivery_order",
}
_GONE = frozenset({Function.CANCEL.value, Function.DELETE.value})
_WAYS = {MoveKind.GATE_IN: "export_gate_in", MoveKind.GATE_OUT: "import_pickup"}


class GateEffects:
    """What accepted documents do to slots, windows and appointments."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> tuple[Effect, ...]:
        """In order: a schedule before what waits for it."""
        return (
            Effect(frozenset({"vessel_schedule"}), self.schedule),
            Effect(frozenset({"gate_plan"}), self.plan),
            Effect(frozenset({"slot_pool"}), self.pool),
            Effect(frozenset({"release_notice"}), self.releases),
            Effect(frozenset(_BRINGS), self.paper),
            Effect(frozenset({"gate_move"}), self.moves),
            Effect(frozenset({"appointment_request"}), self.requests),
        )

    def schedule(self, matter: Matter) -> None:
        """Windows and cut-offs of every call; function 1 or 3 takes them away."""
        document = matter.document
        header = readable(ScheduleHeader, json.dumps(document.header))
        if header is None:
            return
        partners = self._desk.directory.partners()
        own = matter.partner.code if matter.partner and is_terminal(matter.partner) else None
        gone = document.function in _GONE
        if gone and not document.parts:
            windows.withdrawn(matter.tx, document.key, document.partner)
        for _, part in accepted(matter, PortCall):
            terminal = _named(part.terminal)
            code = windows.terminal_of(partners, terminal) or (own if not terminal else None)
            windows.from_schedule(
                matter.tx, header.vessel, part, code, gone=gone, by=document.partner
            )
        matter.tx.gate.papers.came(document.seq, "schedule")

    def plan(self, matter: Matter) -> None:
        """Windows as the terminal plans them."""
        document = matter.document
        gone = document.function in _GONE
        terminal = str(document.header.get("terminal", ""))
        for _, part in accepted(matter, PlannedVoyage):
            windows.from_plan(matter.tx, terminal, part, gone=gone, by=document.partner)
        matter.tx.gate.papers.came(document.seq, "schedule")

    def pool(self, matter: Matter) -> None:
        """Slots with their quota; function 1 closes them: no places beyond those taken."""
        document = matter.document
        terminal = str(document.header.get("terminal", ""))
        parts = [part for _, part in accepted(matter, PoolSlot)]
        if document.function in _GONE:
            parts = [part.model_copy(update={"quota": 0}) for part in parts]
        slots, _ = pools.slots_of(self._desk, terminal, document.partner, parts)
        pools.publish(matter.tx, slots)

    def releases(self, matter: Matter) -> None:
        """Facts that others tell: whoever waits for them is asked again."""
        document = matter.document
        for _, part in accepted(matter, ReleaseNotice):
            number = part.number.upper()
            value = "true" if part.holds else ""
            matter.tx.gate.fact(part.fact.value, number, value, document.id)
            if part.holds:
                matter.tx.holds.release(part.fact.value, number)

    def paper(self, matter: Matter) -> None:
        """Requests that wait for it are asked again."""
        document = matter.document
        matter.tx.gate.papers.came(document.seq, _BRINGS[document.type])

    def requests(self, matter: Matter) -> None:
        """Book part by part; each has its own answer, told by a notice."""
        document = matter.document
        account = AccountRef(document.partner, document.account)
        for ordinal, part in accepted(matter, AppointmentRequest):
            wish = of_request(part)
            request(self._desk, matter.tx, account, wish, f"{document.id}/{ordinal}")

    def moves(self, matter: Matter) -> None:
        """The box went through the gate of its terminal: its appointment is used."""
        header = readable(MoveHeader, json.dumps(matter.document.header))
        way = _WAYS.get(header.kind) if header else None
        if way is None or matter.document.function in _GONE:
            return
        partners = self._desk.directory.partners()
        for _, part in accepted(matter, MovedContainer):
            place = windows.terminal_of(partners, _named(part.place))
            terminal = place or matter.document.partner
            self._moved(matter, terminal, part, way)

    def _moved(self, matter: Matter, terminal: str, part: MovedContainer, way: str) -> None:
        if not part.number:
            return
        at = instant(part.moved_at)
        if at is None or (part.moved_at and is_day_only(part.moved_at)):
            # No hour was told: it is told now, so it was by now.
            at = min(at, matter.now) if at and at.date() > matter.now.date() else matter.now
        row = life.arrived(self._desk, matter.tx, terminal, (part.number.upper(), way), at)
        if row is None:
            emit("gate_move_without_appointment", "info", terminal=terminal, direction=way)


def _named(place: CodeName | None) -> str | None:
    return place.code or place.name if place else None


def readable(model: type[M], text: str) -> M | None:
    """What was stored, as the model; None where it does not fit.

    An agreement may have made a mere warning of what a part lacks: then it is accepted, but tells a
    gate nothing.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        emit("gate_part_unreadable", "warning", model=model.__name__, faults=error.error_count())
        return None


def accepted(matter: Matter, model: type[M]) -> Iterator[tuple[int, M]]:
    """(ordinal, part) of the parts that the decision has not left out; page by page."""
    documents = matter.tx.documents
    decisions = documents.decisions(matter.document.id)
    facts = decisions[-1].facts if decisions else {}
    left_out = set(facts.get("rejected_parts", ()))
    after = 0
    while True:
        rows = documents.parts(matter.document.id, after, PARTS_PER_BATCH_MAX)
        for row in rows:
            part = None if row.ordinal in left_out else readable(model, row.canonical)
            if part is not None:
                yield row.ordinal, part
        if len(rows) < PARTS_PER_BATCH_MAX:
            return
        after = rows[-1].ordinal
