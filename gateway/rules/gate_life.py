"""The life of a gate appointment after it was confirmed: cancel, a new schedule, arrival, breaches.

Source: rules.md C.3 (policy), G.3 (P6, P9), H-42.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.findings import Finding
from gateway.rules.gate_policy import DEFAULT_POLICY, GatePolicy
from gateway.rules.gate_request import Slot, VesselCall, receiving_window, shown
from gateway.rules.verdict import NOTHING, Clause, Verdict, conclude, kind


class GateState(StrEnum):
    """requested → confirmed → used, cancelled, REVIEW or BREACHED."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    USED = "used"
    CANCELLED = "cancelled"
    REVIEW = "REVIEW"
    BREACHED = "BREACHED"


# Such an appointment holds its place and its box.
LIVE = frozenset({GateState.REQUESTED, GateState.CONFIRMED, GateState.REVIEW})

NOT_LIVE = kind(
    "NOT_LIVE",
    "预约状态为 {value}，不能再变更",
    "the appointment is {value}; it does not change any more",
)
SLOT_STARTED = kind(
    "SLOT_STARTED",
    "时段已开始({start})，不能取消",
    "the slot has begun ({start}); it cannot be cancelled any more",
)
CUTOFF_MOVED = kind(
    "CUTOFF_MOVED",
    "截港时间提前至 {closes}，预约时段({start})需人工审核",
    "the closing of the yard moved to {closes}, before the slot ({start}): an officer decides",
    severity="warning",
)
CALL_GONE = kind(
    "NO_SCHEDULE",
    "船期取消或不完整，预约时段({start})需人工审核",
    "the call is gone from the schedule or incomplete; the slot ({start}): an officer decides",
    severity="warning",
)
ARRIVED_EARLY = kind(
    "ARRIVED_EARLY",
    "到场过早，{opens} 起可以进场",
    "arrived too early; the gate takes the truck from {opens}",
)
BREACHED = kind(
    "BREACHED",
    "{until} 前未到场，记违约一次(30 天内第 {count} 次)",
    "no arrival until {until}: one breach, number {count} of the span",
)
SUSPENDED_NOW = kind(
    "SUSPENDED",
    "违约达 {count} 次，暂停预约至 {until}",
    "{count} breaches: suspended until {until}",
)

CANCEL = (Clause("gate-cancel", "1", "C.3 policy: until the slot starts"),)
SCHEDULE = (Clause("gate-schedule", "1", "C.3 policy: survives a new ETB; P6"),)
ATTENDANCE = (
    Clause("gate-attendance", "1", "C.3 policy; H-42; P9"),
    Clause("gate-breaches", "1", "C.3 policy; H-42; P9"),
)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How an appointment stands: `state`, breaches of the span that ends now, and a suspension."""

    verdict: Verdict
    state: GateState
    breaches: int
    suspended_until: datetime | None


def decide_gate_cancel(state: GateState, start: datetime, now: datetime) -> Verdict:
    """A live appointment, until its slot starts."""
    found: list[Finding] = []
    if state not in LIVE:
        found.append(NOT_LIVE.at(value=state))
    elif now >= start:
        found.append(SLOT_STARTED.at(start=shown(start)))
    return conclude(found, CANCEL, ("预约已取消", "the appointment is cancelled"))


def decide_schedule_change(
    slot: Slot, call: VesselCall | None, policy: GatePolicy = DEFAULT_POLICY
) -> Verdict:
    """A confirmed slot and a new schedule: it survives a new ETB, not an earlier cut-off (P6).

    outcome "review" turns the appointment to REVIEW, and both sides are told.
    """
    window = receiving_window(call, policy)
    start = shown(slot.start)
    if window is None:
        return conclude((CALL_GONE.at(start=start),), SCHEDULE, _REVIEW, "review")
    if slot.start >= window[1]:
        moved = CUTOFF_MOVED.at(closes=shown(window[1]), start=start)
        return conclude((moved,), SCHEDULE, _REVIEW, "review")
    return conclude(NOTHING, SCHEDULE, ("预约继续有效", "the appointment stays valid"))


_REVIEW = ("预约待人工审核", "the appointment waits for an officer")


def arrival_span(slot: Slot, policy: GatePolicy = DEFAULT_POLICY) -> tuple[datetime, datetime]:
    """First and last instant at which the truck may arrive; both are in time (H-42)."""
    return slot.start - policy.grace_before, slot.end + policy.grace_after


def decide_attendance(
    slot: Slot,
    arrived: datetime | None,
    now: datetime,
    earlier: Sequence[datetime] = (),
    policy: GatePolicy = DEFAULT_POLICY,
) -> Attendance:
    """Whether the truck came: used, still awaited ("hold"), or BREACHED (P9).

    earlier: instants of the fleet's breaches.  A breach is that of the last instant it could come.
    """
    opens, until = arrival_span(slot, policy)
    if arrived is not None and arrived <= until:
        return _arrived(arrived, opens)
    if arrived is None and now <= until:
        waits = ("等待车辆到场", "the truck is awaited")
        verdict = conclude(NOTHING, ATTENDANCE, waits, "hold")
        return Attendance(verdict, GateState.CONFIRMED, 0, None)
    count, suspended = breach_count((*earlier, until), policy)
    found = [BREACHED.at(until=shown(until), count=count)]
    if suspended is not None:
        found.append(SUSPENDED_NOW.at(count=count, until=shown(suspended)))
    verdict = conclude(found, ATTENDANCE, ("", ""))
    return Attendance(verdict, GateState.BREACHED, count, suspended)


def _arrived(arrived: datetime, opens: datetime) -> Attendance:
    if arrived < opens:
        verdict = conclude((ARRIVED_EARLY.at(opens=shown(opens)),), ATTENDANCE, ("", ""))
        return Attendance(verdict, GateState.CONFIRMED, 0, None)
    verdict = conclude(NOTHING, ATTENDANCE, ("车辆已到场", "the truck came in time"))
    return Attendance(verdict, GateState.USED, 0, None)


def breach_count(
    breaches: Sequence[datetime], policy: GatePolicy = DEFAULT_POLICY
) -> tuple[int, datetime | None]:
    """Breaches of the 30 × 24 h that end with the last one, and until when they suspend (H-42)."""
    if not breaches:
        return 0, None
    last = max(breaches)
    count = sum(1 for each in breaches if last - each <= policy.breach_span)
    return count, last + policy.suspended_for if count >= policy.suspended_after else None
