"""ORDERS: frozen amounts, their bills, and the running number of the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, update

from gateway.pipeline.money.ports import BillTaken, KeyTaken
from gateway.pipeline.money.rows import OrderBill, OrderRow
from gateway.pipeline.rows import Page
from gateway.store.money.schema import order_bill, order_counter, payment_order
from gateway.store.money.shelf import Shelf
from gateway.store.query import Query, columns_of, insert, number, text_in
from gateway.store.row_mapping import reader, selected
from gateway.store.session import Session

_STATES: Final = (
    *("CREATED", "PENDING", "PAID", "REFUNDING", "PART_REFUNDED", "REFUNDED", "CLOSED"),
    *("AMOUNT_MISMATCH", "LATE_PAID"),
)
_shelf: Final = Shelf(payment_order, OrderRow, "number", _STATES)
_c = payment_order.c
_VISIBLE: Final = _shelf.where(_c.number == text_in("key_"), _c.partner == text_in("partner_"))
_BY_KEY: Final = _shelf.where(
    _c.partner == text_in("partner_"), _c.idempotency_key == text_in("idempotency_key_")
)
_FIELDS: Final = (
    *("state", "due_fen", "paid_fen", "refunding_fen", "refunded_fen", "held_fen", "returned_fen"),
    *("provider", "merchant", "transaction_id", "revision", "checkout_at", "paid_at", "closed_at"),
)
_CHANGE: Final = _shelf.changing(*_FIELDS, revised=True)
_counting = insert(order_counter).values(last=number(1))
_NEXT: Final = Query(
    _counting.on_conflict_do_update(
        index_elements=["day"], set_={"last": order_counter.c.last + number(1)}
    ).returning(order_counter.c.last),
    ("day",),
)
_b = order_bill.c
_ADD_BILL: Final = Query(
    insert(order_bill).inline().values(bill_open=number(1)).on_conflict_do_nothing(),
    columns_of(order_bill, "bill_open"),
)
_BILLS: Final = Query(
    select(*selected(order_bill, OrderBill))
    .where(_b.payment_order == text_in("order_"))
    .order_by(_b.bill_of_lading, _b.declaration)
)
_FREE: Final = Query(
    update(order_bill).where(_b.payment_order == text_in("order_")).values(bill_open=number(0)), ()
)
_bill = reader(OrderBill)


class OrderTable:
    """The port `Orders`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_number(self, day: str) -> str:
        return f"PO{day}{int(self._session.scalar(_NEXT, day=day)):06}"

    def add(self, row: OrderRow, bills: Sequence[OrderBill]) -> None:
        session = self._session
        if not _shelf.add(session, row):
            raise KeyTaken(row.idempotency_key or row.number)
        # Always in the same order, so that two transactions never wait for each other crosswise.
        for each in sorted(bills, key=lambda bill: bill.declaration):
            added = session.run(
                _ADD_BILL,
                payment_order=row.number,
                declaration=each.declaration,
                bill_of_lading=each.bill_of_lading,
                amount_fen=each.amount_fen,
            )
            if not added:
                raise BillTaken(each.bill_of_lading)

    def lock(self, number: str) -> None:
        self._session.lock(f"payment/{number}")

    def find(self, number: str) -> OrderRow | None:
        return _shelf.find(self._session, number)

    def visible(self, partner: str, number: str) -> OrderRow | None:
        found = self._session.first(_VISIBLE, key_=number, partner_=partner)
        return None if found is None else _shelf.read(found)

    def by_key(self, partner: str, idempotency_key: str) -> OrderRow | None:
        found = self._session.first(_BY_KEY, partner_=partner, idempotency_key_=idempotency_key)
        return None if found is None else _shelf.read(found)

    def bills(self, number: str) -> list[OrderBill]:
        return [_bill(row) for row in self._session.fetch(_BILLS, order_=number)]

    def change(self, row: OrderRow, *, open_: bool) -> None:
        _shelf.change(self._session, _CHANGE, row, *_FIELDS)
        if not open_:
            self._session.run(_FREE, order_=row.number)

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        return _shelf.page(self._session, partner, cursor, limit, state)
