"""A CLIENT of a listener on loopback.  What it trusts is read once: that costs 25 ms each time."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import httpx2


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def client_at(url: str, **terms: Any) -> httpx2.AsyncClient:
    """A client with a base URL; terms as of httpx2.AsyncClient."""
    return httpx2.AsyncClient(base_url=url, verify=_trust(), trust_env=False, **terms)
