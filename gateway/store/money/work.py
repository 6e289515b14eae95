"""WORK for people about money, and who took it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, update

from gateway.pipeline.money.rows import WorkRow
from gateway.pipeline.money.work import BY_ITSELF
from gateway.pipeline.rows import Page
from gateway.store import audit
from gateway.store.instant import to_micros
from gateway.store.money.shelf import Shelf
from gateway.store.money.work_schema import OPEN_WORK, work_item
from gateway.store.query import Query, number_in, text_in, word
from gateway.store.row_mapping import storable
from gateway.store.schema import one_of
from gateway.store.session import Session

_shelf: Final = Shelf(work_item, WorkRow, "key")
_c = work_item.c
_FIND: Final = _shelf.where(_c.seq == number_in("seq_"))
_RESOLVE: Final = Query(
    update(work_item)
    .where(_c.seq == number_in("seq_"), OPEN_WORK)
    .values(state=word("resolved"))
    .returning(_c.key),
    ("note", "resolved_by", "resolved_at"),
)
_TAKE: Final = Query(
    update(work_item).where(_c.seq == number_in("seq_"), OPEN_WORK).returning(_c.key), ("owner",)
)
_OF_ORDER: Final = _shelf.where(_c.payment_order == text_in("order_"))
_by_key = _c.key == text_in("key_")
_ANSWER: Final = Query(
    update(work_item).where(_by_key, OPEN_WORK).values(state=word("resolved")),
    ("note", "resolved_by", "resolved_at"),
)
_REOPEN: Final = Query(
    update(work_item)
    .where(_by_key, one_of(_c.state, "resolved"), _c.resolved_by == text_in("by_"))
    .values(state=word("open"), note=None, resolved_by=None, resolved_at=None),
    (),
)
_END: Final = 2**62


def _page(state: str | None, *, of_kind: bool) -> Query:
    query: Select[Any] = select(*_shelf.columns).where(_c.seq < number_in("before_"))
    if state == "open":
        query = query.where(OPEN_WORK)
    elif state is not None:
        query = query.where(one_of(_c.state, state))
    if of_kind:
        query = query.where(_c.kind == text_in("kind_"))
    return Query(query.order_by(_c.seq.desc()).limit(number_in("limit_")))


_PAGES: Final = {
    (state, of_kind): _page(state, of_kind=of_kind)
    for state in (None, "open", "resolved")
    for of_kind in (True, False)
}


class WorkTable:
    """The port `WorkItems`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: WorkRow) -> bool:
        return _shelf.add(self._session, row)

    def find(self, seq: int) -> WorkRow | None:
        found = self._session.first(_FIND, seq_=seq)
        return None if found is None else _shelf.read(found)

    def keep(self, order: str, rows: Sequence[WorkRow], at: datetime) -> None:
        session = self._session
        wanted = {row.key: row for row in rows}
        there = {str(row.key): row for row in self.of_order(order)}
        for key, row in wanted.items():
            if key not in there:
                _shelf.add(session, row)
            elif there[key].state == "resolved":
                session.run(_REOPEN, key_=key, by_=BY_ITSELF)
        for key, row in there.items():
            if key not in wanted and row.detail.get("from") == "fold":
                note = "answered by later events"
                session.run(
                    _ANSWER, key_=key, note=note, resolved_by=BY_ITSELF, resolved_at=to_micros(at)
                )

    def of_order(self, order: str) -> list[WorkRow]:
        return [_shelf.read(row) for row in self._session.fetch(_OF_ORDER, order_=order)]

    def resolve(self, seq: int, by: str, note: str, at: datetime) -> bool:
        session = self._session
        key = session.scalar(
            _RESOLVE, seq_=seq, note=storable(note), resolved_by=by, resolved_at=to_micros(at)
        )
        if key is not None:
            audit.record(session, by, "work-item.resolved", str(key), {"note": storable(note)})
        return key is not None

    def take(self, seq: int, owner: str) -> bool:
        session = self._session
        key = session.scalar(_TAKE, seq_=seq, owner=owner)
        if key is not None:
            audit.record(session, owner, "work-item.taken", str(key), {})
        return key is not None

    def page(
        self, cursor: str | None, limit: int, state: str | None = None, kind: str | None = None
    ) -> Page:
        query = _PAGES.get((state, kind is not None))
        if query is None:
            return Page()
        given: dict[str, object] = {
            "before_": _END if cursor is None else int(cursor),
            "limit_": limit,
        }
        if kind is not None:
            given["kind_"] = kind
        found = [_shelf.read(row) for row in self._session.fetch(query, **given)]
        return Page(found, str(found[-1].seq) if len(found) == limit else None)
