"""POOLS 集港预约池: slots as a terminal publishes them, checked and taken over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from gateway.canonical.slot_pool import PoolSlot
from gateway.findings import Finding
from gateway.limits import GATE_SLOT_SECONDS_MAX, GATE_SLOTS_PER_POOL_MAX
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.instants import instant
from gateway.pipeline.gate.rows import NewSlot
from gateway.pipeline.ports import Tx
from gateway.rules.verdict import kind

SLOT_TIME = kind(
    "SLOT_TIME",
    "时段 {value} 的起止时间无效(须为先后两个时刻，不超过 24 小时)",
    "slot {value}: start and end must be instants, one after the other, at most 24 hours apart",
)
SLOT_TWICE = kind(
    "SLOT_TWICE",
    "时段 {value} 在同一预约池中出现两次",
    "slot {value} stands twice in this pool",
)
TOO_MANY_SLOTS = kind(
    "TOO_MANY_SLOTS",
    "预约池超过 {most} 个时段",
    "the pool has more than {most} slots",
)
QUOTA_BELOW_USED = kind(
    "QUOTA_BELOW_USED",
    "时段 {value} 已约 {used}，名额不能降至 {quota}，按 {used} 处理",
    "slot {value}: {used} places are taken; the quota {quota} becomes {used}",
    severity="warning",
)


def slots_of(
    desk: Desk, terminal: str, partner: str, parts: Iterable[PoolSlot]
) -> tuple[list[NewSlot], list[Finding]]:
    """The slots that are right, and what is wrong with the others; policy fills what is unsaid."""
    made: dict[tuple[object, ...], NewSlot] = {}
    found: list[Finding] = []
    for number, part in enumerate(parts):
        if number >= GATE_SLOTS_PER_POOL_MAX:
            found.append(TOO_MANY_SLOTS.at(most=GATE_SLOTS_PER_POOL_MAX))
            break
        slot = _slot(desk, terminal, partner, part)
        if slot is None:
            found.append(SLOT_TIME.at(value=part.start.wall))
            continue
        key = (slot.direction, slot.box, slot.starts_at)
        if key in made:
            found.append(SLOT_TWICE.at(value=part.start.wall))
        made[key] = slot
    return list(made.values()), found


def publish(tx: Tx, slots: Sequence[NewSlot]) -> list[Finding]:
    """Write them; a quota below what is taken is told, and becomes what is taken."""
    found = [
        QUOTA_BELOW_USED.at(value=row.id, used=row.used, quota=new.quota)
        for new in slots
        for row in tx.gate.slots.at(new.terminal, new.direction, new.starts_at)
        if row.box == new.box and row.used > new.quota
    ]
    tx.gate.slots.publish(slots)
    return found


def _slot(desk: Desk, terminal: str, partner: str, part: PoolSlot) -> NewSlot | None:
    start = instant(part.start)
    if start is None or "T" not in part.start.wall:
        return None
    policy = desk.policies.on(start)
    end = start + policy.figures.slot if part.end is None else instant(part.end)
    released = policy.released(start) if part.released_at is None else instant(part.released_at)
    if end is None or released is None:
        return None
    if not timedelta(0) < end - start <= timedelta(seconds=GATE_SLOT_SECONDS_MAX):
        return None
    return NewSlot(
        terminal, part.direction.value, part.box, start, end, part.quota, released, partner
    )
