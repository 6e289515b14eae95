"""PERSONAL DATA: numbers of people matched by keyed hash, kept encrypted, shown masked.

HMAC-SHA-256 finds the same number again without telling it; AES-256-GCM keeps the values, bound to
the place where they stand, under a key with an id, so that a new key may be taken into use while
old values still open.  Both keys are derived (HKDF-SHA-256) from secrets that are referred to,
never stored.  Nothing here is logged.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.limits import PERSONAL_SECRET_CHARACTERS_MIN
from gateway.pipeline.firms.refusal import FirmRefusal
from gateway.pipeline.ports import Secrets

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted values and the id of their key."""

    key_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The keys by reference; resolved at each use, so that they can be changed without a restart.

    key: the id of the one for new values; None: this gateway is not set up for personal data.
    """

    secrets: Secrets
    hash_key: str | None = None
    key: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)

    def mark(self, kind: str, number: str) -> str:
        """The keyed hash of a number, 64 hexadecimal digits; kind: what sort of number."""
        text = f"{kind}:{number.strip().upper()}".encode()
        return hmac.new(self._derived(self.hash_key, b"match"), text, sha256).hexdigest()

    def seal(self, values: Mapping[str, str], place: str) -> Sealed:
        """Encrypt; place: where it will stand, needed to open it again."""
        if self.key is None:
            raise _off()
        nonce = os.urandom(_NONCE_BYTES)
        text = json.dumps(dict(values), ensure_ascii=False).encode()
        cipher = AESGCM(self._derived(self.keys.get(self.key), b"keep"))
        return Sealed(self.key, nonce + cipher.encrypt(nonce, text, place.encode()))

    def open(self, sealed: Sealed, place: str) -> dict[str, str]:
        """Decrypt; raises FirmRefusal for a key that is gone or a value from another place."""
        cipher = AESGCM(self._derived(self.keys.get(sealed.key_id), b"keep"))
        nonce, text = sealed.content[:_NONCE_BYTES], sealed.content[_NONCE_BYTES:]
        try:
            opened = cipher.decrypt(nonce, text, place.encode())
        except InvalidTag:
            raise _off() from None
        values: dict[str, str] = json.loads(opened)
        return values

    def _derived(self, reference: str | None, purpose: bytes) -> bytes:
        if reference is None:
            raise _off()
        try:
            secret = self.secrets.resolve(reference)
        except LookupError:
            raise _off() from None
        if len(secret) < PERSONAL_SECRET_CHARACTERS_MIN:
            raise _off()
        return HKDF(SHA256(), _KEY_BYTES, None, b"personal data: " + purpose).derive(
            secret.encode()
        )


def masked_number(number: str) -> str:
    """The first three and the last two characters: `120*************34`."""
    hidden = max(len(number) - 5, 1)
    return f"{number[:3]}{'*' * hidden}{number[-2:]}" if len(number) > 5 else "*" * len(number)


def masked_name(name: str) -> str:
    """The family name's first character."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def masked_mail(address: str) -> str:
    """The first character and the domain."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"


def _off() -> FirmRefusal:
    return FirmRefusal(
        "off",
        "PERSONAL_DATA_OFF",
        "本网关未配置个人信息密钥，不能处理",
        "this gateway has no usable keys for personal data",
    )
