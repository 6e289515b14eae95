"""STANDARD WEBHOOKS: a platform that speaks our words; requests and answers are signed alike (D.1).

`POST {api}/orders` (checkout), `/queries` and `/refunds`: JSON in and out, each side signing with
the shared secret as webhooks are signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from gateway.adapters.payments.connection import Connection, PlatformAway
from gateway.limits import CALLBACK_TOLERANCE_SECONDS
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.ports import Checkout, ProviderRefused, Told
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.rules.callbacks.body import json_object
from gateway.rules.callbacks.contract import Refused, fen_of_number
from gateway.rules.callbacks.standard_webhooks import Config
from gateway.rules.payment_event import REFUNDS, Kind, PaymentEvent
from gateway.rules.webhook_signature import Verification, decode_secret, verify

_NAME: Final = "standard-webhooks"
_KINDS: Final = {
    "payment.succeeded": Kind.PAYMENT_SUCCEEDED,
    "payment.failed": Kind.PAYMENT_FAILED,
    "payment.closed": Kind.PAYMENT_CLOSED,
    "refund.succeeded": Kind.REFUND_SUCCEEDED,
    "refund.abnormal": Kind.REFUND_ABNORMAL,
    "refund.closed": Kind.REFUND_CLOSED,
}


class StandardWebhooks:
    """Till and client."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """A signed JSON request that opens the order at the platform."""
        terms = self._providers.terms(_NAME)
        body = _json(
            {
                "order_no": order.number,
                "amount_fen": order.amount_fen,
                "currency": order.currency,
                "merchant": terms.merchant,
                "notify_url": terms.urls.get("notify", ""),
            }
        )
        url = terms.urls.get("checkout") or f"{terms.urls['api'].rstrip('/')}/orders"
        return Checkout("POST", url, {}, self._headers(body, now), body.decode())

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """All that it has told about the order, again."""
        answer = await self._call("queries", {"order_no": order.number}, now)
        if not answer.get("known"):
            return Told(known=False)
        events = tuple(_event(order, each) for each in answer.get("events", ()))
        return Told(known=True, events=events)

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Asked for, or what it has told of it where it was; its callback tells the end."""
        asked = {
            "order_no": order.number,
            "refund_no": refund.id,
            "amount_fen": refund.amount_fen,
            "transaction": refund.transaction_id or order.transaction_id,
        }
        answer = await self._call("refunds", asked, now)
        if not answer.get("accepted"):
            raise ProviderRefused(str(answer.get("code"))[:60])
        events = tuple(_event(order, each) for each in answer.get("events", ()))
        return Told(known=True, events=events, number=str(answer.get("refund") or "") or None)

    async def _call(self, path: str, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        terms = self._providers.terms(_NAME)
        body = _json(asked)
        found = await self._connection.exchange(
            "POST",
            f"{terms.urls['api'].rstrip('/')}/{path}",
            headers=self._headers(body, now),
            content=body,
            ca_file=terms.ca_file,
        )
        config = self._config()
        is_ours = verify(
            config.secrets, found.headers, found.body, now.timestamp(), CALLBACK_TOLERANCE_SECONDS
        )
        if is_ours is not Verification.VERIFIED:
            raise PlatformAway("the answer is not signed")
        try:
            return json_object(found.body)
        except Refused:
            raise PlatformAway("the answer is none") from None

    def _headers(self, body: bytes, now: datetime) -> dict[str, str]:
        name, stamp = new_id(), str(int(now.timestamp()))
        key = decode_secret(self._config().secrets[0])
        mac = hmac.digest(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256)
        return {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }

    def _config(self) -> Config:
        config = self._providers.config(_NAME)
        if not isinstance(config, Config):
            raise PlatformAway("the configuration is another provider's")
        return config


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _event(order: OrderRow, told: object) -> PaymentEvent:
    """One event of an answer, under a key of its own beside the callback's."""
    if not isinstance(told, Mapping):
        raise PlatformAway("an event of the answer is none")
    try:
        kind = _KINDS[told["type"]]
        data = told["data"]
        amount = fen_of_number(data["amount_fen"])
        transaction = str(data.get("transaction") or "") or None
        refund = str(data["refund_no"]) if kind in REFUNDS else None
    except (KeyError, TypeError, AttributeError, Refused):
        raise PlatformAway("an event of the answer is none") from None
    return PaymentEvent(
        kind,
        provider=_NAME,
        event_id=f"query:{kind}:{refund or transaction or order.number}:{amount}",
        order=order.number,
        currency=str(data.get("currency") or "CNY"),
        amount_fen=amount,
        transaction=transaction,
        refund=refund,
    )
