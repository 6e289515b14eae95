"""APPOINTMENTS: rows, their history, and who may see which."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, func, select, update

from gateway.pipeline.gate.rows import (
    AppointmentFilter,
    AppointmentRow,
    BoxAppointment,
    EventRow,
    FleetCount,
    SlotFilter,
)
from gateway.pipeline.rows import Page
from gateway.store.gate.schema import KEYED, LIVE, appointment, event, slot
from gateway.store.instant import from_micros, maybe_instant, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in, word
from gateway.store.row_mapping import json_text, maybe_storable, reader, selected, storable
from gateway.store.schema import search_key
from gateway.store.session import Session

_a = appointment.c
_ADD: Final = Query(insert(appointment).inline(), columns_of(appointment, "seq"))
_NEVER_CHANGES: Final = (
    *("seq", "id", "partner", "account", "test", "terminal", "direction", "container"),
    *("asked", "idempotency_key", "digest", "created_at"),
)
_CHANGE: Final = Query(
    update(appointment).where(_a.id == text_in("id_")), columns_of(appointment, *_NEVER_CHANGES)
)
_EVENT: Final = Query(insert(event).inline(), columns_of(event, "seq"))
_whole = select(*selected(appointment, AppointmentRow))
_box = (_a.container == text_in("container_"), _a.direction == text_in("direction_"))
_FIND: Final = Query(_whole.where(_a.id == text_in("id_")))
_LIVE_BOX: Final = Query(_whole.where(*_box, LIVE))
_BREACHED: Final = Query(
    _whole.where(*_box, _a.state == word("BREACHED"), _a.starts_at > number_in("since_"))
    .order_by(_a.seq.desc())
    .limit(number_in("limit_"))
)
_LAST_USED: Final = Query(select(func.max(_a.changed_at)).where(*_box, _a.state == word("used")))
_BY_KEY: Final = Query(
    _whole.where(_a.account == text_in("account_"), _a.idempotency_key == text_in("key_"), KEYED)
)
_OF_VOYAGE: Final = Query(
    _whole.where(_a.voyage == text_in("voyage_"), LIVE, _a.seq > number_in("after_"))
    .order_by(_a.seq)
    .limit(number_in("limit_"))
)
_HISTORY: Final = Query(
    select(*selected(event, EventRow))
    .where(event.c.appointment == text_in("id_"))
    .order_by(event.c.seq)
)
# Breaches of one box that a late gate move may have been for.
_BREACHED_MAX: Final = 20
_JSON: Final = ("codes", "rules", "findings", "explanation", "facts")
_INSTANTS: Final = ("starts_at", "ends_at", "created_at", "changed_at")
_row = reader(
    AppointmentRow,
    test=bool,
    wait=bool,
    **dict.fromkeys(_JSON, json.loads),
    **dict.fromkeys(_INSTANTS, from_micros),
)
_event = reader(EventRow, at=from_micros, codes=json.loads, explanation=json.loads)
_box_row = reader(BoxAppointment, starts_at=maybe_instant, ends_at=maybe_instant)


class AppointmentTable:
    """The port `Appointments`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: AppointmentRow, by: str) -> None:
        self._session.run(_ADD, **_values(row, columns_of(appointment, "seq")))
        self._tell(row, by)

    def change(self, row: AppointmentRow, by: str) -> None:
        values = _values(row, columns_of(appointment, *_NEVER_CHANGES))
        self._session.run(_CHANGE, id_=row.id, **values)
        self._tell(row, by)

    def _tell(self, row: AppointmentRow, by: str) -> None:
        self._session.run(
            _EVENT,
            appointment=row.id,
            revision=row.revision,
            at=to_micros(row.changed_at),
            state=row.state,
            slot=row.slot,
            codes=json_text(row.codes),
            explanation=storable(json_text(row.explanation)),
            by=by,
        )

    def find(self, appointment: str) -> AppointmentRow | None:
        row = self._session.first(_FIND, id_=appointment)
        return None if row is None else _row(row)

    def locked(self, appointment: str) -> AppointmentRow | None:
        self._session.lock(f"gate-appointment/{appointment}")
        return self.find(appointment)

    def live(self, container: str, direction: str) -> AppointmentRow | None:
        row = self._session.first(_LIVE_BOX, container_=container, direction_=direction)
        return None if row is None else _row(row)

    def breached(self, container: str, direction: str, since: datetime) -> list[AppointmentRow]:
        rows = self._session.fetch(
            _BREACHED,
            container_=container,
            direction_=direction,
            since_=to_micros(since),
            limit_=_BREACHED_MAX,
        )
        return [_row(row) for row in rows]

    def last_used(self, container: str, direction: str) -> datetime | None:
        found = self._session.scalar(_LAST_USED, container_=container, direction_=direction)
        return maybe_instant(found)

    def by_key(self, account: str, key: str) -> AppointmentRow | None:
        row = self._session.first(_BY_KEY, account_=account, key_=key)
        return None if row is None else _row(row)

    def of_voyage(self, voyage: str, after: int, limit: int) -> list[AppointmentRow]:
        rows = self._session.fetch(_OF_VOYAGE, voyage_=voyage, after_=after, limit_=limit)
        return [_row(row) for row in rows]

    def page(self, wanted: AppointmentFilter, before: str | None, limit: int) -> Page:
        """Raises ValueError for a position that is none of ours."""
        query = _whole.order_by(_a.seq.desc()).limit(limit)
        for name in ("partner", "terminal", "state", "direction", "container", "slot"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(_a[name] == storable(value))
        if before is not None:
            query = query.where(_a.seq < int(before))
        rows = [_row(row) for row in self._session.fetch(Query(query))]
        return Page(rows, str(rows[-1].seq) if len(rows) == limit else None)

    def history(self, appointment: str) -> list[EventRow]:
        return [_event(row) for row in self._session.fetch(_HISTORY, id_=appointment)]

    def of_document(self, document: int, kind: str, limit: int) -> list[BoxAppointment]:
        """Raises KeyError for a kind that is neither container nor booking."""
        query = _OF_DOCUMENT[kind]
        rows = self._session.fetch(query, document_=document, limit_=limit)
        return [_box_row(row) for row in rows]

    def counts(self, wanted: SlotFilter, partner: str | None) -> list[FleetCount]:
        query: Select[Any] = (
            select(_a.slot, _a.partner, _a.state, func.count())
            .select_from(slot.join(appointment, _a.slot == slot.c.id))
            .where(
                slot.c.starts_at >= to_micros(wanted.since),
                slot.c.starts_at < to_micros(wanted.until),
                _a.state != word("rejected"),
            )
            .group_by(_a.slot, _a.partner, _a.state)
        )
        if wanted.terminal is not None:
            query = query.where(slot.c.terminal == wanted.terminal)
        if wanted.direction is not None:
            query = query.where(slot.c.direction == wanted.direction)
        if partner is not None:
            query = query.where(_a.partner == partner)
        return [FleetCount(*row) for row in self._session.fetch(Query(query))]


def _of_document(kind: str, column: str) -> Query:
    joined = search_key.outerjoin(appointment, and_(_a[column] == search_key.c.value, LIVE))
    return Query(
        select(
            search_key.c.value, _a.id, _a.terminal, _a.direction, _a.state, _a.starts_at, _a.ends_at
        )
        .select_from(joined)
        .where(search_key.c.document == number_in("document_"), search_key.c.kind == word(kind))
        .order_by(search_key.c.value, _a.starts_at)
        .limit(number_in("limit_"))
    )


_OF_DOCUMENT: Final = {
    "container": _of_document("container", "container"),
    "booking": _of_document("booking", "booking"),
}


def _values(row: AppointmentRow, columns: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in columns:
        value = getattr(row, name)
        if name in _JSON:
            value = storable(json_text(value))
        elif name in _INSTANTS:
            value = to_micros(value)
        elif isinstance(value, str):
            value = maybe_storable(value)
        values[name] = value
    return values
