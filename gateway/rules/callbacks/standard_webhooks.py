"""STANDARD WEBHOOKS 1.0.0: a provider that speaks JSON with our order number and fen (D.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from gateway.canonical.model import Code, Many
from gateway.limits import CALLBACK_KEYS_MAX, CALLBACK_TOLERANCE_SECONDS
from gateway.rules.callbacks.body import json_object, object_at, optional_at, text_at
from gateway.rules.callbacks.config import ProviderConfig
from gateway.rules.callbacks.contract import Refused, Reply, Request, Why, fen_of_number, ours
from gateway.rules.payment_event import REFUNDS, Kind, PaymentEvent
from gateway.rules.webhook_signature import Verification, decode_secret
from gateway.rules.webhook_signature import verify as verify_signature

ACCEPTED = Reply(204, "")
REFUSED = Reply(401, "")
TOO_LARGE = Reply(413, "")
_KINDS = {
    "payment.succeeded": Kind.PAYMENT_SUCCEEDED,
    "payment.failed": Kind.PAYMENT_FAILED,
    "payment.closed": Kind.PAYMENT_CLOSED,
    "refund.succeeded": Kind.REFUND_SUCCEEDED,
    "refund.abnormal": Kind.REFUND_ABNORMAL,
    "refund.closed": Kind.REFUND_CLOSED,
}
_WHY: Mapping[Verification, Why] = {
    Verification.MISSING: "MISSING",
    Verification.MALFORMED: "MALFORMED",
    Verification.EXPIRED: "STALE",
    Verification.FORGED: "SIGNATURE",
}


def _secrets(values: tuple[str, ...]) -> tuple[str, ...]:
    for each in values:
        decode_secret(each)
    return values


class Config(ProviderConfig):
    """secrets: `whsec_…`, several while one changes.  merchant: compared where the data has one."""

    secrets: Annotated[
        Many[str], Field(min_length=1, max_length=CALLBACK_KEYS_MAX), AfterValidator(_secrets)
    ]
    merchant: Code | None = None


def verify(config: Config, request: Request) -> PaymentEvent:
    """The event of a callback; raises Refused."""
    found = verify_signature(
        config.secrets,
        request.headers,
        request.body,
        request.now.timestamp(),
        CALLBACK_TOLERANCE_SECONDS,
    )
    if found is not Verification.VERIFIED:
        raise Refused(_WHY[found], found.value)
    message = json_object(request.body)
    data = object_at(message, "data")
    merchant = optional_at(data, "merchant")
    if merchant is not None:
        ours(merchant, config.merchant, "merchant")
    return _event(request.headers["webhook-id"], message, data)


def _event(event_id: str, message: Mapping[str, Any], data: Mapping[str, Any]) -> PaymentEvent:
    kind = _KINDS.get(text_at(message, "type"))
    if kind is None:
        raise Refused("MALFORMED", "the type is none of payments")
    return PaymentEvent(
        kind=kind,
        provider="standard-webhooks",
        event_id=event_id,
        order=text_at(data, "order_no"),
        merchant=optional_at(data, "merchant"),
        currency=text_at(data, "currency"),
        amount_fen=fen_of_number(data.get("amount_fen")),
        transaction=optional_at(data, "transaction"),
        refund=text_at(data, "refund_no") if kind in REFUNDS else None,
        occurred=optional_at(message, "timestamp"),
    )
