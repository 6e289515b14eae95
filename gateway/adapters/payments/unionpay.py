"""UNIONPAY 全渠道 5.1.0: front payment, query (00) and refund (04), signMethod 01 or 11 (D.1)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from gateway.adapters.payments.connection import Connection, PlatformAway
from gateway.adapters.payments.signing import china, rsa_sign
from gateway.pipeline.money.ports import Checkout, ProviderRefused, Told
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import OrderRow, RefundRow
from gateway.rules.callbacks.body import form
from gateway.rules.callbacks.contract import Refused, fen_of_text
from gateway.rules.callbacks.keys import BadKey, certificates, chained_key, signed_by
from gateway.rules.callbacks.unionpay import Config, digest_to_sign, secret_signature
from gateway.rules.payment_event import Kind, PaymentEvent

_NAME: Final = "unionpay"
_GOOD: Final = frozenset({"00", "A6"})
# Not known yet: the status query tells, later.
_LATER: Final = frozenset({"03", "04", "05"})
_NO_SUCH_ORDER: Final = "34"


class UnionPay:
    """Till and client."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """A form to the platform's page; the order's own time is its txnTime for ever."""
        del now
        terms = self._providers.terms(_NAME)
        fields = self._signed(
            {
                **self._common("01", "01"),
                "orderId": order.number,
                "txnTime": china(order.created_at),
                "txnAmt": str(order.amount_fen),
                "currencyCode": "156",
                "backUrl": terms.urls.get("notify", ""),
                "frontUrl": terms.urls.get("back", ""),
            }
        )
        return Checkout("POST", terms.urls["checkout"], fields)

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """By its number and time."""
        asked = {"orderId": order.number, "txnTime": china(order.created_at)}
        fields = await self._call("queryTrans.do", {**self._common("00", "00"), **asked}, now)
        code = fields.get("respCode", "")
        if code == _NO_SUCH_ORDER:
            return Told(known=False)
        if code != "00":
            raise PlatformAway(f"respCode {code[:4]}")
        found = fields.get("origRespCode", "")
        if found in _LATER:
            return Told(known=True)
        event = PaymentEvent(
            Kind.PAYMENT_SUCCEEDED if found in _GOOD else Kind.PAYMENT_FAILED,
            provider=_NAME,
            event_id=f"query:{fields.get('queryId', '')}:{found}",
            order=order.number,
            currency=fields.get("currencyCode") or "156",
            amount_fen=_fen(fields),
            transaction=fields.get("queryId") or None,
        )
        return Told(known=True, events=(event,))

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Asked for once: a number that it has is only asked after; its callback tells the end."""
        known = await self._refund_state(order, refund, now)
        if known is not None:
            return known
        terms = self._providers.terms(_NAME)
        asked = {
            **self._common("04", "00"),
            "orderId": refund.id,
            "origQryId": refund.transaction_id or order.transaction_id or "",
            "txnTime": china(refund.created_at),
            "txnAmt": str(refund.amount_fen),
            "currencyCode": "156",
            "backUrl": terms.urls.get("notify", ""),
        }
        fields = await self._call("backTransReq.do", asked, now)
        code = fields.get("respCode", "")
        if code not in _GOOD | _LATER:
            raise ProviderRefused(f"respCode {code[:4]}")
        return Told(known=True, number=fields.get("queryId") or None)

    async def _refund_state(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told | None:
        """None where it has no such refund yet."""
        asked = {"orderId": refund.id, "txnTime": china(refund.created_at)}
        fields = await self._call("queryTrans.do", {**self._common("00", "00"), **asked}, now)
        code, found = fields.get("respCode", ""), fields.get("origRespCode", "")
        if code == _NO_SUCH_ORDER:
            return None
        if code != "00":
            raise PlatformAway(f"respCode {code[:4]}")
        number = fields.get("queryId") or None
        if found in _LATER:
            return Told(known=True, number=number)
        event = PaymentEvent(
            Kind.REFUND_SUCCEEDED if found in _GOOD else Kind.REFUND_CLOSED,
            provider=_NAME,
            event_id=f"refund:{refund.id}:{found}",
            order=order.number,
            currency=fields.get("currencyCode") or "156",
            amount_fen=_fen(fields),
            transaction=refund.transaction_id or order.transaction_id,
            refund=refund.id,
        )
        return Told(known=True, events=(event,), number=number)

    def _common(self, kind: str, subtype: str) -> dict[str, str]:
        terms = self._providers.terms(_NAME)
        return {
            "version": "5.1.0",
            "encoding": "UTF-8",
            "signMethod": "01" if "private_key" in terms.own_keys else "11",
            "txnType": kind,
            "txnSubType": subtype,
            "bizType": "000201",
            "channelType": "07",
            "accessType": "0",
            "merId": terms.merchant or "",
        }

    def _signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        told = {name: value for name, value in fields.items() if value}
        if told["signMethod"] == "01":
            told["certId"] = self._providers.own_key(_NAME, "private_key_serial")
            key = self._providers.own_key(_NAME, "private_key")
            return told | {"signature": rsa_sign(key, digest_to_sign(told))}
        return told | {"signature": secret_signature(told, self._config().secrets[0])}

    async def _call(self, path: str, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
        terms = self._providers.terms(_NAME)
        found = await self._connection.exchange(
            "POST",
            f"{terms.urls['api'].rstrip('/')}/{path}",
            headers={"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
            content=urlencode(self._signed(asked)).encode(),
            ca_file=terms.ca_file,
        )
        try:
            fields = form(found.body)
        except Refused:
            raise PlatformAway("the answer is none") from None
        if not self._is_signed(fields, now):
            raise PlatformAway("the answer is not signed")
        return fields

    def _is_signed(self, fields: Mapping[str, str], now: datetime) -> bool:
        config = self._config()
        signature = fields.get("signature", "")
        if fields.get("signMethod") == "11" and config.secrets:
            made = (secret_signature(fields, each) for each in config.secrets)
            return any(hmac.compare_digest(m.encode(), signature.encode()) for m in made)
        try:
            anchors = certificates(config.certificates)
            named = fields.get("signPubKeyCert", "")
            key = chained_key(named, anchors, config.common_names, now)
        except (BadKey, Refused):
            return False
        return signed_by([key], signature, digest_to_sign(fields))

    def _config(self) -> Config:
        config = self._providers.config(_NAME)
        if not isinstance(config, Config):
            raise PlatformAway("the configuration is another provider's")
        return config


def _fen(fields: Mapping[str, str]) -> int:
    try:
        return fen_of_text(fields.get("txnAmt"))
    except Refused:
        raise PlatformAway("an amount is none") from None
