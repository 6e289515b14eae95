"""LIFE of an appointment: cancelled, looked at by an officer, used, missed; a moved cut-off.

The rules are rules/gate_life; here their results are recorded, places given back, both sides told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.findings import Finding
from gateway.limits import GATE_LATE_MOVE_DAYS
from gateway.pipeline.gate.desk import Decided, Desk, slot_of
from gateway.pipeline.gate.rows import AppointmentRow, BreachRow
from gateway.pipeline.gate.windows import window
from gateway.pipeline.ports import Tx
from gateway.rules.gate_life import (
    GateState,
    arrival_span,
    breach_count,
    decide_attendance,
    decide_gate_cancel,
    decide_schedule_change,
)
from gateway.rules.verdict import Clause, Verdict, conclude, kind

NOT_IN_REVIEW = kind(
    "NOT_IN_REVIEW",
    "预约状态为 {value}，不在人工审核中",
    "the appointment is {value}; it does not wait for an officer",
)
LAPSED = kind(
    "LAPSED",
    "时段已过，预约未确认，自动取消",
    "the slot is over and the appointment was never confirmed: it lapsed",
    severity="warning",
)
REVIEWED = (Clause("gate-review", "1", "C.3 policy: an officer of the terminal decides"),)
OVER = (Clause("gate-lapse", "1", "C.3: a slot that is over is not used any more"),)


def cancel(desk: Desk, tx: Tx, row: AppointmentRow, by: str) -> Decided:
    """The fleet gives its slot up, until it starts.  row: locked."""
    now = desk.clock.now()
    verdict = decide_gate_cancel(GateState(row.state), row.starts_at, now)
    if verdict.outcome != "accept":
        return Decided(row, verdict)
    return Decided(_ended(desk, tx, row, verdict, by), verdict)


def review(desk: Desk, tx: Tx, row: AppointmentRow, *, keep: bool, by: str) -> Decided:
    """An officer of the terminal decides about an appointment in REVIEW.  row: locked."""
    if row.state != GateState.REVIEW:
        found: tuple[Finding, ...] = (NOT_IN_REVIEW.at(value=row.state),)
        return Decided(row, conclude(found, REVIEWED, ("", "")))
    if not keep:
        verdict = conclude((), REVIEWED, ("码头取消预约", "the terminal cancelled it"))
        return Decided(_ended(desk, tx, row, verdict, by), verdict)
    verdict = conclude((), REVIEWED, ("码头确认预约继续有效", "the terminal keeps it"))
    kept = _with(row, verdict, "confirmed", desk.clock.now())
    desk.keep(tx, kept, "confirmed", by)
    return Decided(kept, verdict)


def schedule_moved(desk: Desk, tx: Tx, row: AppointmentRow) -> bool:
    """A confirmed slot against what the schedule says now; whether it turned to REVIEW (P6)."""
    if row.state != GateState.CONFIRMED or row.direction != "export_gate_in":
        return False
    call = window(tx, row.terminal, {row.vessel} if row.vessel else (), row.voyage)
    verdict = decide_schedule_change(slot_of(row), call, desk.figures_of(row))
    if verdict.outcome != "review":
        return False
    desk.keep(tx, _with(row, verdict, "REVIEW", desk.clock.now()), "review", "schedule")
    return True


def slot_over(desk: Desk, tx: Tx, appointment: str) -> None:
    """The timer after the grace: a no-show is a breach; what was never confirmed lapses (P9)."""
    row = tx.gate.appointments.locked(appointment)
    if row is None:
        return
    if row.state == GateState.CONFIRMED:
        _missed(desk, tx, row, desk.clock.now())
    elif row.state in (GateState.REQUESTED, GateState.REVIEW):
        lapsed = conclude((LAPSED.at(),), OVER, ("", ""))
        _ended(desk, tx, row, lapsed, "timer")


def arrived(
    desk: Desk, tx: Tx, terminal: str, box: tuple[str, str], at: datetime
) -> AppointmentRow | None:
    """A gate move: box (container, direction) went through at `terminal` then.

    It uses the live appointment; else it shows, late, that a breach was none: the breach is taken
    back.  None where the box had no appointment.
    """
    container, direction = box
    live = tx.gate.appointments.live(container, direction)
    if live is not None and live.terminal == terminal:
        row = tx.gate.appointments.locked(live.id)
        if row is not None and row.state in (GateState.CONFIRMED, GateState.REVIEW):
            return _came(desk, tx, row, at)
        if row is not None and row.state == GateState.REQUESTED:
            return None
    since = at - timedelta(days=GATE_LATE_MOVE_DAYS)
    for row in tx.gate.appointments.breached(container, direction, since):
        opens, until = arrival_span(slot_of(row), desk.figures_of(row))
        if row.terminal == terminal and opens <= at <= until:
            return _was_there(desk, tx, row, at)
    return None


def _came(desk: Desk, tx: Tx, row: AppointmentRow, at: datetime) -> AppointmentRow:
    now = desk.clock.now()
    earlier = _breaches_before(desk, tx, row)
    came = decide_attendance(slot_of(row), at, now, earlier, desk.figures_of(row))
    if came.state == GateState.BREACHED:
        return _breached(desk, tx, row, now, at)
    if came.state == GateState.USED:
        used = _with(row, came.verdict, "used", now)
        desk.keep(tx, used, "used", "gate")
        return used
    # Too early: the gate did not take it; the appointment stands, the try is on record.
    tried = _with(row, came.verdict, row.state, now)
    desk.keep(tx, tried, "changed", "gate")
    return tried


def _was_there(desk: Desk, tx: Tx, row: AppointmentRow, at: datetime) -> AppointmentRow:
    now = desk.clock.now()
    came = decide_attendance(slot_of(row), at, now, (), desk.figures_of(row))
    used = _with(row, came.verdict, "used", now)
    tx.gate.breaches.lock(row.partner)
    tx.gate.breaches.withdraw(row.id)
    _suspend(desk, tx, row, now)
    desk.keep(tx, used, "used", "gate")
    return used


def _missed(desk: Desk, tx: Tx, row: AppointmentRow, now: datetime) -> None:
    came = decide_attendance(slot_of(row), None, now, (), desk.figures_of(row))
    if came.state == GateState.BREACHED:
        _breached(desk, tx, row, now, None)


def _breached(
    desk: Desk, tx: Tx, row: AppointmentRow, now: datetime, at: datetime | None
) -> AppointmentRow:
    """Count it with the fleet's others, one after the other, and suspend by policy."""
    figures = desk.figures_of(row)
    tx.gate.breaches.lock(row.partner)
    earlier = _breaches_before(desk, tx, row)
    came = decide_attendance(slot_of(row), at, now, earlier, figures)
    until = arrival_span(slot_of(row), figures)[1]
    tx.gate.breaches.add(BreachRow(row.id, row.partner, row.terminal, until, counts=True))
    _suspend(desk, tx, row, now)
    breached = _with(row, came.verdict, "BREACHED", now)
    desk.keep(tx, breached, "breached", "timer" if at is None else "gate")
    return breached


