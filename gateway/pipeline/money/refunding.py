"""REFUNDING: money goes back on purpose, by the payment that brought it (S3-28, H-40).

Who asks for more than was paid is refused before anything is sent.  The request is an event of
ours; the fold makes it `refunding`, and its call to the provider is due in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.money.ledger import Office, refold
from gateway.pipeline.money.orders import OrderRefused, happened
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.pipeline.ports import Tx
from gateway.rules.payment_event import Kind, PaymentEvent


@dataclass(frozen=True, slots=True)
class Back:
    """What is to go back.  reason: SETTLEMENT, EXEMPTION or OFFICER; by: who asked.

    transaction: of a payment that is held (another amount, a second payment); None: of the order's
    own payment.  settlement: the receipt that is settled by it.
    """

    amount_fen: int
    reason: str
    by: str
    settlement: str | None = None
    transaction: str | None = None


def refund(tx: Tx, number: str, back: Back, office: Office, now: datetime) -> RefundRow:
    """Ask for a refund in this transaction; raises OrderRefused.

    The same settlement twice is the same refund.
    """
    crash_point("refund.before_request")
    tx.money.orders.lock(number)
    order = tx.money.orders.find(number)
    if order is None:
        raise OrderRefused("NO_SUCH_ORDER", "订单不存在", "there is no such order")
    rows = tx.money.refunds.of_order(number)
    same = next((r for r in rows if back.settlement and r.settlement == back.settlement), None)
    if same is not None and same.state not in {"refused", "closed"}:
        return same
    _check(order, back)
    row = RefundRow(
        id=f"RF{number.removeprefix('PO')}{len(rows) + 1:02}",
        payment_order=number,
        partner=order.partner,
        provider=order.provider,
        amount_fen=back.amount_fen,
        reason=back.reason,
        state="requested",
        requested_by=back.by,
        created_at=now,
        settlement=back.settlement,
        transaction_id=back.transaction or order.transaction_id,
    )
    tx.money.refunds.add(row)
    event = PaymentEvent(
        Kind.REFUND_REQUEST,
        order=number,
        amount_fen=row.amount_fen,
        refund=row.id,
        transaction=back.transaction,
    )
    happened(tx, number, event, now)
    refold(tx, order, office, now)
    crash_point("refund.requested")
    return row


def _check(order: OrderRow, back: Back) -> None:
    there = order.held_fen if back.transaction else order.paid_fen
    if not 0 < back.amount_fen <= there:
        raise OrderRefused(
            "OVER_REFUND",
            "退款金额超过可退金额",
            "more than can be paid back",
            {"amount_fen": back.amount_fen, "refundable_fen": there},
        )
