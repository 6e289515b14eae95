"""ALIPAY: RSA2 over the sorted form; pays, closes and refunds come to one address (D.1)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from gateway.canonical.model import Code, Many
from gateway.limits import CALLBACK_KEYS_MAX
from gateway.rules.callbacks.body import charset_of, form
from gateway.rules.callbacks.config import ProviderConfig
from gateway.rules.callbacks.contract import Refused, Reply, Request, fen_of_yuan, needed, ours
from gateway.rules.callbacks.keys import BadKey, public_key, signed_by
from gateway.rules.payment_event import Kind, PaymentEvent

# Exactly this word; anything else has it sent again.
ACCEPTED = Reply(200, "success")
REFUSED = Reply(401, "fail")
TOO_LARGE = Reply(413, "fail")
_UNSIGNED = frozenset({"sign", "sign_type"})
_STATES = {
    "WAIT_BUYER_PAY": Kind.CHECKOUT,
    "TRADE_SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "TRADE_FINISHED": Kind.PAYMENT_SUCCEEDED,
    "TRADE_CLOSED": Kind.PAYMENT_CLOSED,
}


class Config(ProviderConfig):
    """merchant: our seller_id.  public_keys: of the platform, PEM or bare base64."""

    merchant: Code
    app_id: Code | None = None
    public_keys: Many[str] = Field(min_length=1, max_length=CALLBACK_KEYS_MAX)


def verify(config: Config, request: Request) -> PaymentEvent:
    """The event of a callback; raises Refused."""
    fields = form(request.body)
    signature = fields.get("sign", "")
    if not signature:
        raise Refused("SIGNATURE", "there is no sign")
    if fields.get("sign_type") != "RSA2":
        raise Refused("VERSION", "sign_type is not RSA2")
    try:
        keys = [public_key(each) for each in config.public_keys]
    except BadKey as error:
        raise Refused("KEY", f"our key: {error}") from None
    # The signature is over the text in the form's own charset.
    signed = signed_text(fields).encode(charset_of(fields.get("charset")))
    if not signed_by(keys, signature, signed):
        raise Refused("SIGNATURE", "the signature does not fit")
    ours(fields.get("seller_id"), config.merchant, "seller_id")
    ours(fields.get("app_id"), config.app_id, "app_id")
    return _event(fields)


def signed_text(fields: Mapping[str, str]) -> str:
    """`k=v&…` of the fields that say something, sorted, without `sign` and `sign_type`."""
    names = sorted(name for name in fields if name not in _UNSIGNED and fields[name])
    return "&".join(f"{name}={fields[name]}" for name in names)


def _event(fields: Mapping[str, str]) -> PaymentEvent:
    state = needed(fields, "trade_status")
    refunded = fields.get("refund_fee", "")
    kind = Kind.REFUND_SUCCEEDED if refunded else _STATES.get(state)
    if kind is None:
        raise Refused("MALFORMED", "trade_status is none that Alipay has")
    # A payer who has not paid yet is no checkout of ours.
    kind = Kind.PAYMENT_ACCEPTED if kind is Kind.CHECKOUT else kind
    notify = needed(fields, "notify_id")
    return PaymentEvent(
        kind=kind,
        provider="alipay",
        event_id=":".join(each for each in (notify, state, refunded) if each),
        order=needed(fields, "out_trade_no"),
        merchant=needed(fields, "seller_id"),
        currency="CNY",
        amount_fen=fen_of_yuan(refunded or fields.get("total_amount")),
        transaction=needed(fields, "trade_no"),
        refund=fields.get("out_biz_no") or None if refunded else None,
        cumulative=bool(refunded),
        occurred=fields.get("gmt_refund") or fields.get("notify_time") or None,
    )
