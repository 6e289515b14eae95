"""LEDGER of a payment: the order, its states, its fen, and what follows from a fold (D.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where an order is; the side states are work for a person."""

    CREATED = "CREATED"
    PENDING = "PENDING"
    PAID = "PAID"
    REFUNDING = "REFUNDING"
    PART_REFUNDED = "PART_REFUNDED"
    REFUNDED = "REFUNDED"
    CLOSED = "CLOSED"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    LATE_PAID = "LATE_PAID"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: frozen when the order was made."""

    number: str
    amount_fen: int
    currency: str = "CNY"
    merchant: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An effect, a work item or a question to the provider; `key` is recorded once.

    Effects: PAID (mark the bills, release, tell the authority), CLOSED_BY_PROVIDER, REFUND_REQUEST
    (send it), REFUNDED (one refund is done).  Work items: AMOUNT_MISMATCH, LATE_PAID, ORPHAN,
    OVER_REFUND, MANUAL, DUPLICATE_PAYMENT, REFUND_CLOSED, EVENT_CONFLICT, QUERY_CONTRADICTS.
    """

    kind: str
    key: str
    amount_fen: int | None = None
    reference: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Every key present."""
        return {
            "kind": self.kind,
            "key": self.key,
            "amount_fen": self.amount_fen,
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class Ledger:
    """Integer fen; the first four are the order's amount together.  returned: of the held ones."""

    due_fen: int
    paid_fen: int = 0
    refunding_fen: int = 0
    refunded_fen: int = 0
    held_fen: int = 0
    returned_fen: int = 0


@dataclass(frozen=True, slots=True)
class Folded:
    """The end of a fold.  refused: event keys that another merchant signed (H-41).

    queries: what the provider is asked next; parked: refunds told of before their payment.
    transaction: the provider's number of the payment that paid the order.
    """

    state: State
    ledger: Ledger
    effects: tuple[Note, ...] = ()
    work_items: tuple[Note, ...] = ()
    queries: tuple[Note, ...] = ()
    refused: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    transaction: str | None = None
