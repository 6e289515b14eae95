"""ADVICE of the gate about documents that are to be decided.

Pools and plans: only for the sender's own terminal.  Requests: what each would be answered.
E-CLP, container lists and bookings: which appointment their boxes have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from gateway.canonical.appointment_request import AppointmentRequest
from gateway.canonical.model import Model
from gateway.canonical.slot_pool import PoolSlot
from gateway.findings import NOWHERE, Finding, FindingKind, Severity
from gateway.limits import (
    GATE_BOXES_TOLD_MAX,
    GATE_REQUESTS_PER_FILE_MAX,
    GATE_SLOTS_PER_POOL_MAX,
    PARTS_PER_BATCH_MAX,
)
from gateway.pipeline.counsel import Adviser, Matter
from gateway.pipeline.gate import pools
from gateway.pipeline.gate.booking import foresee
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.documents import readable
from gateway.pipeline.gate.rows import BoxAppointment
from gateway.pipeline.gate.wish import of_request
from gateway.pipeline.rows import AccountRef
from gateway.rules.appointment_gate import DUPLICATE_LIVE
from gateway.rules.decision import NO_OBJECTION, Ruling
from gateway.rules.gate_request import DIRECTIONS, shown
from gateway.rules.verdict import kind

M = TypeVar("M", bound=Model)
FOUND = kind(
    "APPOINTMENT_FOUND",
    "{value} 已有{zh} {id}，码头 {terminal}，时段 {slot}",
    "{value} has the {en} appointment {id} at terminal {terminal}, slot {slot}",
    severity="info",
)
NONE = kind(
    "APPOINTMENT_NONE",
    "{value} 尚无预约",
    "{value} has no appointment yet",
    ("可向码头预约集港或提箱", "a fleet may book gate-in or pick-up"),
    severity="info",
)
MORE = kind(
    "APPOINTMENTS_MORE",
    "其余箱的预约请查询 /v1/appointments",
    "for the appointments of the other boxes ask /v1/appointments",
    severity="info",
)
TOO_MANY = FindingKind(
    "TOO_MANY_REQUESTS",
    Severity.ERROR,
    "一个文件最多 {most} 个预约申请",
    "a file may hold {most} requests at most",
)
_BOXES = frozenset({"container_load_plan", "container_list", "booking"})


class GateAdvice:
    """The advisers of the gate."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> tuple[Adviser, ...]:
        """Their ids go on record with each decision."""
        return (
            Adviser("gate-pool", "1", self.pool, frozenset({"slot_pool"})),
            Adviser("gate-plan", "1", self.plan, frozenset({"gate_plan"})),
            Adviser("gate-requests", "1", self.requests, frozenset({"appointment_request"})),
            Adviser("gate-found", "1", self.found, _BOXES),
        )

    def plan(self, matter: Matter) -> Ruling:
        """A terminal plans for itself."""
        account = AccountRef(matter.document.partner, matter.document.account)
        terminal = str(matter.document.header.get("terminal", ""))
        return Ruling(findings=tuple(self._desk.runs_terminal(account, terminal)))

    def pool(self, matter: Matter) -> Ruling:
        """And every slot of a pool is a span of time, once."""
        ruling = self.plan(matter)
        terminal = str(matter.document.header.get("terminal", ""))
        parts = _parts(matter, PoolSlot, GATE_SLOTS_PER_POOL_MAX + 1)
        slots = (part for _, part in parts)
        _, found = pools.slots_of(self._desk, terminal, matter.document.partner, slots)
        return Ruling(findings=(*ruling.findings, *found))

    def requests(self, matter: Matter) -> Ruling:
        """Each request as it would be answered now, those of the file before it counted in.

        Where the agreement takes part by part a refused one is left out, else it rejects the file.
        """
        document = matter.document
        if document.parts > GATE_REQUESTS_PER_FILE_MAX:
            return Ruling(findings=(TOO_MANY.at(most=GATE_REQUESTS_PER_FILE_MAX),))
        account = AccountRef(document.partner, document.account)
        agreement = matter.partner.agreement(document.type) if matter.partner else None
        by_part = agreement is not None and agreement.accept == "part"
        findings: list[Finding] = []
        refused: list[int] = []
        taken: Counter[str] = Counter()
        boxes: set[tuple[str, str]] = set()
        for ordinal, part in _parts(matter, AppointmentRequest, GATE_REQUESTS_PER_FILE_MAX):
            wish = of_request(part)
            box = (wish.container, wish.direction)
            verdict, slot = foresee(self._desk, matter.tx, account, wish, taken)
            told = list(verdict.findings)
            if box in boxes:
                told.append(_twice(*box))
            if verdict.outcome == "reject" or box in boxes:
                refused.append(ordinal)
            elif slot is not None:
                taken[slot] += 1
                boxes.add(box)
            findings += [_as_agreed(each.keyed(wish.container), by_part) for each in told]
        return Ruling(tuple(findings), rejected_parts=tuple(refused) if by_part else ())

    def found(self, matter: Matter) -> Ruling:
        """The appointment of each box, or that it has none; a booking without boxes: its own."""
        appointments = matter.tx.gate.appointments
        seq, most = matter.document.seq, GATE_BOXES_TOLD_MAX
        rows = appointments.of_document(seq, "container", most + 1)
        if not rows and matter.document.type == "booking":
            rows = appointments.of_document(seq, "booking", most + 1)
        if not rows:
            return NO_OBJECTION
        told = [_told(row) for row in rows[:most]]
        if len(rows) > most:
            told.append(MORE.at())
        return Ruling(findings=tuple(told))


def _twice(container: str, direction: str) -> Finding:
    zh, en = DIRECTIONS[direction]
    return DUPLICATE_LIVE.at(value=container, zh=zh, en=en)


def _as_agreed(finding: Finding, by_part: bool) -> Finding:
    """Where part is taken by part, one part's error does not refuse the others."""
    if by_part and finding.severity is Severity.ERROR:
        return replace(finding, severity=Severity.WARNING)
    return finding


def _told(row: BoxAppointment) -> Finding:
    if row.appointment is None or row.starts_at is None or row.ends_at is None:
        return NONE.at(NOWHERE._replace(key=row.value), row.value)
    zh, en = DIRECTIONS[row.direction]
    slot = f"{shown(row.starts_at)} - {shown(row.ends_at)}"
    found = FOUND.at(
        value=row.value, zh=zh, en=en, id=row.appointment, terminal=row.terminal, slot=slot
    )
    return found.keyed(row.value)


def _parts(matter: Matter, model: type[M], most: int) -> Iterator[tuple[int, M]]:
    """Parts that can be read, at most so many; the others have findings of their own."""
    after = 0
    while after < most:
        rows = matter.tx.documents.parts(matter.document.id, after, PARTS_PER_BATCH_MAX)
        for row in rows:
            part = None if row.errors else readable(model, row.canonical)
            if part is not None:
                yield row.ordinal, part
        if len(rows) < PARTS_PER_BATCH_MAX:
            return
        after = rows[-1].ordinal
