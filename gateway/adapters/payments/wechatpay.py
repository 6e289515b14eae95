"""WECHAT PAY v3: native payment, query and refund; every request and answer is signed (D.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.adapters.payments.connection import Answered, Connection, PlatformAway
from gateway.adapters.payments.signing import rsa_sign
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.ports import Checkout, ProviderRefused, Told
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.rules.callbacks.contract import Refused, Request, fen_of_number
from gateway.rules.callbacks.wechatpay import Config, check_signature
from gateway.rules.payment_event import Kind, PaymentEvent

_NAME: Final = "wechatpay"
_REFUNDS: Final = {
    "SUCCESS": Kind.REFUND_SUCCEEDED,
    "CLOSED": Kind.REFUND_CLOSED,
    "ABNORMAL": Kind.REFUND_ABNORMAL,
}


class WeChatPay:
    """Till and client."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """The signed request of a native payment, whose answer is the code to scan."""
        terms = self._providers.terms(_NAME)
        body = _json(
            {
                "appid": terms.config.get("app_id"),
                "mchid": terms.merchant,
                "description": f"{terms.merchant_name or '港口费用'} {order.number}",
                "out_trade_no": order.number,
                "notify_url": terms.urls.get("notify", ""),
                "amount": {"total": order.amount_fen, "currency": "CNY"},
            }
        )
        url = f"{terms.urls['api'].rstrip('/')}/v3/pay/transactions/native"
        headers = self._headers("POST", url, body, now)
        return Checkout("POST", url, {}, headers, body)

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """By our number."""
        merchant = self._providers.terms(_NAME).merchant
        path = f"/v3/pay/transactions/out-trade-no/{order.number}?mchid={merchant}"
        answer = await self._call("GET", path, "", now)
        if answer is None:
            return Told(known=False)
        state = answer.get("trade_state")
        if state not in ("SUCCESS", "REFUND", "CLOSED"):
            return Told(known=True)
        paid = state != "CLOSED"
        transaction = str(answer.get("transaction_id") or "") or None
        event = PaymentEvent(
            Kind.PAYMENT_SUCCEEDED if paid else Kind.PAYMENT_CLOSED,
            provider=_NAME,
            event_id=f"query:{transaction or order.number}:{'SUCCESS' if paid else state}",
            order=order.number,
            currency="CNY",
            amount_fen=_fen(answer, "total") if paid else None,
            transaction=transaction,
        )
        return Told(known=True, events=(event,))

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Asked for, or its state where it was; the callback may come before or after."""
        terms = self._providers.terms(_NAME)
        body = {
            "out_trade_no": order.number,
            "out_refund_no": refund.id,
            "reason": refund.reason,
            "notify_url": terms.urls.get("notify", ""),
            "amount": {
                "refund": refund.amount_fen,
                "total": order.amount_fen,
                "currency": "CNY",
            },
        }
        answer = await self._call("POST", "/v3/refund/domestic/refunds", _json(body), now)
        if answer is None:
            raise ProviderRefused("RESOURCE_NOT_EXISTS")
        status = str(answer.get("status"))
        number = str(answer.get("refund_id") or "") or None
        if status not in _REFUNDS:
            return Told(known=True, number=number)
        event = PaymentEvent(
            _REFUNDS[status],
            provider=_NAME,
            event_id=f"refund:{refund.id}:{status}",
            order=order.number,
            currency="CNY",
            amount_fen=_fen(answer, "refund"),
            transaction=str(answer.get("transaction_id") or "") or None,
            refund=refund.id,
        )
        return Told(known=True, events=(event,), number=number)

    async def _call(
        self, method: str, path: str, body: str, now: datetime
    ) -> dict[str, Any] | None:
        """The answer's JSON; None for 404."""
        terms = self._providers.terms(_NAME)
        url = f"{terms.urls['api'].rstrip('/')}{path}"
        found = await self._connection.exchange(
            method,
            url,
            headers=self._headers(method, url, body, now),
            content=body.encode(),
            ca_file=terms.ca_file,
        )
        self._check(found, now)
        if found.status == 404:
            return None
        try:
            answer = json.loads(found.body)
        except ValueError:
            raise PlatformAway("the answer is none") from None
        if not isinstance(answer, dict):
            raise PlatformAway("the answer is none")
        if found.status >= 400:
            raise ProviderRefused(str(answer.get("code"))[:60])
        return answer

    def _check(self, found: Answered, now: datetime) -> None:
        config = self._providers.config(_NAME)
        if not isinstance(config, Config):
            raise PlatformAway("the configuration is another provider's")
        try:
            check_signature(config, Request(found.headers, found.body, now))
        except Refused as refused:
            raise PlatformAway(f"the answer is not signed: {refused.why}") from None

    def _headers(self, method: str, url: str, body: str, now: datetime) -> dict[str, str]:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        stamp, nonce = str(int(now.timestamp())), new_id()
        signed = f"{method}\n{target}\n{stamp}\n{nonce}\n{body}\n".encode()
        signature = rsa_sign(self._providers.own_key(_NAME, "private_key"), signed)
        merchant = self._providers.terms(_NAME).merchant
        serial = self._providers.own_key(_NAME, "private_key_serial")
        told = (
            f'mchid="{merchant}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{stamp}",serial_no="{serial}"'
        )
        return {
            "authorization": f"WECHATPAY2-SHA256-RSA2048 {told}",
            "content-type": "application/json",
            "accept": "application/json",
        }


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _fen(answer: Mapping[str, Any], name: str) -> int:
    amount = answer.get("amount")
    try:
        return fen_of_number(amount.get(name) if isinstance(amount, Mapping) else None)
    except Refused:
        raise PlatformAway("an amount is none") from None
