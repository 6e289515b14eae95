"""APPLICATIONS for clearance by appointment: a row each, and the codes of both firms beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from gateway.pipeline.customs.rows import ApplicationRow, Question
from gateway.store.customs.schema import (
    UNFED,
    customs_application,
    customs_party,
    customs_serial,
)
from gateway.store.instant import from_micros, maybe_instant, maybe_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in, word
from gateway.store.row_mapping import json_text, maybe_storable, reader, selected
from gateway.store.session import Session

_c = customs_application.c
_p = customs_party.c
_by_number = _c.number == text_in("number_")
_whole = select(*selected(customs_application, ApplicationRow))
_insert_serial = insert(customs_serial).values(last=number(1))
_NEXT: Final = Query(
    _insert_serial.on_conflict_do_update(
        index_elements=["year"], set_={"last": customs_serial.c.last + number(1)}
    ).returning(customs_serial.c.last),
    ("year",),
)
_ADD: Final = Query(
    insert(customs_application).inline().on_conflict_do_nothing(),
    columns_of(customs_application, "seq"),
)
_FIND: Final = Query(_whole.where(_by_number))
_BY_REFERENCE: Final = Query(
    _whole.where(
        _c.partner == text_in("partner_"),
        _c.reference == text_in("reference_"),
        _c.reference.is_not(None),
    )
)
_SAVE: Final = Query(
    update(customs_application).where(_by_number),
    columns_of(customs_application, "seq", "number", "partner", "account", "created_at", "test"),
)
_REMOVE: Final = Query(delete(customs_application).where(_by_number))
_FORGET_PARTIES: Final = Query(delete(customs_party).where(_p.application == text_in("number_")))
_ADD_PARTY: Final = Query(
    insert(customs_party).inline().on_conflict_do_nothing(), columns_of(customs_party)
)
_UNFED: Final = Query(
    select(_c.number)
    .select_from(customs_party.join(customs_application, _c.number == _p.application))
    .where(_p.code == text_in("code_"), UNFED)
    .limit(number(1))
)
_row = reader(
    ApplicationRow,
    form=json.loads,
    start_at=maybe_instant,
    created_at=from_micros,
    updated_at=from_micros,
    applied_at=from_micros,
    submitted_at=maybe_instant,
    fed_back_at=maybe_instant,
    explained_at=maybe_instant,
    answered_at=maybe_instant,
    decision=json.loads,
    test=bool,
)
# Newer than every row.
_END: Final = 2**62
_SIDES: Final = ("declarant", "consignee")
_CODES: Final = ("customs_code", "credit_code")


class ApplicationTable:
    """The port `Applications`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_serial(self, year: int) -> int:
        self._session.lock(f"customs-serial-{year}")
        return int(self._session.scalar(_NEXT, year=year))

    def lock(self, number: str) -> None:
        self._session.lock(f"customs-{number}")

    def add(self, row: ApplicationRow) -> None:
        values = _values(row) | {
            "number": row.number,
            "partner": row.partner,
            "account": row.account,
            "created_at": to_micros(row.created_at),
            "test": row.test,
        }
        if row.reference is not None and self.by_reference(row.partner, row.reference):
            raise KeyError(row.reference)
        if not self._session.run(_ADD, **values):
            raise KeyError(row.reference or row.number)
        self._add_parties(row)

    def find(self, number: str) -> ApplicationRow | None:
        row = self._session.first(_FIND, number_=number)
        return None if row is None else _row(row)

    def by_reference(self, partner: str, reference: str) -> ApplicationRow | None:
        row = self._session.first(_BY_REFERENCE, partner_=partner, reference_=reference)
        return None if row is None else _row(row)

    def save(self, row: ApplicationRow) -> None:
        if row.reference is not None:
            self._session.lock(f"customs-reference-{row.partner}-{row.reference}")
            other = self.by_reference(row.partner, row.reference)
            if other is not None and other.number != row.number:
                raise KeyError(row.reference)
        self._session.run(_SAVE, number_=row.number, **_values(row))
        self._session.run(_FORGET_PARTIES, number_=row.number)
        self._add_parties(row)

    def remove(self, number: str) -> None:
        self._session.run(_REMOVE, number_=number)

    def page(
        self, question: Question, cursor: str | None, limit: int
    ) -> tuple[list[ApplicationRow], str | None]:
        before = _END if cursor is None else int(cursor)
        given = _given(question)
        query = _page(frozenset(given), question.owns_consignee)
        rows = self._session.fetch(query, before_=before, limit_=limit + 1, **given)
        found = [_row(row) for row in rows]
        more = len(found) > limit
        return found[:limit], str(found[limit - 1].seq) if more else None

    def unfed(self, codes: Sequence[str]) -> bool:
        return any(self._session.scalar(_UNFED, code_=code) is not None for code in codes if code)

    def _add_parties(self, row: ApplicationRow) -> None:
        self._session.many(
            _ADD_PARTY,
            [
                {"code": code, "side": side, "application": row.number}
                for side in _SIDES
                for name in _CODES
                if (code := (row.form.get(side) or {}).get(name))
            ],
        )


def _values(row: ApplicationRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "revision": row.revision,
        "form": json_text(row.form),
        "reference": maybe_storable(row.reference),
        "application_number": maybe_storable(row.application_number),
        "start_at": maybe_micros(row.start_at),
        "updated_at": to_micros(row.updated_at),
        "applied_at": to_micros(row.applied_at),
        "submitted_at": maybe_micros(row.submitted_at),
        "fed_back_at": maybe_micros(row.fed_back_at),
        "explained_at": maybe_micros(row.explained_at),
        "answered_at": maybe_micros(row.answered_at),
        "decision": json_text(row.decision),
    }


def _given(question: Question) -> dict[str, Any]:
    """Parameters of the conditions that narrow."""
    values: dict[str, Any] = {
        "partner_": question.partner,
        "consignee_": question.consignee,
        "state_": question.state,
        "number_": question.number,
        "reference_": question.reference,
    }
    for name, span in (("applied", question.applied), ("booked", question.booked)):
        if span is not None:
            values |= {f"{name}_from_": to_micros(span[0]), f"{name}_to_": to_micros(span[1])}
    return {name: value for name, value in values.items() if value is not None}


@cache
def _page(given: frozenset[str], owns_consignee: bool) -> Query:
    """The query of one set of conditions; there are few sets."""
    query = _whole.where(_c.seq < number_in("before_"))
    consignee = exists(
        select(_p.code).where(
            _p.code == text_in("consignee_"),
            _p.side == word("consignee"),
            _p.application == _c.number,
        )
    )
    conditions: dict[str, ColumnElement[bool]] = {
        "consignee_": consignee,
        "state_": _c.state == text_in("state_"),
        "number_": _c.number == text_in("number_"),
        "reference_": _c.reference == text_in("reference_"),
        "applied_from_": _c.applied_at >= number_in("applied_from_"),
        "applied_to_": _c.applied_at < number_in("applied_to_"),
        "booked_from_": _c.start_at >= number_in("booked_from_"),
        "booked_to_": _c.start_at < number_in("booked_to_"),
    }
    query = query.where(*(each for name, each in conditions.items() if name in given))
    if "partner_" in given:
        own = _c.partner == text_in("partner_")
        # What is another's draft is nobody's business.
        others = _c.state != word("暂存")
        query = query.where(or_(own, others) if owns_consignee else own)
    return Query(query.order_by(_c.seq.desc()).limit(number_in("limit_")))
