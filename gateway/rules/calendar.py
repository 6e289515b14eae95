"""CALENDAR: the working time of one port's customs, day by day; what is not loaded is not known.

Source: rules.md C.1, H-30 and fact 7.  A loaded calendar states the span it covers: inside it a
day without hours is closed, outside it there is no data.  Nothing is ever guessed from a weekday.
Chinese ports all keep +08:00.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise

from gateway.limits import CALENDAR_WALK_DAYS_MAX
from gateway.rules.zones import LOCODE_CHARACTERS, zone_of

PORT_ZONE = timezone(timedelta(hours=8))
_PORT_ZONE_NAME = "Asia/Shanghai"
DAY = timedelta(days=1)
MIDNIGHT_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """One interval [open, close) of a day, in minutes since its midnight; 1440 is 24:00."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Raises ValueError where the interval is empty, reversed or leaves the day."""
        if not 0 <= self.opens < self.closes <= MIDNIGHT_MINUTES:
            raise ValueError(f"no interval within a day: {self}")

    def __str__(self) -> str:
        return f"{clock(self.opens)}-{clock(self.closes)}"


Hours = tuple[Opening, ...]
CLOSED: Hours = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of one port: a day that is absent has no data, `CLOSED` is a day off."""

    days: Mapping[date, Hours] = field(default_factory=dict)

    def hours(self, day: date) -> Hours | None:
        """The openings of a day; None where the calendar says nothing about it."""
        return self.days.get(day)


NO_CALENDAR = Calendar()


class NoData(Exception):
    """A question about a day that no loaded calendar covers; `day` is the first such day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no working time is loaded for {day}")
        self.day = day


def clock(minutes: int) -> str:
    """Minutes of a day as `HH:MM`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_of(text: str) -> int:
    """`HH:MM`, up to `24:00`, as minutes since midnight; raises ValueError for other text."""
    hour, colon, minute = text.partition(":")
    if not (colon and text.isascii() and len(hour) == len(minute) == 2):
        raise ValueError(f"not HH:MM: {text!r}")
    if not (hour.isdigit() and minute.isdigit() and int(minute) < 60):
        raise ValueError(f"not HH:MM: {text!r}")
    minutes = int(hour) * 60 + int(minute)
    if minutes > MIDNIGHT_MINUTES:
        raise ValueError(f"after 24:00: {text!r}")
    return minutes


def hours_of(pairs: Iterable[Sequence[str]]) -> Hours:
    """`[["09:00", "16:30"], …]` in order of time; raises ValueError where two overlap."""
    found = sorted(Opening(minutes_of(opens), minutes_of(closes)) for opens, closes in pairs)
    for earlier, later in pairwise(found):
        if later.opens < earlier.closes:
            raise ValueError(f"{earlier} and {later} overlap")
    return tuple(found)


def port_keeps_china_time(port: str) -> bool:
    """Whether the port's clock is +08:00.

    A customs district code is a Chinese office; of text in the form of a UN/LOCODE the zone must be
    known and be China's.
    """
    if len(port) != LOCODE_CHARACTERS or not port[:2].isalpha():
        return True
    return zone_of(port) == _PORT_ZONE_NAME


def at(day: date, minutes: int) -> datetime:
    """An instant of a port's day; 1440 is the midnight that ends it."""
    return datetime.combine(day, time(), PORT_ZONE) + timedelta(minutes=minutes)


def port_day(instant: datetime) -> date:
    """The date on the port's clock."""
    return instant.astimezone(PORT_ZONE).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def overlap(calendar: Calendar, start: datetime, end: datetime) -> tuple[date, Opening] | None:
    """The first opening that [start, end) touches, with its day.

    Raises NoData where any day of [day(start), day(end)] is not covered.
    """
    found = None
    for day in days_between(port_day(start), port_day(end)):
        hours = calendar.hours(day)
        if hours is None:
            raise NoData(day)
        for opening in hours:
            if found is None and at(day, opening.opens) < end and start < at(day, opening.closes):
                found = day, opening
    return found


def last_close_before(calendar: Calendar, start: datetime) -> tuple[date, datetime]:
    """The last working day whose final close is not after start, and that close.

    Walks back day by day from start's own day (H-21); raises NoData for a day without data on the
    way, and after a year of closed days.
    """
    day = port_day(start)
    for _ in range(CALENDAR_WALK_DAYS_MAX):
        hours = calendar.hours(day)
        if hours is None:
            raise NoData(day)
        if hours and (close := at(day, hours[-1].closes)) <= start:
            return day, close
        if day == date.min:
            break
        day -= DAY
    raise NoData(day)
