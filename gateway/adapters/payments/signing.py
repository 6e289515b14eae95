"""SIGNING of our own requests, and the ways that platforms write money and time."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from gateway.pipeline.money.provider import KeysUnavailable

_CHINA: Final = ZoneInfo("Asia/Shanghai")


def rsa_sign(key: str, signed: bytes) -> str:
    """Base64 of RSA with SHA-256; key: PEM, or the bare base64 that Alipay's tool writes."""
    try:
        loaded: object
        if "BEGIN" in key:
            loaded = load_pem_private_key(key.encode(), None)
        else:
            loaded = load_der_private_key(base64.b64decode("".join(key.split())), None)
    except (ValueError, TypeError):
        raise KeysUnavailable("our private key is no key") from None
    if not isinstance(loaded, RSAPrivateKey):
        raise KeysUnavailable("our private key is no RSA key")
    return base64.b64encode(loaded.sign(signed, PKCS1v15(), hashes.SHA256())).decode()


def yuan(fen: int) -> str:
    """`256.00` for 25600."""
    return f"{fen // 100}.{fen % 100:02}"


def china(at: datetime, pattern: str = "%Y%m%d%H%M%S") -> str:
    """An instant as platforms write it: in China's time, without a zone."""
    return at.astimezone(_CHINA).strftime(pattern)
