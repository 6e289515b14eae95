"""STATISTICS 预约统计: per terminal, slot and fleet: quota, booked, used, breached.

Source: S0-44; rules.md C.3.  booked counts what held a place at any time: live, used, breached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.limits import GATE_STATISTICS_SLOTS_MAX
from gateway.pipeline.gate.rows import FleetCount, SlotFilter, SlotRow
from gateway.pipeline.ports import Tx
from gateway.rules.calendar import port_day

_BOOKED = ("requested", "confirmed", "REVIEW", "used", "BREACHED")
COLUMNS = (
    *("terminal", "day", "slot", "starts_at", "ends_at", "direction", "box", "fleet"),
    *("quota", "booked", "used", "breached", "cancelled"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One slot as a whole (fleet ""), or one fleet's share of it."""

    terminal: str
    day: date
    slot: str
    starts_at: str
    ends_at: str
    direction: str
    box: str
    fleet: str
    quota: int
    booked: int
    used: int
    breached: int
    cancelled: int


def statistics(tx: Tx, wanted: SlotFilter, partner: str | None) -> tuple[list[Line], bool]:
    """Lines by slot, the whole first, then its fleets; whether there are more slots than told.

    partner: where only its own share may be seen; then quota is the slot's, counts are its own.
    """
    slots = tx.gate.slots.page(wanted, None, GATE_STATISTICS_SLOTS_MAX + 1).rows
    by_slot: dict[str, list[FleetCount]] = defaultdict(list)
    for count in tx.gate.appointments.counts(wanted, partner):
        by_slot[count.slot].append(count)
    lines: list[Line] = []
    for slot in slots[:GATE_STATISTICS_SLOTS_MAX]:
        counts = by_slot[slot.id]
        if partner is None:
            lines.append(_line(slot, "", counts))
        fleets = sorted({count.partner for count in counts})
        lines += [_line(slot, each, [c for c in counts if c.partner == each]) for each in fleets]
    return lines, len(slots) > GATE_STATISTICS_SLOTS_MAX


def _line(slot: SlotRow, fleet: str, counts: Iterable[FleetCount]) -> Line:
    by_state: dict[str, int] = defaultdict(int)
    for count in counts:
        by_state[count.state] += count.count
    return Line(
        terminal=slot.terminal,
        day=port_day(slot.starts_at),
        slot=slot.id,
        starts_at=slot.starts_at.isoformat(),
        ends_at=slot.ends_at.isoformat(),
        direction=slot.direction,
        box=slot.box,
        fleet=fleet,
        quota=slot.quota,
        booked=sum(by_state[state] for state in _BOOKED),
        used=by_state["used"],
        breached=by_state["BREACHED"],
        cancelled=by_state["cancelled"],
    )
