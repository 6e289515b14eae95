"""EFFECTS of a fold: bills paid and released, calls to the provider, receipts settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.pipeline.money.rows import OrderRow, RefundRow, SettlementRow
from gateway.pipeline.money.work import of_order
from gateway.pipeline.ports import Tx
from gateway.rules.payment_ledger import Note
from gateway.rules.settlement_life import Event, State, next_state

FACT: Final = "fees_paid"
LATE: Final = "LATE_PAID"


def apply(tx: Tx, order: OrderRow, note: Note, now: datetime) -> None:
    """What one note causes, for the first time."""
    _EFFECTS[note.kind](tx, order, note, now)


def mark_paid(tx: Tx, order: OrderRow, now: datetime) -> None:
    """The charges of an order are paid; doing it again changes nothing.

    An order that the provider had closed gave its charges back: they are taken again where no
    other order has them.
    """
    held = {each.declaration for each in tx.money.charges.of_order(order.number)}
    for bill in tx.money.orders.bills(order.number):
        if bill.declaration not in held:
            fen = tx.money.charges.order(order.number, bill.declaration)
            if fen != bill.amount_fen:
                about = {"bill_of_lading": bill.bill_of_lading, "amount_fen": bill.amount_fen}
                item = of_order("BILL_NOT_COVERED", order, bill.declaration, now, **about, due=fen)
                tx.money.work.add(item)
    tx.money.charges.paid(order.number, now)


def late_refund_id(order: str) -> str:
    """Our number of the refund that a late payment makes by itself; letters and digits only."""
    return f"RF{order.removeprefix('PO')}00"


def _paid(tx: Tx, order: OrderRow, _note: Note, now: datetime) -> None:
    """Bills are 已收费 from now on (S3-21), and what waited for the fee goes on."""
    bills = tx.money.orders.bills(order.number)
    for bill in bills:
        tx.money.declarations.paid(bill.declaration)
    for number in sorted({bill.bill_of_lading for bill in bills}):
        tx.holds.release(FACT, number)
        tx.gate.fact(FACT, number, source=order.number)
    for name in {each.settlement for each in tx.money.charges.of_order(order.number)}:
        receipt = tx.money.settlements.find(name) if name else None
        if receipt is not None and receipt.state == State.ORDERED:
            _settled(tx, replace(receipt, extra_order=order.number), Event.PAID, now)


def _refunded(tx: Tx, _order: OrderRow, note: Note, now: datetime) -> None:
    receipt = tx.money.settlements.of_refund(note.reference or "")
    if receipt is not None and receipt.state == State.REFUNDING:
        _settled(tx, receipt, Event.REFUNDED, now)


def _settled(tx: Tx, receipt: SettlementRow, event: Event, now: datetime) -> None:
    state = next_state(receipt.kind, State(receipt.state), event)  # type: ignore[arg-type]
    tx.money.settlements.change(
        replace(receipt, state=state.value, revision=receipt.revision + 1, settled_at=now)
    )


def _refund(tx: Tx, order: OrderRow, note: Note, now: datetime) -> None:
    """Ask the provider, under our number; what came for a closed order goes back by itself."""
    name = note.reference or LATE
    if name == LATE:
        name = late_refund_id(order.number)
        tx.money.refunds.add(
            RefundRow(
                id=name,
                payment_order=order.number,
                partner=order.partner,
                provider=order.provider,
                amount_fen=note.amount_fen or order.amount_fen,
                reason=LATE,
                state="requested",
                requested_by="gateway",
                created_at=now,
                transaction_id=order.transaction_id,
            )
        )
    tx.money.calls.put("refund", name, order.provider, now)


def _query(tx: Tx, order: OrderRow, _note: Note, now: datetime) -> None:
    tx.money.calls.put("query", order.number, order.provider, now)


def _nothing(_tx: Tx, _order: OrderRow, _note: Note, _now: datetime) -> None:
    """Its charges are free by the state already."""


_EFFECTS: Final[dict[str, Callable[[Tx, OrderRow, Note, datetime], None]]] = {
    "PAID": _paid,
    "REFUNDED": _refunded,
    "REFUND_REQUEST": _refund,
    "CLOSED_BY_PROVIDER": _nothing,
    "QUERY": _query,
}
