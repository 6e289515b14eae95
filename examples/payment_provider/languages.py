"""How five platforms say the same: the callback's headers and body, signed with their own keys.

Written from the platforms' published rules alone, with none of the gateway's code, so that the two
check each other.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from examples.payment_provider.books import CHINA

Signed = tuple[dict[str, str], bytes]
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {"content-type": "application/json"}


class Language(Protocol):
    """One platform's way to call back."""

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed: ...

    def is_accepted(self, status: int, body: bytes) -> bool: ...


def yuan(fen: int) -> str:
    """Two decimals, without a float."""
    return f"{fen // 100}.{fen % 100:02}"


def rsa(key: RSAPrivateKey, text: bytes) -> str:
    """RSA with SHA-256, base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), hashes.SHA256())).decode()


def china(at: datetime, pattern: str = "%Y%m%d%H%M%S") -> str:
    """Time as these platforms write it."""
    return at.astimezone(CHINA).strftime(pattern)


def joined(fields: Mapping[str, str]) -> str:
    """`a=1&b=2`, sorted, without what is empty."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])


@dataclass(frozen=True)
class UnionPay:
    """signMethod 11; only successes are told."""

    merchant: str
    secret: str

    def signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        """With version, method and signature."""
        told = {**fields, "version": "5.1.0", "encoding": "UTF-8", "signMethod": "11"}
        told = {name: value for name, value in told.items() if value}
        inner = hashlib.sha256(self.secret.encode()).hexdigest()
        text = f"{joined(told)}&{inner}"
        return told | {"signature": hashlib.sha256(text.encode()).hexdigest()}

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed:
        """A form to backUrl."""
        refund = "refund" in event
        fields = {
            "merId": self.merchant, "accessType": "0", "bizType": "000201",
            "txnType": "04" if refund else "01", "txnSubType": "00" if refund else "01",
            "orderId": event["refund"] if refund else event["order"],
            "queryId": event["refund_id"] if refund else event["transaction"],
            "origQryId": event["transaction"] if refund else "",
            "txnAmt": str(event["fen"]), "currencyCode": "156", "txnTime": china(event["at"]),
            "respCode": "00", "respMsg": "成功[0000000]",
        }  # fmt: skip
        return FORM, urlencode(self.signed(fields)).encode()

    def is_accepted(self, status: int, body: bytes) -> bool:
        """200 or 302, whatever the body."""
        del body
        return status in (200, 302)


