"""LEDGER: all events of an order folded anew into its row, and what follows from it (D.3).

The fold is pure and takes the whole set (gateway/rules/payment); here it meets the store.  Whatever
follows carries a key and is done once; refunds and work items follow the fold, so that the end is
the same whatever the order in which a provider's events came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.canonical.partner import Partner
from gateway.limits import PAYMENT_EVENTS_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.money import effects
from gateway.pipeline.money.rows import EventRow, OrderRow, RefundRow
from gateway.pipeline.money.told import tell
from gateway.pipeline.money.work import of_note, of_order
from gateway.pipeline.ports import Tx
from gateway.rules.payment import fold
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.rules.payment_ledger import Folded, Order, State

# A bill is bound to its order while it may still be paid by it.
_OPEN = frozenset({State.CREATED, State.PENDING, State.AMOUNT_MISMATCH})
_CLOSES = frozenset({Kind.CLOSE, Kind.PAYMENT_CLOSED})
Partners = Callable[[], Sequence[Partner]]


@dataclass(frozen=True, slots=True)
class Office:
    """What settling needs of its surroundings."""

    partners: Partners


def event_of(row: EventRow) -> PaymentEvent:
    """As rules read it."""
    told: dict[str, Any] = {**row.event, "kind": Kind(row.kind), "at": row.received_at}
    return PaymentEvent(**told)


def refold(tx: Tx, order: OrderRow, office: Office, now: datetime) -> OrderRow:
    """Settle an order, whose lock the caller holds; the order as it is now."""
    events = _events(tx, order, now)
    # Each callback was held against its own provider's merchant; the payer may change the provider.
    asked = Order(order.number, order.amount_fen, order.currency)
    folded = fold(asked, events)
    fresh = _fresh(order, folded, {event.kind for event in events}, now)
    tx.money.orders.change(fresh, open_=folded.state in _OPEN and fresh.closed_at is None)
    _charges(tx, fresh, folded, now)
    crash_point("settle.charges_paid")
    _refunds(tx, fresh, folded, now)
    for note in (*folded.effects, *folded.queries):
        if tx.money.events.effect(
            order.number, note.key, note.kind, note.amount_fen, note.reference
        ):
            effects.apply(tx, fresh, note, now)
    tx.money.work.keep(order.number, [of_note(fresh, each, now) for each in folded.work_items], now)
    tx.money.events.folded(order.number)
    if fresh.state != order.state or fresh.refunded_fen != order.refunded_fen:
        tell(tx, office.partners(), fresh, now)
    return fresh


def _events(tx: Tx, order: OrderRow, now: datetime) -> list[PaymentEvent]:
    """Those that are folded; what comes beyond them is kept, and a person looks at it."""
    rows = tx.money.events.of_order(order.number, PAYMENT_EVENTS_MAX + 1)
    if len(rows) > PAYMENT_EVENTS_MAX:
        beyond = rows[PAYMENT_EVENTS_MAX].event_id
        tx.money.work.add(of_order("TOO_MANY_EVENTS", order, beyond, now))
    return [event_of(row) for row in rows[:PAYMENT_EVENTS_MAX]]


def _fresh(order: OrderRow, folded: Folded, kinds: AbstractSet[Kind], now: datetime) -> OrderRow:
    """An order that somebody closed and that nobody paid in time gives its bills back."""
    ledger = folded.ledger
    closed = not _is_paid(folded) and not kinds.isdisjoint(_CLOSES)
    return replace(
        order,
        state=folded.state.value,
        due_fen=ledger.due_fen,
        paid_fen=ledger.paid_fen,
        refunding_fen=ledger.refunding_fen,
        refunded_fen=ledger.refunded_fen,
        held_fen=ledger.held_fen,
        returned_fen=ledger.returned_fen,
        transaction_id=folded.transaction,
        revision=order.revision + 1,
        paid_at=order.paid_at or (now if ledger.due_fen == 0 else None),
        closed_at=(order.closed_at or now) if closed else None,
    )


def _is_paid(folded: Folded) -> bool:
    return any(note.kind == "PAID" for note in folded.effects)


def _charges(tx: Tx, order: OrderRow, folded: Folded, now: datetime) -> None:
    """Paid by this order, or free for another one."""
    if _is_paid(folded):
        effects.mark_paid(tx, order, now)
    elif order.closed_at is not None:
        tx.money.charges.release(order.number)


def _refunds(tx: Tx, order: OrderRow, folded: Folded, now: datetime) -> None:
    """Each refund is what the fold makes of it."""
    words = {str(n.reference): "succeeded" for n in folded.effects if n.kind == "REFUNDED"}
    said = {"MANUAL": "abnormal", "REFUND_CLOSED": "closed", "OVER_REFUND": "refused"}
    for note in folded.work_items:
        if note.kind in said:
            words[str(note.reference)] = said[note.kind]
    rows = {row.id: row for row in tx.money.refunds.of_order(order.number)}
    amounts = {str(n.reference): n.amount_fen for n in (*folded.work_items, *folded.effects)}
    for name, state in words.items():
        row = rows.get(name)
        if row is None:
            tx.money.refunds.add(_foreign(order, name, amounts.get(name) or 0, state, now))
        elif row.state != state:
            done = now if state == "succeeded" else None
            tx.money.refunds.change(replace(row, state=state, finished_at=done))


def _foreign(order: OrderRow, name: str, fen: int, state: str, now: datetime) -> RefundRow:
    """A refund that somebody made in the platform's own console."""
    return RefundRow(
        id=name,
        payment_order=order.number,
        partner=order.partner,
        provider=order.provider,
        amount_fen=max(fen, 1),
        reason="PROVIDER",
        state=state,
        requested_by="provider",
        created_at=now,
        finished_at=now if state == "succeeded" else None,
    )
