"""API KEY: an opaque word for a machine; only its hash is kept (canonical/partner.py, Account)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from gateway.pipeline.directory import KEY_PREFIX_CHARACTERS

_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A new key: `text` is shown once, `entry` (`prefix:sha256`) is what is stored."""

    text: str
    entry: str


def new_api_key() -> ApiKey:
    """256 random bits behind a recognisable beginning."""
    text = "gw_" + secrets.token_urlsafe(_RANDOM_BYTES)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ApiKey(text, f"{text[:KEY_PREFIX_CHARACTERS]}:{digest}")
