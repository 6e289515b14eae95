"""CONTRACT of a verifier: what it is given, and the two things that it may answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.limits import AMOUNT_FEN_MAX
from gateway.rules.payment_event import PaymentEvent

Why = Literal[
    "TOO_LARGE", "MISSING", "MALFORMED", "SIGNATURE", "KEY", "CERTIFICATE", "VERSION", "STALE",
    "DUPLICATE_KEYS", "AMOUNT", "MERCHANT", "PROBE", "DECRYPT",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider is answered: HTTP status and the body as its rules want it."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One callback.  headers: names in lower case; body: the bytes as received."""

    headers: Mapping[str, str]
    body: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """The provider said this, to us; `reply` is sent after the commit."""

    event: PaymentEvent
    reply: Reply


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was believed.  detail: for our own log; never sent, never a secret."""

    why: Why
    detail: str
    reply: Reply


class Refused(Exception):
    """A verifier's way to its refusal; the registry makes the answer of it."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why: Why = why
        self.detail = detail


_FEN = re.compile(r"0|[1-9][0-9]{0,12}", re.ASCII)
_YUAN = re.compile(r"(0|[1-9][0-9]{0,10})(?:\.([0-9]{1,2}))?", re.ASCII)


def fen_of_text(text: str | None) -> int:
    """Whole fen, digits only: no sign, no exponent, no fraction, no leading zero."""
    if text is None or _FEN.fullmatch(text) is None:
        raise Refused("AMOUNT", "an amount is no whole number of fen")
    return _bounded(int(text))


def fen_of_yuan(text: str | None) -> int:
    """Yuan with at most two decimals, as fen: `256.00`, `256.0` and `256` are equal."""
    found = None if text is None else _YUAN.fullmatch(text)
    if found is None:
        raise Refused("AMOUNT", "an amount is no yuan with at most two decimals")
    return _bounded(int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))


def fen_of_number(value: object) -> int:
    """A JSON integer of fen; a boolean, a fraction and text are none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused("AMOUNT", "an amount is no whole number of fen")
    return _bounded(value)


def _bounded(fen: int) -> int:
    if fen > AMOUNT_FEN_MAX:
        raise Refused("AMOUNT", "an amount is beyond every order")
    return fen


def needed(fields: Mapping[str, str], name: str) -> str:
    """A field that must be there and say something."""
    value = fields.get(name, "")
    if not value or len(value) > 200:
        raise Refused("MISSING", f"{name} is missing, or too long")
    return value


def ours(given: object, wanted: str | None, what: str) -> None:
    """The merchant, application or seller is ours (H-41)."""
    if wanted is not None and given != wanted:
        raise Refused("MERCHANT", f"{what} is not ours")
