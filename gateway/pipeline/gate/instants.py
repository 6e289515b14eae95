"""INSTANTS of gates: a document's wall time on the port's clock as a point in time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.canonical.model import PortTime
from gateway.rules.calendar import PORT_ZONE
from gateway.rules.wall_time import moment


def instant(time: PortTime | None) -> datetime | None:
    """In UTC; None for no time, and for an unknown zone.

    A time without a zone is the port's own; a date alone is its first moment.
    """
    if time is None:
        return None
    try:
        zone = ZoneInfo(time.zone) if time.zone else PORT_ZONE
        return moment(time.wall).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, ZoneInfoNotFoundError, OSError, OverflowError):
        return None


def is_day_only(time: PortTime) -> bool:
    """Whether the hour is not said."""
    return "T" not in time.wall
