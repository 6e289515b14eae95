"""A document's wall time (`PortTime`) as a moment, and by the clock of another zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_PRECISIONS = {16: "minutes", 19: "seconds", 23: "milliseconds"}


def moment(wall: str) -> datetime:
    """Without its zone; 24:00 is the first moment of the next day.  ValueError: no such time."""
    day, _, clock = wall.partition("T")
    if clock.startswith("24:00"):
        return datetime.fromisoformat(f"{day}T00{clock[2:]}") + timedelta(days=1)
    return datetime.fromisoformat(wall)


def on_clock(wall: str, stated: str, zone: str) -> str | None:
    """The same instant by the clock of `zone`, as precise; None where `stated` is no zone.

    A day without an hour stays that day.
    """
    try:
        own = ZoneInfo(stated)
    except (ValueError, OSError, KeyError):
        return None
    precision = _PRECISIONS.get(len(wall))
    if precision is None:
        return wall
    try:
        at = moment(wall).replace(tzinfo=own).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):
        return wall  # no such time, of which the model tells
    return at.replace(tzinfo=None).isoformat(timespec=precision)
