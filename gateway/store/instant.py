"""INSTANT: points in time as whole microseconds since 1970 in UTC, the same in both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86_400


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; raises TypeError for a time without a zone, which is no instant."""
    since = at - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    """The same instant as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_micros(at: datetime | None) -> int | None:
    """As `to_micros`, None for None."""
    return None if at is None else to_micros(at)


def maybe_instant(micros: int | None) -> datetime | None:
    """As `from_micros`, None for None."""
    return None if micros is None else from_micros(micros)
