"""CHARGES: the lines of what is due, ordered, paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, update

from gateway.pipeline.money.rows import BillDue, ChargeRow
from gateway.pipeline.rows import Page
from gateway.store.instant import to_micros
from gateway.store.money.declaration_schema import charge, declaration
from gateway.store.money.shelf import Shelf
from gateway.store.query import Query, text_in, word
from gateway.store.schema import one_of
from gateway.store.session import Session

_shelf: Final = Shelf(charge, ChargeRow, states=("due", "ordered", "paid", "void"))
_c = charge.c
_OF_DECLARATION: Final = _shelf.where(_c.declaration == text_in("declaration_"))
_OF_ORDER: Final = _shelf.where(_c.payment_order == text_in("order_"))
_VOID: Final = Query(
    update(charge)
    .where(_c.declaration == text_in("declaration_"), one_of(_c.state, "due"))
    .values(state=word("void")),
    (),
)


def _due(*, one: bool) -> Query:
    """Bills in order of recording; what was zero rated is nothing to order."""
    d = declaration.c
    query: Select[Any] = (
        select(d.id, d.bill_of_lading, d.payer, d.region, func.sum(_c.amount_fen))
        .select_from(declaration.join(charge, _c.declaration == d.id))
        .where(
            d.payer == text_in("payer_"),
            _c.partner == text_in("payer_"),
            one_of(_c.state, "due"),
            one_of(d.state, "approved", "paid"),
        )
    )
    if one:
        query = query.where(d.id == text_in("declaration_"))
    query = query.group_by(d.seq, d.id, d.bill_of_lading, d.payer, d.region)
    return Query(query.order_by(d.seq))


_DUE: Final = _due(one=False)
_DUE_ONE: Final = _due(one=True)
_ORDER: Final = Query(
    update(charge)
    .where(_c.declaration == text_in("declaration_"), one_of(_c.state, "due"))
    .values(state=word("ordered"))
    .returning(_c.amount_fen),
    ("payment_order",),
)
_RELEASE: Final = Query(
    update(charge)
    .where(_c.payment_order == text_in("order_"), one_of(_c.state, "ordered"))
    .values(state=word("due"), payment_order=None),
    (),
)
_PAID: Final = Query(
    update(charge)
    .where(_c.payment_order == text_in("order_"), one_of(_c.state, "ordered"))
    .values(state=word("paid")),
    ("paid_at",),
)


class ChargeTable:
    """The port `Charges`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, rows: Sequence[ChargeRow]) -> None:
        for row in rows:
            _shelf.add(self._session, row)

    def of_declaration(self, declaration: str) -> list[ChargeRow]:
        rows = self._session.fetch(_OF_DECLARATION, declaration_=declaration)
        return [_shelf.read(row) for row in rows]

    def of_order(self, order: str) -> list[ChargeRow]:
        return [_shelf.read(row) for row in self._session.fetch(_OF_ORDER, order_=order)]

    def void(self, declaration: str) -> int:
        return self._session.run(_VOID, declaration_=declaration)

    def bills_due(self, payer: str, declarations: Sequence[str] | None = None) -> list[BillDue]:
        if declarations is None:
            rows = self._session.fetch(_DUE, payer_=payer)
        else:
            rows = [
                row
                for each in declarations
                for row in self._session.fetch(_DUE_ONE, payer_=payer, declaration_=each)
            ]
        found = [BillDue(str(a), str(b), str(c), str(d), int(fen)) for a, b, c, d, fen in rows]
        return [each for each in found if each.amount_fen > 0]

    def order(self, order: str, declaration: str) -> int:
        rows = self._session.fetch(_ORDER, declaration_=declaration, payment_order=order)
        return sum(int(row[0]) for row in rows)

    def release(self, order: str) -> int:
        return self._session.run(_RELEASE, order_=order)

    def paid(self, order: str, at: datetime) -> int:
        return self._session.run(_PAID, order_=order, paid_at=to_micros(at))

    def page(
        self, payer: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        return _shelf.page(self._session, payer, cursor, limit, state)
