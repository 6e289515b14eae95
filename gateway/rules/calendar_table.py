"""A port's published working time as a table: `date,open,close` lines become a calendar file.

The working-time query of the single window shows working days alone, one pair of times each
(S2-37); a day with a break has several lines.  Which span was published is not in the table and
must be said.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from gateway.limits import CALENDAR_FILE_CHARACTERS_MAX
from gateway.rules.calendar import Calendar, Hours, days_between, hours_of
from gateway.rules.calendar_file import CalendarFile

COLUMNS = ("date", "open", "close")


def read_table(text: str, about: CalendarFile) -> CalendarFile:
    """The working days of a csv text; `about` gives port, names and span, its days are replaced.

    Raises ValueError with the line of what is wrong: a day outside the span, overlapping times, a
    column that is missing.
    """
    if len(text) > CALENDAR_FILE_CHARACTERS_MAX:
        raise ValueError("too long for a calendar")
    pairs: dict[date, list[tuple[str, str]]] = {}
    for line, day, opens, closes in _lines(text.removeprefix("\ufeff")):
        if not about.first <= day <= about.last:
            raise ValueError(f"line {line}: {day} is outside the covered span")
        pairs.setdefault(day, []).append((opens, closes))
    working = {day: _hours(day, each) for day, each in sorted(pairs.items())}
    return CalendarFile(about.port, about.name, about.source, about.first, about.last, working)


def _lines(text: str) -> Iterator[tuple[int, date, str, str]]:
    rows = csv.DictReader(text.splitlines(), skipinitialspace=True)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise ValueError(f"line 1: no column {missing[0]!r}")
    for row in rows:
        try:
            day = date.fromisoformat((row["date"] or "").strip())
        except ValueError:
            raise ValueError(f"line {rows.line_num}: not YYYY-MM-DD: {row['date']!r}") from None
        yield rows.line_num, day, (row["open"] or "").strip(), (row["close"] or "").strip()


def _hours(day: date, pairs: Iterable[tuple[str, str]]) -> Hours:
    try:
        return hours_of(pairs)
    except ValueError as error:
        raise ValueError(f"{day}: {error}") from None


def covered_until(calendar: Calendar, today: date) -> date | None:
    """The last day of unbroken data from today on; None where today itself has none.

    An operator is warned while this lies near: the next year must be loaded before it begins.
    """
    if calendar.hours(today) is None:
        return None
    day = today
    while day < date.max and calendar.hours(day + timedelta(days=1)) is not None:
        day += timedelta(days=1)
    return day


def changed_days(before: Calendar, after: Calendar) -> list[date]:
    """Days whose hours differ, or that one of both does not cover: what an import would change."""
    days = before.days.keys() | after.days.keys()
    return sorted(day for day in days if before.hours(day) != after.hours(day))


def span_of(year: int, port: str, name: str, source: str) -> CalendarFile:
    """An empty calendar of a whole year: every day closed until working days are put in."""
    return CalendarFile(port, name, source, date(year, 1, 1), date(year, 12, 31), {})


def fill(about: CalendarFile, workdays: Iterable[date], hours: Hours) -> CalendarFile:
    """The span with the same hours on each of the working days given, and on no other.

    The days come from a list that states them one by one (the State Council's notice); a weekday
    is never taken for a working day.
    """
    inside = set(days_between(about.first, about.last))
    working = dict.fromkeys(sorted(set(workdays) & inside), hours)
    return CalendarFile(about.port, about.name, about.source, about.first, about.last, working)
