"""AGGREGATOR: sorted fields and a secret, for checkout, query and refund (D.1).

What the contract of such a platform says is taken as the least that all have: form in, JSON or form
out, both signed as its callbacks are.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from gateway.adapters.payments.connection import Connection, PlatformAway
from gateway.adapters.payments.signing import china
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.ports import Checkout, ProviderRefused, Told
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.rules.callbacks.aggregator import Config, sign
from gateway.rules.callbacks.body import form, json_object
from gateway.rules.callbacks.contract import Refused, fen_of_text
from gateway.rules.payment_event import Kind, PaymentEvent

_NAME: Final = "aggregator"
_STATES: Final = {
    "SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "CLOSED": Kind.PAYMENT_CLOSED,
    "FAIL": Kind.PAYMENT_FAILED,
}
_REFUNDS: Final = {
    "REFUND": Kind.REFUND_SUCCEEDED,
    "REFUND_CLOSED": Kind.REFUND_CLOSED,
    "REFUND_ABNORMAL": Kind.REFUND_ABNORMAL,
}


class Aggregator:
    """Till and client."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """A form to the platform's page."""
        terms = self._providers.terms(_NAME)
        fields = {
            "out_trade_no": order.number,
            "total_fee": str(order.amount_fen),
            "body": terms.merchant_name or "港口费用",
            "time_start": china(now),
            "notify_url": terms.urls.get("notify", ""),
        }
        return Checkout("POST", terms.urls["checkout"], self._signed(fields))

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """By our number."""
        del now
        fields = await self._call("query", {"out_trade_no": order.number})
        state = fields.get("trade_state", "")
        if state == "NOTPAY" or state not in _STATES:
            return Told(known=state != "NOTFOUND")
        event = PaymentEvent(
            _STATES[state],
            provider=_NAME,
            event_id=f"query:{fields.get('transaction_id', '')}:{state}",
            order=order.number,
            currency=fields.get("fee_type") or "CNY",
            amount_fen=_fen(fields, "total_fee"),
            transaction=fields.get("transaction_id") or None,
        )
        return Told(known=True, events=(event,))

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Asked for, or its state where it was."""
        del now
        asked = {
            "out_trade_no": order.number,
            "out_refund_no": refund.id,
            "refund_fee": str(refund.amount_fen),
            "total_fee": str(order.amount_fen),
        }
        fields = await self._call("refund", asked)
        if fields.get("result_code") != "SUCCESS":
            raise ProviderRefused(fields.get("err_code", "FAIL")[:60])
        number = fields.get("refund_id") or None
        kind = _REFUNDS.get(fields.get("refund_state", ""))
        if kind is None:
            return Told(known=True, number=number)
        event = PaymentEvent(
            kind,
            provider=_NAME,
            event_id=f"refund:{refund.id}:{fields['refund_state']}",
            order=order.number,
            currency="CNY",
            amount_fen=_fen(fields, "refund_fee"),
            transaction=fields.get("transaction_id") or None,
            refund=refund.id,
        )
        return Told(known=True, events=(event,), number=number)

    async def _call(self, path: str, asked: Mapping[str, str]) -> dict[str, str]:
        terms = self._providers.terms(_NAME)
        found = await self._connection.exchange(
            "POST",
            f"{terms.urls['api'].rstrip('/')}/{path}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=urlencode(self._signed(asked)).encode(),
            ca_file=terms.ca_file,
        )
        try:
            is_json = found.body.lstrip().startswith(b"{")
            fields = (
                {name: str(value) for name, value in json_object(found.body).items()}
                if is_json
                else form(found.body)
            )
        except Refused:
            raise PlatformAway("the answer is none") from None
        config = self._config()
        given = fields.get("sign", "").upper().encode()
        made = [sign(fields, each, config.sign_method).encode() for each in config.secrets]
        if not any(hmac.compare_digest(each, given) for each in made):
            raise PlatformAway("the answer is not signed")
        return fields

    def _signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        config = self._config()
        told = {**fields, "mch_id": config.merchant, "nonce_str": new_id()}
        told = {name: value for name, value in told.items() if value}
        return told | {"sign": sign(told, config.secrets[0], config.sign_method)}

    def _config(self) -> Config:
        config = self._providers.config(_NAME)
        if not isinstance(config, Config):
            raise PlatformAway("the configuration is another provider's")
        return config


def _fen(fields: Mapping[str, str], name: str) -> int:
    try:
        return fen_of_text(fields.get(name))
    except Refused:
        raise PlatformAway("an amount is none") from None
