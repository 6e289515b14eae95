"""CALLS: what schedules and plans say of voyages at terminals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from gateway.pipeline.gate.rows import CallRow
from gateway.pipeline.rows import Page
from gateway.store.gate.schema import call
from gateway.store.instant import from_micros, maybe_instant, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import reader, selected, storable
from gateway.store.session import Session

_table = call
_c = call.c
_INSTANTS = (
    *("etb", "open_at", "gate_close", "customs_close", "document_close"),
    *("plan_open", "plan_close"),
)
_NEW: Final = Query(
    insert(call).inline().returning(_c.seq),
    columns_of(call, "seq"),
)
_OF_VOYAGE: Final = Query(
    select(*selected(call, CallRow)).where(_c.voyage == text_in("voyage_")).order_by(_c.seq)
)
_FIND: Final = Query(select(*selected(call, CallRow)).where(_c.seq == number_in("seq_")))
_row = reader(CallRow, changed_at=from_micros, **dict.fromkeys(_INSTANTS, maybe_instant))


class CallTable:
    """The port `Calls`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_voyage(self, voyage: str) -> list[CallRow]:
        return [_row(row) for row in self._session.fetch(_OF_VOYAGE, voyage_=voyage)]

    def put(self, call: dict[str, Any], seq: int | None) -> int:
        values = {name: _stored(value) for name, value in call.items()}
        values["changed_at"] = self._session.now()
        if seq is None:
            whole = dict.fromkeys((*_INSTANTS, "plan_boxes"))
            row = {"terminal": "", "name": "", "revision": 1, **whole, **values}
            return int(self._session.scalar(_NEW, **row))
        change = update(_table).where(_c.seq == number_in("seq_"))
        bumped = change.values(**values, revision=_c.revision + number(1))
        self._session.run(Query(bumped), seq_=seq)
        return seq

    def find(self, seq: int) -> CallRow | None:
        row = self._session.first(_FIND, seq_=seq)
        return None if row is None else _row(row)

    def page(self, terminal: str | None, before: str | None, limit: int) -> Page:
        """Raises ValueError for a position that is none of ours."""
        query = select(*selected(_table, CallRow)).order_by(_c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(_c.seq < int(before))
        if terminal is not None:
            query = query.where(_c.terminal.in_(["", terminal]))
        rows = [_row(row) for row in self._session.fetch(Query(query))]
        return Page(rows, str(rows[-1].seq) if len(rows) == limit else None)


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return to_micros(value)
    return storable(value) if isinstance(value, str) else value