def _breaches_before(desk: Desk, tx: Tx, row: AppointmentRow) -> Sequence[datetime]:
    span = desk.figures_of(row).breach_span
    since = arrival_span(slot_of(row), desk.figures_of(row))[1] - span
    return tx.gate.breaches.instants(row.partner, since)


def _suspend(desk: Desk, tx: Tx, row: AppointmentRow, now: datetime) -> None:
    """The suspension that the fleet's breaches call for, over all that count and still matter."""
    figures = desk.figures_of(row)
    since = now - figures.breach_span - figures.suspended_for
    instants = tx.gate.breaches.instants(row.partner, since)
    # Each breach closes a span of its own; the latest suspension any of them gives is in force.
    untils = [breach_count(instants[: n + 1], figures) for n in range(len(instants))]
    ends = [(until, count) for count, until in untils if until is not None]
    until, count = max(ends) if ends else (None, 0)
    tx.gate.breaches.suspend(row.partner, until, count)


def _ended(desk: Desk, tx: Tx, row: AppointmentRow, verdict: Verdict, by: str) -> AppointmentRow:
    """Cancelled, by whomever: the place is free again."""
    ended = _with(row, verdict, "cancelled", desk.clock.now())
    tx.gate.slots.give_back(row.slot)
    desk.keep(tx, ended, "cancelled", by)
    return ended


def _with(row: AppointmentRow, verdict: Verdict, state: str, now: datetime) -> AppointmentRow:
    return replace(
        row,
        state=str(state),
        revision=row.revision + 1,
        codes=list(verdict.codes),
        rules=[clause.as_json() for clause in verdict.rules],
        findings=[finding.as_json() for finding in verdict.findings],
        explanation=dict(verdict.explanation),
        changed_at=now,
    )
