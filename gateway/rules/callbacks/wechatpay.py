"""WECHAT PAY v3: RSA-SHA256 over time, nonce and raw body; the content is AES-256-GCM (D.1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, model_validator

from gateway.canonical.model import Code, Many
from gateway.limits import CALLBACK_KEYS_MAX, CALLBACK_TOLERANCE_SECONDS
from gateway.rules.callbacks.body import json_object, object_at, optional_at, text_at
from gateway.rules.callbacks.config import ProviderConfig
from gateway.rules.callbacks.contract import Refused, Reply, Request, fen_of_number, ours
from gateway.rules.callbacks.keys import BadKey, certificates, public_key, signed_by
from gateway.rules.payment_event import Kind, PaymentEvent

_JSON = "application/json"
ACCEPTED = Reply(200, '{"code":"SUCCESS","message":"成功"}', _JSON)
# A 200 with FAIL would count as success.
REFUSED = Reply(401, '{"code":"FAIL","message":"失败"}', _JSON)
TOO_LARGE = Reply(413, '{"code":"FAIL","message":"失败"}', _JSON)
# WeChat tries whether we verify at all: such a signature must fail.
_PROBE = "WECHATPAY/SIGNTEST/"
_SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
_STAMP = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)
_KEY_BYTES, _NONCE_BYTES = 32, 12
_REFUND_KINDS = {
    "REFUND.SUCCESS": (Kind.REFUND_SUCCEEDED, "SUCCESS"),
    "REFUND.ABNORMAL": (Kind.REFUND_ABNORMAL, "ABNORMAL"),
    "REFUND.CLOSED": (Kind.REFUND_CLOSED, "CLOSED"),
}


class Config(ProviderConfig):
    """Several keys of each kind while one changes.

    merchant: mchid.  api_v3_keys: 32 bytes each.  public_keys: by `PUB_KEY_ID_…`, PEM.
    certificates: PEM, known by their serial numbers.
    """

    merchant: Code
    app_id: Code | None = None
    api_v3_keys: Many[str] = Field(min_length=1, max_length=CALLBACK_KEYS_MAX)
    public_keys: dict[Code, str] = Field(default_factory=dict, max_length=CALLBACK_KEYS_MAX)
    certificates: Many[str] = Field(default=(), max_length=CALLBACK_KEYS_MAX)

    @model_validator(mode="after")
    def _has_a_key(self) -> Config:
        if not self.public_keys and not self.certificates:
            raise ValueError("public_keys or certificates are needed")
        if any(len(each.encode()) != _KEY_BYTES for each in self.api_v3_keys):
            raise ValueError("an APIv3 key has 32 bytes")
        return self


def verify(config: Config, request: Request) -> PaymentEvent:
    """The event of a callback; raises Refused."""
    check_signature(config, request)
    envelope = json_object(request.body)
    event_type = text_at(envelope, "event_type")
    plain = json_object(decrypt(config, object_at(envelope, "resource")))
    ours(optional_at(plain, "mchid"), config.merchant, "mchid")
    if "appid" in plain:
        ours(optional_at(plain, "appid"), config.app_id, "appid")
    return _event(text_at(envelope, "id"), event_type, plain)


def check_signature(config: Config, request: Request) -> None:
    """Of a callback, and of an answer to a request of ours; raises Refused."""
    headers = request.headers
    names = ("signature", "timestamp", "nonce", "serial")
    given = [headers.get(f"wechatpay-{name}", "") for name in names]
    if not all(given):
        raise Refused("MISSING", "a Wechatpay header is missing")
    signature, stamp, nonce, serial = given
    if headers.get("wechatpay-signature-type", _SIGNATURE_TYPE) != _SIGNATURE_TYPE:
        raise Refused("VERSION", "the signature is of another type")
    if signature.startswith(_PROBE):
        raise Refused("PROBE", "a probe with a signature that is wrong on purpose")
    if _STAMP.fullmatch(stamp) is None:
        raise Refused("MALFORMED", "the timestamp is no number of seconds")
    if abs(request.now.timestamp() - int(stamp)) > CALLBACK_TOLERANCE_SECONDS:
        raise Refused("STALE", "the timestamp is outside the window")
    signed = b"\n".join((stamp.encode(), nonce.encode(), request.body, b""))
    if not signed_by([_key(config, serial)], signature, signed):
        raise Refused("SIGNATURE", "the signature does not fit")


def _key(config: Config, serial: str) -> RSAPublicKey:
    """Serial numbers are hex in either case; leading zeros may be missing."""
    try:
        if serial in config.public_keys:
            return public_key(config.public_keys[serial])
        for each in certificates(config.certificates):
            key = each.public_key()
            known = format(each.serial_number, "X") == serial.upper().lstrip("0")
            if known and isinstance(key, RSAPublicKey):
                return key
    except BadKey as error:
        raise Refused("KEY", f"our key: {error}") from None
    raise Refused("KEY", "no key of ours has this serial")


def decrypt(config: Config, resource: Mapping[str, Any]) -> bytes:
    """The plaintext of a `resource`; raises Refused where no key of ours opens it."""
    if resource.get("algorithm", "AEAD_AES_256_GCM") != "AEAD_AES_256_GCM":
        raise Refused("DECRYPT", "the algorithm is another")
    nonce = text_at(resource, "nonce").encode()
    associated = resource.get("associated_data") or ""
    text = resource.get("ciphertext")
    if len(nonce) != _NONCE_BYTES or not isinstance(text, str) or not isinstance(associated, str):
        raise Refused("DECRYPT", "the resource is incomplete")
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("DECRYPT", "the ciphertext is no base64") from None
    opened = (_opened(key.encode(), nonce, sealed, associated) for key in config.api_v3_keys)
    plain = next((each for each in opened if each is not None), None)
    if plain is None:
        raise Refused("DECRYPT", "no key of ours opens the resource")
    return plain


def _opened(key: bytes, nonce: bytes, sealed: bytes, associated: str) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated.encode())
    except InvalidTag:
        return None


def _event(event_id: str, event_type: str, plain: Mapping[str, Any]) -> PaymentEvent:
    amount = object_at(plain, "amount")
    if event_type in _REFUND_KINDS:
        return _refund(event_id, event_type, plain)
    if event_type != "TRANSACTION.SUCCESS" or plain.get("trade_state") != "SUCCESS":
        raise Refused("MALFORMED", "the event is neither a payment nor a refund")
    return PaymentEvent(
        kind=Kind.PAYMENT_SUCCEEDED,
        provider="wechatpay",
        event_id=event_id,
        order=text_at(plain, "out_trade_no"),
        merchant=text_at(plain, "mchid"),
        currency=optional_at(amount, "currency") or "CNY",
        amount_fen=fen_of_number(amount.get("total")),
        transaction=text_at(plain, "transaction_id"),
        occurred=optional_at(plain, "success_time"),
    )


def _refund(event_id: str, event_type: str, plain: Mapping[str, Any]) -> PaymentEvent:
    kind, status = _REFUND_KINDS[event_type]
    if text_at(plain, "refund_status") != status:
        raise Refused("MALFORMED", "event_type and refund_status differ")
    return PaymentEvent(
        kind=kind,
        provider="wechatpay",
        event_id=event_id,
        order=text_at(plain, "out_trade_no"),
        merchant=text_at(plain, "mchid"),
        currency=optional_at(object_at(plain, "amount"), "currency") or "CNY",
        amount_fen=fen_of_number(object_at(plain, "amount").get("refund")),
        transaction=text_at(plain, "transaction_id"),
        refund=text_at(plain, "out_refund_no"),
        occurred=optional_at(plain, "success_time"),
    )
