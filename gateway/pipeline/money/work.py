"""WORK about money: what no rule may decide, as rows with an owner, never log lines (issue 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.pipeline.money.rows import EventRow, OrderRow, WorkRow
from gateway.rules.payment_ledger import Note

FINANCE: Final = "finance"
OPERATIONS: Final = "operations"
# Who looks first; whatever is not named here belongs to finance.
_OWNERS: Final = {
    "EVENT_CONFLICT": OPERATIONS,
    "QUERY_CONTRADICTS": OPERATIONS,
    "CALL_FAILED": OPERATIONS,
}
# Whoever resolves an item that later events have answered by themselves.
BY_ITSELF: Final = "gateway"


def of_note(order: OrderRow, note: Note, now: datetime) -> WorkRow:
    """A work item of a fold."""
    return WorkRow(
        key=note.key,
        kind=note.kind,
        owner=_OWNERS.get(note.kind, FINANCE),
        created_at=now,
        partner=order.partner,
        payment_order=order.number,
        provider=order.provider,
        reference=note.reference,
        amount_fen=note.amount_fen,
        detail={"from": "fold", "state": order.state},
    )


def conflict(first: EventRow, second: EventRow) -> WorkRow:
    """Two callbacks of one key say different things: the first counts."""
    return WorkRow(
        key=f"{first.payment_order}:EVENT_CONFLICT:{first.provider}/{first.event_id}",
        kind="EVENT_CONFLICT",
        owner=OPERATIONS,
        created_at=second.received_at,
        payment_order=first.payment_order,
        provider=first.provider,
        reference=first.event_id,
        detail={"first": first.event, "second": second.event},
    )


def orphan(row: EventRow) -> WorkRow:
    """Money of an order that nobody knows."""
    return WorkRow(
        key=f"{row.payment_order}:ORPHAN:{row.provider}/{row.event_id}",
        kind="ORPHAN",
        owner=FINANCE,
        created_at=row.received_at,
        payment_order=row.payment_order,
        provider=row.provider,
        reference=row.event_id,
        amount_fen=row.event.get("amount_fen"),
        detail={"event": row.event},
    )


def of_order(kind: str, order: OrderRow, about: str, now: datetime, **more: object) -> WorkRow:
    """A work item that no fold makes."""
    fen = more.pop("amount_fen", None)
    bill = more.pop("bill_of_lading", None)
    return WorkRow(
        key=f"{order.number}:{kind}:{about}",
        kind=kind,
        owner=_OWNERS.get(kind, FINANCE),
        created_at=now,
        partner=order.partner,
        payment_order=order.number,
        bill_of_lading=bill if isinstance(bill, str) else None,
        provider=order.provider,
        reference=about,
        amount_fen=fen if isinstance(fen, int) else None,
        detail=dict(more),
    )
