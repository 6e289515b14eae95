"""BOOKS: a platform's day against our ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select

from gateway.pipeline.money.rows import BookRow, BookRun, OwnMove
from gateway.pipeline.rows import Page
from gateway.store.instant import from_micros, to_micros
from gateway.store.money.schema import payment_order, refund
from gateway.store.money.shelf import Shelf, reading
from gateway.store.money.work_schema import reconciliation, reconciliation_row
from gateway.store.query import Query, columns_of, insert, number_in, text_in
from gateway.store.row_mapping import selected, storable
from gateway.store.schema import one_of
from gateway.store.session import Session

_shelf: Final = Shelf(reconciliation, BookRun)
_OF_FILE: Final = _shelf.where(
    reconciliation.c.provider == text_in("provider_"),
    reconciliation.c.day == text_in("day_"),
    reconciliation.c.file_sha256 == text_in("sha256_"),
)
_r = reconciliation_row.c
_row = reading(BookRow)
_ADD_ROW: Final = Query(insert(reconciliation_row).inline(), columns_of(reconciliation_row))


def _rows(outcome: str | None) -> Query:
    query: Select[Any] = select(*selected(reconciliation_row, BookRow)).where(
        _r.run == text_in("run_")
    )
    if outcome is not None:
        query = query.where(one_of(_r.outcome, outcome))
    return Query(query.order_by(_r.ordinal))


_ROWS: Final = {each: _rows(each) for each in (None, "matched", "missing", "surplus", "different")}
_o = payment_order.c
_PAID: Final = Query(
    select(_o.number, _o.transaction_id, _o.amount_fen, _o.paid_at)
    .where(
        _o.provider == text_in("provider_"),
        _o.paid_at >= number_in("since_"),
        _o.paid_at < number_in("until_"),
    )
    .order_by(_o.seq)
)
_f = refund.c
_REFUNDED: Final = Query(
    select(_f.payment_order, _f.id, _f.provider_refund, _f.amount_fen, _f.finished_at)
    .where(
        _f.provider == text_in("provider_"),
        one_of(_f.state, "succeeded"),
        _f.finished_at >= number_in("since_"),
        _f.finished_at < number_in("until_"),
    )
    .order_by(_f.seq)
)


class BookTable:
    """The port `Books`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def own_moves(self, provider: str, since: datetime, until: datetime) -> list[OwnMove]:
        span = {"provider_": provider, "since_": to_micros(since), "until_": to_micros(until)}
        paid = [
            OwnMove("payment", number, number, transaction or "", fen, from_micros(at))
            for number, transaction, fen, at in self._session.fetch(_PAID, **span)
        ]
        refunded = [
            OwnMove("refund", order, id_, theirs or "", fen, from_micros(at))
            for order, id_, theirs, fen, at in self._session.fetch(_REFUNDED, **span)
        ]
        return paid + refunded

    def add(self, run: BookRun, rows: Sequence[BookRow]) -> bool:
        session = self._session
        if not _shelf.add(session, run):
            return False
        names = columns_of(reconciliation_row)
        session.many(
            _ADD_ROW,
            [
                {
                    name: storable(value) if isinstance(value, str) else value
                    for name in names
                    for value in (getattr(row, name),)
                }
                for row in rows
            ],
        )
        return True

    def find(self, run: str) -> BookRun | None:
        return _shelf.find(self._session, run)

    def of_file(self, provider: str, day: str, sha256: str) -> BookRun | None:
        found = self._session.first(_OF_FILE, provider_=provider, day_=day, sha256_=sha256)
        return None if found is None else _shelf.read(found)

    def rows(self, run: str, outcome: str | None = None) -> list[BookRow]:
        query = _ROWS.get(outcome)
        return [] if query is None else [_row(row) for row in self._session.fetch(query, run_=run)]

    def page(self, cursor: str | None, limit: int) -> Page:
        return _shelf.page(self._session, None, cursor, limit)
