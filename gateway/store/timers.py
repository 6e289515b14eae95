"""TIMERS: one row per deadline, unique by kind and key; a fired or cancelled one is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from gateway.pipeline.rows import TimerRow
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in
from gateway.store.row_mapping import reader, selected
from gateway.store.schema import timer
from gateway.store.session import Session

_insert = insert(timer).inline()
_SET: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["kind", "key"], set_={"due_at": _insert.excluded.due_at}
    ),
    columns_of(timer),
)
_REMOVE: Final = Query(
    delete(timer).where(timer.c.kind == text_in("kind_"), timer.c.key == text_in("key_"))
)
_DUE: Final = Query(
    select(*selected(timer, TimerRow))
    .where(timer.c.due_at <= number_in("now_"))
    .order_by(timer.c.due_at, timer.c.kind, timer.c.key)
    .limit(number_in("limit_"))
)
_row = reader(TimerRow, due_at=from_micros)


class TimerTable:
    """The port `Timers`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def set(self, timer: TimerRow) -> None:
        self._session.run(_SET, kind=timer.kind, key=timer.key, due_at=to_micros(timer.due_at))

    def cancel(self, kind: str, key: str) -> None:
        self._session.run(_REMOVE, kind_=kind, key_=key)

    def due(self, now: datetime, limit: int) -> list[TimerRow]:
        rows = self._session.fetch(_DUE, now_=to_micros(now), limit_=limit)
        return [_row(row) for row in rows]

    def fired(self, kind: str, key: str) -> None:
        self._session.run(_REMOVE, kind_=kind, key_=key)
