"""TOLD: what the authority, the terminal and the payer learn of an order (S3-21), as a notice.

Institutions of the port (no enterprise type) that subscribe to `payment` hear of every order; a
firm hears of its own alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from gateway.canonical.partner import Partner
from gateway.pipeline.money.rows import OrderRow
from gateway.pipeline.notices import Notice, notify
from gateway.pipeline.ports import Tx

KIND: Final = "payment"
# States that nobody but the payer and an officer is concerned with.
_QUIET: Final = frozenset({"CREATED", "PENDING", "AMOUNT_MISMATCH", "LATE_PAID"})


def tell(tx: Tx, partners: Iterable[Partner], order: OrderRow, now: datetime) -> int:
    """One notice per state of an order; how many deliveries."""
    if order.state in _QUIET:
        return 0
    known = list(partners)
    receivers = {each.code for each in known if not each.types or each.code == order.partner}
    payer = next((each for each in known if each.code == order.partner), None)
    notice = Notice(
        kind=KIND,
        id=order.number,
        revision=order.revision,
        about={"order": order.number},
        body=body_of(tx, order),
        state=order.state.lower(),
        sender=order.partner,
        receivers=receivers,
        test=payer is not None and payer.stage == "test",
    )
    return notify(tx, known, notice, now)


def body_of(tx: Tx, order: OrderRow) -> dict[str, Any]:
    """The order as others may see it: bills are 已收费 once it is paid."""
    return {
        "order": order.number,
        "state": order.state,
        "payer": order.partner,
        "amount_fen": order.amount_fen,
        "currency": order.currency,
        "paid_fen": order.paid_fen,
        "refunding_fen": order.refunding_fen,
        "refunded_fen": order.refunded_fen,
        "provider": order.provider,
        "transaction": order.transaction_id,
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "bills": [
            {
                "bill_of_lading": bill.bill_of_lading,
                "declaration": bill.declaration,
                "amount_fen": bill.amount_fen,
            }
            for bill in tx.money.orders.bills(order.number)
        ],
    }
