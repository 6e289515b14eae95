"""UNIONPAY 全渠道 5.1.0: `signMethod` 01 (RSA, certificate chain) and 11 (secret); D.1, H-39."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import Field, model_validator

from gateway.canonical.model import Code, Many, Text
from gateway.limits import CALLBACK_KEYS_MAX
from gateway.rules.callbacks.body import form
from gateway.rules.callbacks.config import ProviderConfig
from gateway.rules.callbacks.contract import Refused, Reply, Request, fen_of_text, needed, ours
from gateway.rules.callbacks.keys import BadKey, certificates, chained_key, signed_by
from gateway.rules.payment_event import Kind, PaymentEvent

ACCEPTED = Reply(200, "ok")
REFUSED = Reply(400, "fail")
TOO_LARGE = Reply(413, "fail")
# It writes its name into the common name of its certificates.
NAME = "中国银联股份有限公司"
_VERSION = "5.1.0"
_PAYMENT, _REFUND = "01", "04"


class Config(ProviderConfig):
    """certificates: our roots and intermediates, PEM (01).  secrets: two while one changes (11).

    back_url_fields: names of the query of our own backUrl, which comes back among the fields.
    """

    merchant: Code
    secrets: Many[Text] = Field(default=(), max_length=CALLBACK_KEYS_MAX)
    certificates: Many[str] = Field(default=(), max_length=CALLBACK_KEYS_MAX)
    common_names: Many[Text] = (NAME,)
    back_url_fields: Many[Code] = ()

    @model_validator(mode="after")
    def _has_a_key(self) -> Config:
        if not self.secrets and not self.certificates:
            raise ValueError("secrets or certificates are needed")
        return self


def verify(config: Config, request: Request) -> PaymentEvent:
    """The event of a callback; raises Refused."""
    fields = form(request.body)
    for name in config.back_url_fields:
        fields.pop(name, None)
    signature = needed(fields, "signMethod") and fields.pop("signature", "")
    if not signature:
        raise Refused("SIGNATURE", "there is no signature")
    if fields.get("version") != _VERSION:
        raise Refused("VERSION", "only version 5.1.0 is safe: 5.0.0 signs with SHA-1")
    if not _is_signed(config, fields, signature, request):
        raise Refused("SIGNATURE", "the signature does not fit")
    ours(fields.get("merId"), config.merchant, "merId")
    return _event(fields)


def signed_text(fields: Mapping[str, str]) -> str:
    """`k=v&…`, sorted by name, without `signature`."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


def secret_signature(fields: Mapping[str, str], secret: str) -> str:
    """For signMethod 11: SHA-256 over the text, `&`, and the SHA-256 of the secret; lower hex."""
    inner = hashlib.sha256(secret.encode()).hexdigest()
    return hashlib.sha256(f"{signed_text(fields)}&{inner}".encode()).hexdigest()


def digest_to_sign(fields: Mapping[str, str]) -> bytes:
    """For signMethod 01: the lower hex of the SHA-256, whose text RSA signs."""
    return hashlib.sha256(signed_text(fields).encode()).hexdigest().encode()


def _is_signed(config: Config, fields: Mapping[str, str], signature: str, request: Request) -> bool:
    method = fields["signMethod"]
    if method == "11" and config.secrets:
        matches = [
            hmac.compare_digest(secret_signature(fields, each).encode(), signature.encode())
            for each in config.secrets
        ]
        return any(matches)
    if method == "01" and config.certificates:
        return _is_rsa_signed(config, fields, signature, request)
    raise Refused("KEY", "no key of ours belongs to this signMethod")


def _is_rsa_signed(
    config: Config, fields: Mapping[str, str], signature: str, request: Request
) -> bool:
    certificate = fields.get("signPubKeyCert", "")
    try:
        anchors = certificates(config.certificates)
    except BadKey as error:
        raise Refused("KEY", f"our certificates: {error}") from None
    key = chained_key(certificate, anchors, config.common_names, request.now)
    return signed_by([key], signature, digest_to_sign(fields))


def _event(fields: Mapping[str, str]) -> PaymentEvent:
    query_id = needed(fields, "queryId")
    transaction_type = needed(fields, "txnType")
    if transaction_type not in {_PAYMENT, _REFUND}:
        raise Refused("MALFORMED", "txnType is neither a payment nor a refund")
    refund = transaction_type == _REFUND
    # A refund's orderId is our number of the refund; origOrderId or origQryId tell the payment.
    return PaymentEvent(
        kind=_kind(needed(fields, "respCode"), refund=refund),
        provider="unionpay",
        event_id=query_id,
        order=fields.get("origOrderId") if refund else needed(fields, "orderId"),
        merchant=needed(fields, "merId"),
        currency=needed(fields, "currencyCode"),
        amount_fen=fen_of_text(fields.get("txnAmt")),
        transaction=fields.get("origQryId") if refund else query_id,
        refund=needed(fields, "orderId") if refund else None,
        occurred=fields.get("txnTime") or None,
    )


def _kind(code: str, *, refund: bool) -> Kind:
    """00 is success; A6 waits for the status query; anything else never comes as a callback."""
    if code == "00":
        return Kind.REFUND_SUCCEEDED if refund else Kind.PAYMENT_SUCCEEDED
    if code == "A6":
        return Kind.REFUND_ABNORMAL if refund else Kind.PAYMENT_ACCEPTED
    return Kind.REFUND_CLOSED if refund else Kind.PAYMENT_FAILED
