"""SLOTS: pools as published, and the one statement that takes a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import case, select, tuple_, update

from gateway.pipeline.gate.rows import NewSlot, SlotFilter, SlotRow
from gateway.pipeline.rows import Page
from gateway.store.gate.schema import slot
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import reader, selected
from gateway.store.session import Session

_s = slot.c
_insert = insert(slot).inline()
_new = _insert.excluded
_PUBLISH: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "ends_at": _new.ends_at,
            "quota": case((_s.used > _new.quota, _s.used), else_=_new.quota),
            "released_at": _new.released_at,
            "partner": _new.partner,
            "changed_at": _new.changed_at,
        },
    ),
    columns_of(slot),
)
_FIND: Final = Query(select(*selected(slot, SlotRow)).where(_s.id == text_in("id_")))
_AT: Final = Query(
    select(*selected(slot, SlotRow))
    .where(
        _s.terminal == text_in("terminal_"),
        _s.starts_at == number_in("start_"),
        _s.direction == text_in("direction_"),
    )
    .order_by(_s.box)
)
_TAKE: Final = Query(
    update(slot).where(_s.id == text_in("id_"), _s.used < _s.quota).values(used=_s.used + number(1))
)
_GIVE_BACK: Final = Query(
    update(slot)
    .where(_s.id == text_in("id_"), _s.used > number(0))
    .values(used=_s.used - number(1))
)
_row = reader(SlotRow, starts_at=from_micros, ends_at=from_micros, released_at=from_micros)


def slot_id(new: NewSlot) -> str:
    """The same for the same slot, whoever publishes it again: safe in URLs."""
    way = "in" if new.direction == "export_gate_in" else "out"
    at = new.starts_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{new.terminal}-{way}-{at}-{new.box}"


class SlotTable:
    """The port `Slots`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def publish(self, slots: Sequence[NewSlot]) -> None:
        now = self._session.now()
        # In one order, so that two who publish at once do not lock each other out.
        rows = [
            {
                "id": slot_id(new),
                "terminal": new.terminal,
                "direction": new.direction,
                "box": new.box,
                "starts_at": to_micros(new.starts_at),
                "ends_at": to_micros(new.ends_at),
                "quota": new.quota,
                "used": 0,
                "released_at": to_micros(new.released_at),
                "partner": new.partner,
                "changed_at": now,
            }
            for new in sorted(slots, key=slot_id)
        ]
        self._session.many(_PUBLISH, rows)

    def find(self, slot: str) -> SlotRow | None:
        row = self._session.first(_FIND, id_=slot)
        return None if row is None else _row(row)

    def at(self, terminal: str, direction: str, starts_at: datetime) -> list[SlotRow]:
        rows = self._session.fetch(
            _AT, terminal_=terminal, direction_=direction, start_=to_micros(starts_at)
        )
        return [_row(row) for row in rows]

    def take(self, slot: str) -> bool:
        return self._session.run(_TAKE, id_=slot) == 1

    def give_back(self, slot: str) -> None:
        self._session.run(_GIVE_BACK, id_=slot)

    def page(self, wanted: SlotFilter, after: str | None, limit: int) -> Page:
        """Raises ValueError for a position that is none of ours."""
        query = (
            select(*selected(slot, SlotRow))
            .where(_s.starts_at >= to_micros(wanted.since), _s.starts_at < to_micros(wanted.until))
            .order_by(_s.starts_at, _s.id)
            .limit(limit)
        )
        if wanted.terminal is not None:
            query = query.where(_s.terminal == wanted.terminal)
        if wanted.direction is not None:
            query = query.where(_s.direction == wanted.direction)
        if after is not None:
            last = self.find(after)
            if last is None:
                raise ValueError("no slot is named so")
            mark = tuple_(to_micros(last.starts_at), last.id)
            query = query.where(tuple_(_s.starts_at, _s.id) > mark)
        rows = [_row(row) for row in self._session.fetch(Query(query))]
        return Page(rows, rows[-1].id if len(rows) == limit else None)
