"""AGGREGATOR: sorted fields and `&key=SECRET`, MD5 or HMAC-SHA256 in upper hex; form or JSON (D.1).

MD5 is weak: it is the contract's choice, and such a payment is asked for again before it counts in
a reconciliation.  There is no time window unless the contract promises one (`window_seconds`): a
replay is stopped by its event key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from gateway.canonical.model import Code, Many, Text
from gateway.limits import CALLBACK_KEYS_MAX
from gateway.rules.callbacks.body import form, json_object
from gateway.rules.callbacks.config import ProviderConfig
from gateway.rules.callbacks.contract import Refused, Reply, Request, fen_of_text, needed, ours
from gateway.rules.payment_event import Kind, PaymentEvent

ACCEPTED = Reply(200, "SUCCESS")
REFUSED = Reply(401, "FAIL")
TOO_LARGE = Reply(413, "FAIL")
_TIME = re.compile(r"[0-9]{14}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64}", re.ASCII)
_STATES = {
    "SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "CLOSED": Kind.PAYMENT_CLOSED,
    "FAIL": Kind.PAYMENT_FAILED,
    "REFUND": Kind.REFUND_SUCCEEDED,
    "REFUND_CLOSED": Kind.REFUND_CLOSED,
    "REFUND_ABNORMAL": Kind.REFUND_ABNORMAL,
}
_REFUNDS = frozenset({"REFUND", "REFUND_CLOSED", "REFUND_ABNORMAL"})


class Config(ProviderConfig):
    """sign_method: the one that the contract names; a message cannot choose another."""

    merchant: Code
    secrets: Many[Text] = Field(min_length=1, max_length=CALLBACK_KEYS_MAX)
    sign_method: Literal["MD5", "HMAC-SHA256"] = "HMAC-SHA256"
    window_seconds: int | None = Field(default=None, ge=1)
    success: Literal["SUCCESS", "OK", "success"] = "SUCCESS"


def verify(config: Config, request: Request) -> PaymentEvent:
    """The event of a callback; raises Refused."""
    fields = _fields(request)
    signature = fields.get("sign", "")
    if _HEX.fullmatch(signature) is None:
        raise Refused("SIGNATURE", "there is no sign")
    wanted = [sign(fields, each, config.sign_method) for each in config.secrets]
    matches = [hmac.compare_digest(each.encode(), signature.upper().encode()) for each in wanted]
    if not any(matches):
        raise Refused("SIGNATURE", "the signature does not fit")
    _check_window(config, fields, request)
    ours(fields.get("mch_id"), config.merchant, "mch_id")
    return _event(fields)


def sign(fields: Mapping[str, str], secret: str, method: str) -> str:
    """The signature of the fields; empty ones and `sign` itself do not count."""
    names = sorted(name for name in fields if name != "sign" and fields[name])
    text = "&".join([*(f"{name}={fields[name]}" for name in names), f"key={secret}"]).encode()
    if method == "MD5":
        return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest().upper()


def _fields(request: Request) -> dict[str, str]:
    """Form or JSON; the signature is over values, so the JSON is read strictly before it."""
    if not request.body.lstrip().startswith(b"{"):
        return form(request.body)
    found = json_object(request.body)
    plain = {name: str(value) for name, value in found.items() if _is_plain(value)}
    if len(plain) != len(found):
        raise Refused("MALFORMED", "a field is neither text nor a whole number")
    return plain


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _check_window(config: Config, fields: Mapping[str, str], request: Request) -> None:
    if config.window_seconds is None:
        return
    told = _instant(fields.get("notify_time", ""))
    if told is None:
        raise Refused("MISSING", "notify_time is missing, or no time")
    away = abs((request.now - told).total_seconds())
    if away > config.window_seconds:
        raise Refused("STALE", "notify_time is outside the window")


def _instant(text: str) -> datetime | None:
    """Fourteen digits in China's time; None for anything else."""
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.strptime(text + "+0800", "%Y%m%d%H%M%S%z")
    except ValueError:
        return None


def _event(fields: Mapping[str, str]) -> PaymentEvent:
    state = needed(fields, "trade_state")
    kind = _STATES.get(state)
    if kind is None:
        raise Refused("MALFORMED", "trade_state is none of the contract")
    refund = state in _REFUNDS
    transaction = needed(fields, "transaction_id")
    number = needed(fields, "out_refund_no") if refund else None
    return PaymentEvent(
        kind=kind,
        provider="aggregator",
        event_id=":".join(each for each in (transaction, state, number) if each),
        order=needed(fields, "out_trade_no"),
        merchant=needed(fields, "mch_id"),
        currency=fields.get("fee_type") or "CNY",
        amount_fen=fen_of_text(fields.get("refund_fee" if refund else "total_fee")),
        transaction=transaction,
        refund=number,
        occurred=fields.get("notify_time") or None,
    )
