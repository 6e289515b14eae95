"""Callbacks as the five providers make them, with keys of the test's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from gateway.rules.callbacks.aggregator import sign as aggregator_sign
from gateway.rules.callbacks.alipay import signed_text as alipay_text
from gateway.rules.callbacks.unionpay import digest_to_sign, secret_signature

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
STAMP = 1795248000
ORDER = "PO20261121000001"
HOOK_SECRET = "whsec_dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE="
UNION_SECRET = "unionpay-test-secure-key"
AGGREGATOR_SECRET = "192006250b4c09247ec02edce69f6a2d"
API_V3_KEY = "0123456789abcdef0123456789ABCDEF"
UNION_NAME = "041@Z12@中国银联股份有限公司@00040000:SIGN"


@lru_cache(maxsize=8)
def key(name="a"):
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(private):
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def rsa_sign(private, signed):
    return base64.b64encode(private.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()


@lru_cache(maxsize=16)
def certificate(name, owner, issuer_name, issuer, ca=False, days=(-1, 365)):
    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer_name))
        .public_key(key(owner).public_key())
        .serial_number(0x5157F09EFDC096DE15EBE81A47057A72 + len(name))
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(key(issuer), hashes.SHA256())
    )


def as_pem(made):
    return made.public_bytes(Encoding.PEM).decode()


def chain(leaf_name=UNION_NAME, **leaf):
    """Root, intermediate and leaf, PEM."""
    root = certificate("root", "root", "root", "root", ca=True)
    middle = certificate("middle", "middle", "root", "root", ca=True)
    last = certificate(leaf_name, "leaf", "middle", "middle", **leaf)
    return as_pem(root), as_pem(middle), as_pem(last)


def case(provider, config, body, headers=None, now=NOW):
    return {
        "provider": provider,
        "config": config,
        "headers": headers or {},
        "body_base64": base64.b64encode(body).decode(),
        "now": now.isoformat() if isinstance(now, datetime) else now,
    }


# --- Standard Webhooks ----------------------------------------------------------------------------
HOOK = {
    "type": "payment.succeeded",
    "timestamp": "2026-11-21T08:00:00Z",
    "data": {"order_no": ORDER, "amount_fen": 25600, "currency": "CNY"},
}


def hook_body(**data):
    return json.dumps({**HOOK, "data": {**HOOK["data"], **data}}, separators=(",", ":")).encode()


def hook(body=None, *, secret=HOOK_SECRET, stamp=STAMP, name="msg_test_0001", secrets=None, **more):
    raw = hook_body() if body is None else body
    signed = f"{name}.{stamp}.".encode() + raw
    mac = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(stamp),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
    config = {"secrets": secrets or [HOOK_SECRET], **more}
    return case("standard-webhooks", config, raw, headers)


# --- Aggregator -----------------------------------------------------------------------------------
AGGREGATOR = {
    "mch_id": "100200300", "nonce_str": "abc123", "notify_time": "20261121160000",
    "out_trade_no": ORDER, "total_fee": "25600", "trade_state": "SUCCESS",
    "transaction_id": "SX202611210001", "attach": "",
}  # fmt: skip


def aggregator(*, method="HMAC-SHA256", secret=AGGREGATOR_SECRET, config=None, **fields):
    told = {**AGGREGATOR, **fields}
    told["sign"] = aggregator_sign(told, secret, method)
    own = {"merchant": "100200300", "secrets": [AGGREGATOR_SECRET], "sign_method": method}
    return case("aggregator", {**own, **(config or {})}, urlencode(told).encode())


# --- UnionPay -------------------------------------------------------------------------------------
UNIONPAY = {
    "accessType": "0", "bizType": "000201", "currencyCode": "156", "encoding": "UTF-8",
    "merId": "777290058110048", "orderId": ORDER, "queryId": "332611211559001234567",
    "respCode": "00", "respMsg": "成功[0000000]", "settleAmt": "25600",
    "settleCurrencyCode": "156", "settleDate": "1121", "signMethod": "11", "traceNo": "123456",
    "traceTime": "1121155900", "txnAmt": "25600", "txnSubType": "01",
    "txnTime": "20261121155900", "txnType": "01", "version": "5.1.0",
}  # fmt: skip


def unionpay(*, secret=UNION_SECRET, config=None, extra="", **fields):
    told = {**UNIONPAY, **fields}
    told["signature"] = secret_signature(told, secret)
    own = {"merchant": "777290058110048", "secrets": [UNION_SECRET]}
    return case("unionpay", {**own, **(config or {})}, (urlencode(told) + extra).encode())


def unionpay_rsa(*, signer="leaf", leaf=None, trusted=None, now=NOW, **fields):
    root, middle, last = chain()
    told = {**UNIONPAY, "signMethod": "01", "signPubKeyCert": leaf or last, **fields}
    told["signature"] = rsa_sign(key(signer), digest_to_sign(told))
    config = {"merchant": "777290058110048", "certificates": trusted or [root, middle]}
    return case("unionpay", config, urlencode(told).encode(), now=now)


# --- Alipay ---------------------------------------------------------------------------------------
ALIPAY = {
    "app_id": "2021001", "seller_id": "2088001", "out_trade_no": ORDER, "trade_no": "T1",
    "notify_id": "N1", "notify_time": "2026-11-21 16:00:00", "trade_status": "TRADE_SUCCESS",
    "total_amount": "256.00", "charset": "utf-8", "subject": "港口建设费",
}  # fmt: skip


def alipay(*, signer="a", config=None, sign_type="RSA2", **fields):
    told = {**ALIPAY, **fields}
    codec = told["charset"]
    told["sign"] = rsa_sign(key(signer), alipay_text(told).encode(codec))
    told["sign_type"] = sign_type
    own = {"merchant": "2088001", "app_id": "2021001", "public_keys": [pem(key("a"))]}
    return case("alipay", {**own, **(config or {})}, urlencode(told, encoding=codec).encode())


# --- WeChat Pay -----------------------------------------------------------------------------------
WECHAT = {
    "mchid": "1900000109", "appid": "wxd678efh567hg6787", "out_trade_no": ORDER,
    "transaction_id": "1217752501201407033233368018", "trade_state": "SUCCESS",
    "success_time": "2026-11-21T16:00:00+08:00", "amount": {"total": 25600, "currency": "CNY"},
}  # fmt: skip
WECHAT_REFUND = {
    "mchid": "1900000109", "out_trade_no": ORDER, "transaction_id": "12177",
    "out_refund_no": "R1", "refund_status": "SUCCESS", "amount": {"total": 25600, "refund": 9600},
}  # fmt: skip


def sealed(plain, api_key=API_V3_KEY, nonce="fixednonce12", aad="transaction"):
    raw = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
    made = AESGCM(api_key.encode()).encrypt(nonce.encode(), raw, aad.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": aad,
        "ciphertext": base64.b64encode(made).decode(),
    }


def wechat_body(resource, event_type="TRANSACTION.SUCCESS"):
    return json.dumps({"id": "EV-1", "event_type": event_type, "resource": resource}).encode()


def wechat(body=None, *, signer="a", serial="PUB_KEY_ID_1", stamp=STAMP, config=None, headers=None):
    raw = wechat_body(sealed(WECHAT)) if body is None else body
    signed = b"\n".join((str(stamp).encode(), b"n0nce", raw, b""))
    given = {
        "Wechatpay-Signature": rsa_sign(key(signer), signed),
        "Wechatpay-Timestamp": str(stamp),
        "Wechatpay-Nonce": "n0nce",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        **(headers or {}),
    }
    own = {
        "merchant": "1900000109",
        "app_id": "wxd678efh567hg6787",
        "api_v3_keys": [API_V3_KEY],
        "public_keys": {"PUB_KEY_ID_1": pem(key("a"))},
    }
    return case("wechatpay", {**own, **(config or {})}, raw, given)