@dataclass(frozen=True)
class Alipay:
    """RSA2; closes are told; `refund_fee` is the sum so far."""

    seller: str
    app_id: str
    key: RSAPrivateKey

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed:
        """A form to notify_url; notify_id stays the same when it is sent again."""
        refund = "refund" in event
        closed = event["type"] == "payment.closed"
        whole = refund and event["total_fen"] == event["order_fen"]
        fields = {
            "notify_id": event["id"], "notify_time": china(now, "%Y-%m-%d %H:%M:%S"),
            "notify_type": "trade_status_sync", "charset": "utf-8", "version": "1.0",
            "app_id": self.app_id, "seller_id": self.seller,
            "out_trade_no": event["order"], "trade_no": event["transaction"],
            "trade_status": "TRADE_CLOSED" if closed or whole else "TRADE_SUCCESS",
            "total_amount": yuan(event["order_fen"] if refund else event["fen"]),
            "refund_fee": yuan(event["total_fen"]) if refund else "",
            "out_biz_no": event.get("refund", ""), "subject": "港口费用",
        }  # fmt: skip
        told = {name: value for name, value in fields.items() if value}
        told["sign"] = rsa(self.key, joined(told).encode())
        return FORM, urlencode(told | {"sign_type": "RSA2"}).encode()

    def answer(self, node: str, content: Mapping[str, str]) -> bytes:
        """Of its gateway: the node, and the signature over the node's own text."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return f'{{"{node}":{text},"sign":"{rsa(self.key, text.encode())}"}}'.encode()

    def is_accepted(self, status: int, body: bytes) -> bool:
        """The bare word."""
        return status == 200 and body == b"success"


@dataclass(frozen=True)
class WeChatPay:
    """Header signature, and a resource sealed with AES-256-GCM."""

    merchant: str
    app_id: str
    key: RSAPrivateKey
    key_id: str
    api_v3_key: str

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed:
        """JSON to notify_url."""
        refund = "refund" in event
        state = event["type"].partition(".")[2]
        plain: dict[str, Any] = {
            "mchid": self.merchant, "out_trade_no": event["order"],
            "transaction_id": event["transaction"],
            "success_time": event["at"].astimezone(CHINA).isoformat(timespec="seconds"),
        }  # fmt: skip
        if refund:
            status = {"succeeded": "SUCCESS", "closed": "CLOSED", "abnormal": "ABNORMAL"}[state]
            amount = {"total": event["order_fen"], "refund": event["fen"]}
            plain |= {"out_refund_no": event["refund"], "refund_status": status, "amount": amount}
            event_type = f"REFUND.{status}"
        else:
            amount = {"total": event["fen"], "currency": "CNY"}
            plain |= {"appid": self.app_id, "trade_state": "SUCCESS", "amount": amount}
            event_type = "TRANSACTION.SUCCESS"
        body = json.dumps(
            {"id": event["id"], "event_type": event_type, "resource": self._sealed(plain)}
        ).encode()
        return {**JSON, **self.headers(body, now)}, body

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """Of a callback and of an answer."""
        stamp, nonce = str(int(now.timestamp())), os.urandom(8).hex()
        return {
            "wechatpay-signature": rsa(self.key, f"{stamp}\n{nonce}\n".encode() + body + b"\n"),
            "wechatpay-timestamp": stamp,
            "wechatpay-nonce": nonce,
            "wechatpay-serial": self.key_id,
            "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
        }

    def _sealed(self, plain: Mapping[str, Any]) -> dict[str, str]:
        nonce = os.urandom(6).hex()
        text = json.dumps(plain, ensure_ascii=False).encode()
        made = AESGCM(self.api_v3_key.encode()).encrypt(nonce.encode(), text, b"transaction")
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "transaction",
            "ciphertext": base64.b64encode(made).decode(),
        }

    def is_accepted(self, status: int, body: bytes) -> bool:
        """A 200 counts, even with FAIL in its body."""
        del body
        return status in (200, 204)


@dataclass(frozen=True)
class Aggregator:
    """Sorted fields and a secret, HMAC-SHA256."""

    merchant: str
    secret: str

    def signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        """With merchant and signature."""
        told = {**fields, "mch_id": self.merchant, "nonce_str": os.urandom(8).hex()}
        told = {name: value for name, value in told.items() if value}
        text = f"{joined(told)}&key={self.secret}".encode()
        mac = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest().upper()
        return told | {"sign": mac}

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed:
        """A form to notify_url."""
        refund = "refund" in event
        states = {
            "payment.succeeded": "SUCCESS", "payment.closed": "CLOSED", "payment.failed": "FAIL",
            "refund.succeeded": "REFUND", "refund.closed": "REFUND_CLOSED",
            "refund.abnormal": "REFUND_ABNORMAL",
        }  # fmt: skip
        fields = {
            "out_trade_no": event["order"], "transaction_id": event["transaction"],
            "trade_state": states[event["type"]], "notify_time": china(now), "fee_type": "CNY",
            "total_fee": str(event["order_fen"] if refund else event["fen"]),
            "refund_fee": str(event["fen"]) if refund else "",
            "out_refund_no": event.get("refund", ""),
        }  # fmt: skip
        return FORM, urlencode(self.signed(fields)).encode()

    def is_accepted(self, status: int, body: bytes) -> bool:
        """The contract's word."""
        return status == 200 and body in (b"SUCCESS", b"OK", b"success")


@dataclass(frozen=True)
class StandardWebhooks:
    """JSON under Standard Webhooks headers; answers are signed alike."""

    secret: str

    def callback(self, event: Mapping[str, Any], now: datetime) -> Signed:
        """JSON to notify_url; webhook-id stays the same when it is sent again."""
        body = json.dumps(self.told(event), separators=(",", ":")).encode()
        return {**JSON, **self.headers(event["id"], body, now)}, body

    def told(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event as JSON."""
        data = {
            "order_no": event["order"], "amount_fen": event["fen"], "currency": "CNY",
            "transaction": event["transaction"],
        }  # fmt: skip
        if "refund" in event:
            data["refund_no"] = event["refund"]
        stamp = event["at"].isoformat(timespec="seconds")
        return {"type": event["type"], "timestamp": stamp, "data": data}

    def headers(self, name: str, body: bytes, now: datetime) -> dict[str, str]:
        """Of a callback and of an answer."""
        stamp = str(int(now.timestamp()))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.digest(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256)
        return {
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }

    def is_accepted(self, status: int, body: bytes) -> bool:
        """Any 2xx."""
        del body
        return 200 <= status < 300
