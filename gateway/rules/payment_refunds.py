"""REFUNDS of one order: which ones count, from all that was told about them, in any order.

A refund is told about many times (requested, abnormal, closed, succeeded); the strongest word
counts.  They are taken against the payment in an order of their own (what we asked for as we asked,
then the smaller ones), never in the order of arrival, so that the end is the same for all arrivals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from gateway.rules.payment_event import REFUNDS, Kind, PaymentEvent


class Word(IntEnum):
    """What is known of a refund, the stronger word last."""

    REQUESTED = 0
    ABNORMAL = 1
    CLOSED = 2
    SUCCEEDED = 3


_WORDS = {
    Kind.REFUND_REQUEST: Word.REQUESTED,
    Kind.REFUND_ABNORMAL: Word.ABNORMAL,
    Kind.REFUND_CLOSED: Word.CLOSED,
    Kind.REFUND_SUCCEEDED: Word.SUCCEEDED,
}


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund.  disputed: two events tell different amounts; the larger one is kept.

    asked: the place of our request among our requests; None where we never asked.
    """

    id: str
    amount_fen: int
    word: Word
    asked: int | None = None
    transaction: str | None = None
    disputed: bool = False


def gather(events: Iterable[PaymentEvent]) -> list[Refund]:
    """Every refund that is told of, in the order in which they are taken."""
    told: dict[str, list[PaymentEvent]] = defaultdict(list)
    cumulative: list[PaymentEvent] = []
    ours: list[PaymentEvent] = []
    for event in events:
        if event.kind not in REFUNDS and event.kind is not Kind.REFUND_REQUEST:
            continue
        if event.is_local:
            ours.append(event)
        if event.cumulative:
            cumulative.append(event)
        else:
            told[event.refund or event.event_id or ""].append(event)
    for name, increase in _increases(cumulative):
        told[name].append(increase)
    refunds = [_refund(name, each, ours) for name, each in told.items()]
    return sorted(refunds, key=_taken_as)


def _taken_as(one: Refund) -> tuple[bool, int, int, str]:
    return (one.asked is None, one.asked or 0, one.amount_fen, one.id)


def _increases(events: Sequence[PaymentEvent]) -> Iterable[tuple[str, PaymentEvent]]:
    """Totals so far as refunds of their own: each is the increase over the one below it (H-40)."""
    totals: dict[tuple[str | None, str | None], dict[int, list[PaymentEvent]]] = {}
    for event in events:
        by_total = totals.setdefault((event.provider, event.transaction), {})
        by_total.setdefault(event.amount_fen or 0, []).append(event)
    for (provider, transaction), by_total in totals.items():
        below = 0
        for total in sorted(by_total):
            names = sorted(each.refund for each in by_total[total] if each.refund)
            name = names[0] if names else f"{provider}:{transaction}:{total}"
            increase = PaymentEvent(
                Kind.REFUND_SUCCEEDED,
                provider=provider,
                amount_fen=total - below,
                transaction=transaction,
            )
            below = total
            yield name, increase


def _refund(name: str, events: Sequence[PaymentEvent], ours: Sequence[PaymentEvent]) -> Refund:
    word = max(_WORDS[event.kind] for event in events)
    amounts = {event.amount_fen for event in events if event.amount_fen is not None}
    transactions = sorted(event.transaction for event in events if event.transaction)
    return Refund(
        id=name,
        amount_fen=max(amounts, default=0),
        word=word,
        asked=next((ours.index(event) for event in events if event.is_local), None),
        transaction=transactions[0] if transactions else None,
        disputed=len(amounts) > 1,
    )
