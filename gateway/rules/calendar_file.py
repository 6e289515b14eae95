"""A port's calendar as a file, effective data: `calendars/<port>/<year>.toml`.

docs/howto/calendars.md tells an operator about it.

    port = "0202"
    name = "…"
    source = "…"
    from = 2026-01-01
    to = 2026-12-31

    [[working]]
    hours = [["09:00", "16:30"]]
    days = [2026-01-04, 2026-01-05]

`from` and `to` are the covered span (H-30): a day in it that no `working` table lists is closed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from gateway.limits import CALENDAR_FILE_CHARACTERS_MAX, CALENDAR_INTERVALS_PER_DAY_MAX
from gateway.resources import names, read_text, resource
from gateway.rules.calendar import CLOSED, Calendar, Hours, clock, days_between, hours_of

FOLDER = "calendars"
SPAN_DAYS_MAX = 366
_KEYS = frozenset({"port", "name", "source", "from", "to", "working"})
_DAYS_PER_LINE = 7


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One file: who published it for which port, the covered span, the hours of working days."""

    port: str
    name: str
    source: str
    first: date
    last: date
    working: Mapping[date, Hours]

    def days(self) -> dict[date, Hours]:
        """Every day of the span: its hours, or closed."""
        return {day: self.working.get(day, CLOSED) for day in days_between(self.first, self.last)}


def parse_calendar(text: str) -> CalendarFile:
    """Read one file; raises ValueError with what is wrong in it."""
    if len(text) > CALENDAR_FILE_CHARACTERS_MAX:
        raise ValueError("too long for a calendar")
    raw = tomllib.loads(text)
    if unknown := sorted(set(raw) - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}")
    port, name, source = (_text(raw, key) for key in ("port", "name", "source"))
    first, last = _day(raw.get("from"), "from"), _day(raw.get("to"), "to")
    if not 0 <= (last - first).days < SPAN_DAYS_MAX:
        raise ValueError("from and to span no day, or more than a year")
    return CalendarFile(port, name, source, first, last, _working(raw, first, last))


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is missing or no text")
    return value


def _day(value: object, what: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"{what} is no date: {value!r}")


def _working(raw: Mapping[str, Any], first: date, last: date) -> dict[date, Hours]:
    working: dict[date, Hours] = {}
    for table in raw.get("working", ()):
        if not isinstance(table, dict) or set(table) != {"hours", "days"}:
            raise ValueError("a [[working]] table has hours and days, nothing else")
        hours = _hours(table["hours"])
        for value in table["days"]:
            day = _day(value, "a working day")
            if day in working:
                raise ValueError(f"{day} is listed twice")
            if not first <= day <= last:
                raise ValueError(f"{day} is outside the covered span")
            working[day] = hours
    return working


def _hours(pairs: object) -> Hours:
    if not isinstance(pairs, list) or not 0 < len(pairs) <= CALENDAR_INTERVALS_PER_DAY_MAX:
        raise ValueError("hours is a list of [open, close]; leave closed days out")
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(map(_is_text, pair))):
            raise ValueError(f"not [open, close]: {pair!r}")
    return hours_of(pairs)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def calendar_text(file: CalendarFile) -> str:
    """The file as it is written: the inverse of `parse_calendar`."""
    lines = [f'{key} = "{value}"' for key, value in _words(file)]
    lines += [f"from = {file.first}", f"to = {file.last}"]
    by_hours: dict[Hours, list[date]] = {}
    for day in sorted(file.working):
        by_hours.setdefault(file.working[day], []).append(day)
    for hours, days in by_hours.items():
        pairs = ", ".join(f'["{clock(each.opens)}", "{clock(each.closes)}"]' for each in hours)
        lines += ["", "[[working]]", f"hours = [{pairs}]", "days = ["]
        for start in range(0, len(days), _DAYS_PER_LINE):
            lines.append(f"    {', '.join(map(str, days[start : start + _DAYS_PER_LINE]))},")
        lines.append("]")
    return "\n".join(lines) + "\n"


def _words(file: CalendarFile) -> tuple[tuple[str, str], ...]:
    words = (("port", file.port), ("name", file.name), ("source", file.source))
    for key, value in words:
        if not value.isprintable() or '"' in value or "\\" in value:
            raise ValueError(f"{key} has characters that need an escape: {value!r}")
    return words


def join(files: Iterable[CalendarFile]) -> Calendar:
    """One port's files as one calendar; raises ValueError where two cover the same day."""
    days: dict[date, Hours] = {}
    for file in files:
        found = file.days()
        if twice := sorted(days.keys() & found.keys()):
            raise ValueError(f"port {file.port}: {twice[0]} is covered twice")
        days |= found
    return Calendar(days)


def gaps(calendar: Calendar) -> list[tuple[date, date]]:
    """Spans without data between the first and the last covered day; both ends included."""
    found = []
    covered = sorted(calendar.days)
    for earlier, later in pairwise(covered):
        if (later - earlier).days > 1:
            found.append((earlier + timedelta(days=1), later - timedelta(days=1)))
    return found


@lru_cache(maxsize=64)
def shipped(port: str) -> Calendar | None:
    """The calendar of a port that ships with the code, all years; None where there is none."""
    if not (port.isascii() and port.isalnum()):
        return None
    try:
        resource(f"{FOLDER}/{port}")
    except FileNotFoundError:
        return None
    paths = [f"{FOLDER}/{port}/{name}" for name in names(f"{FOLDER}/{port}", ".toml")]
    return join(parse_calendar(read_text(path)) for path in paths)
