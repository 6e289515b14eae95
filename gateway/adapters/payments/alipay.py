"""ALIPAY: page payment, query and refund over its gateway, RSA2 both ways (D.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from gateway.adapters.payments.connection import Connection, PlatformAway
from gateway.adapters.payments.signing import china, rsa_sign, yuan
from gateway.pipeline.money.ports import Checkout, ProviderRefused, Told
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.rules.callbacks.alipay import Config
from gateway.rules.callbacks.contract import Refused, fen_of_yuan
from gateway.rules.callbacks.keys import BadKey, public_key, signed_by
from gateway.rules.payment_event import Kind, PaymentEvent

_NAME: Final = "alipay"
_STATES: Final = {
    "TRADE_SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "TRADE_FINISHED": Kind.PAYMENT_SUCCEEDED,
    "TRADE_CLOSED": Kind.PAYMENT_CLOSED,
}
_OK, _BUSY = "10000", {"20000", "10003"}
# What it says of an order that nobody has opened yet.
_UNKNOWN: Final = "ACQ.TRADE_NOT_EXIST"


class Alipay:
    """Till and client."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """A form to the platform's page."""
        terms = self._providers.terms(_NAME)
        content = {
            "out_trade_no": order.number,
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "total_amount": yuan(order.amount_fen),
            "subject": f"{terms.merchant_name or '港口费用'} {order.number}",
        }
        fields = self._signed("alipay.trade.page.pay", content, now)
        return Checkout("POST", terms.urls.get("checkout") or terms.urls["api"], fields)

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """Its state; refunds by their own query are told in `refund`."""
        answer = await self._call("alipay.trade.query", {"out_trade_no": order.number}, now)
        if answer.get("sub_code") == _UNKNOWN:
            return Told(known=False)
        _expect(answer)
        kind = _STATES.get(str(answer.get("trade_status")))
        if kind is None:
            return Told(known=True)
        trade = str(answer.get("trade_no"))
        event = PaymentEvent(
            kind,
            provider=_NAME,
            event_id=f"query:{trade}:{answer.get('trade_status')}",
            order=order.number,
            currency="CNY",
            amount_fen=_fen(answer.get("total_amount")),
            transaction=trade,
        )
        return Told(known=True, events=(event,))

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Done at once: its answer is the platform's word; `refund_fee` is the sum so far."""
        content = {
            "out_trade_no": order.number,
            "out_request_no": refund.id,
            "refund_amount": yuan(refund.amount_fen),
            "refund_reason": refund.reason,
        }
        answer = await self._call("alipay.trade.refund", content, now)
        _expect(answer)
        trade = str(answer.get("trade_no"))
        event = PaymentEvent(
            Kind.REFUND_SUCCEEDED,
            provider=_NAME,
            event_id=f"refund:{refund.id}",
            order=order.number,
            currency="CNY",
            amount_fen=_fen(answer.get("refund_fee")),
            transaction=trade,
            refund=refund.id,
            cumulative=True,
        )
        return Told(known=True, events=(event,), number=trade)

    async def _call(self, method: str, content: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """The signed node of an answer."""
        terms = self._providers.terms(_NAME)
        fields = self._signed(method, content, now)
        found = await self._connection.exchange(
            "POST",
            terms.urls["api"],
            headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
            content=urlencode(fields).encode(),
            ca_file=terms.ca_file,
        )
        return self._opened(f"{method.replace('.', '_')}_response", found.body)

    def _opened(self, node: str, body: bytes) -> dict[str, Any]:
        """The signature is over the node's own text, as it stands in the answer."""
        try:
            text = body.decode()
            start = text.index(f'"{node}":') + len(node) + 3
            value, end = json.JSONDecoder().raw_decode(text, start)
            signature = json.loads(text).get("sign", "")
        except (ValueError, AttributeError):
            raise PlatformAway("the answer is none") from None
        config = self._providers.config(_NAME)
        if not isinstance(config, Config) or not isinstance(value, dict):
            raise PlatformAway("the answer is none")
        try:
            keys = [public_key(each) for each in config.public_keys]
        except BadKey:
            raise PlatformAway("the platform's key is none") from None
        if not signed_by(keys, str(signature), text[start:end].encode()):
            raise PlatformAway("the answer is not signed")
        return value

    def _signed(self, method: str, content: Mapping[str, str], now: datetime) -> dict[str, str]:
        terms = self._providers.terms(_NAME)
        fields = {
            "app_id": str(terms.config.get("app_id") or ""),
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": china(now, "%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "notify_url": terms.urls.get("notify", ""),
            "return_url": terms.urls.get("back", ""),
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        }
        told = {name: value for name, value in fields.items() if value}
        text = "&".join(f"{name}={told[name]}" for name in sorted(told))
        key = self._providers.own_key(_NAME, "private_key")
        return told | {"sign": rsa_sign(key, text.encode())}


def _expect(answer: Mapping[str, Any]) -> None:
    code = str(answer.get("code"))
    if code in _BUSY or answer.get("sub_code") == "ACQ.SYSTEM_ERROR":
        raise PlatformAway(f"code {code}")
    if code != _OK:
        raise ProviderRefused(str(answer.get("sub_code") or code)[:60])


def _fen(text: object) -> int:
    try:
        return fen_of_yuan(str(text))
    except Refused:
        raise PlatformAway("an amount is none") from None
