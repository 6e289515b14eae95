"""PAYMENT EVENT: what happened to an order's money, in our words, whoever told it.

Provider events come from a verified callback or from an answer to a query; local events are ours
and were committed at their instant.  Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

# ISO 4217: the number that UnionPay writes, and the letters that all others write.
OUR_CURRENCIES = frozenset({"CNY", "156"})


class Kind(StrEnum):
    """Of the provider: what it says.  Of ours: checkout, close, refund_request."""

    PAYMENT_SUCCEEDED = "payment_succeeded"
    # UnionPay's A6: partly or not yet final; a status query decides (H-39).
    PAYMENT_ACCEPTED = "payment_accepted"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_CLOSED = "payment_closed"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_ABNORMAL = "refund_abnormal"
    REFUND_CLOSED = "refund_closed"
    # The provider's answer to a query contradicts its callback (H-39).
    QUERY_CONTRADICTS = "query_contradicts"
    CHECKOUT = "checkout"
    CLOSE = "close"
    REFUND_REQUEST = "refund_request"


LOCAL = frozenset({Kind.CHECKOUT, Kind.CLOSE, Kind.REFUND_REQUEST})
REFUNDS = frozenset({Kind.REFUND_SUCCEEDED, Kind.REFUND_ABNORMAL, Kind.REFUND_CLOSED})


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One event.  event_id: the provider's key, unique with the provider (D.3, step 5).

    order, merchant, currency: as told; None where this kind does not tell.  transaction: the
    provider's number of the payment.  refund: our number of the refund.  amount_fen: of the
    payment or of the refund; cumulative: all refunds of the payment so far (Alipay).
    occurred: the provider's own time, as written; it decides nothing.
    """

    kind: Kind
    provider: str | None = None
    event_id: str | None = None
    order: str | None = None
    merchant: str | None = None
    currency: str | None = None
    amount_fen: int | None = None
    transaction: str | None = None
    refund: str | None = None
    cumulative: bool = False
    at: datetime | None = None
    occurred: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is ours."""
        return self.kind in LOCAL

    def content(self) -> tuple[Any, ...]:
        """Everything but when it reached us: two events with one key must agree on it."""
        return tuple(getattr(self, each.name) for each in fields(self) if each.name != "at")

    def as_json(self) -> Mapping[str, Any]:
        """Without what is not told; `at` is the reader's to add."""
        told = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "at"}
        return {name: value for name, value in told.items() if value is not None}
