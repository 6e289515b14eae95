"""Writing a calendar file: whole or not at all, told day by day, never over another port's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import screen
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.adapters.calendar_folder import CalendarFolder
    from gateway.rules.calendar_file import CalendarFile

_PORT = re.compile(r"[0-9A-Z]{4,20}", re.ASCII)
_DAYS_SHOWN_MAX = 20


def about_of(
    calendars: CalendarFolder, port: str, name: str, source: str, span: tuple[date, date]
) -> CalendarFile:
    """An empty calendar of a span; the name is that of the port's newest file where none is given.

    Raises Failure for a span of two years: a file is a year's.
    """
    from gateway.rules.calendar_file import CalendarFile

    if not _PORT.fullmatch(port):
        raise Failure(f"{port!r} is no port: customs district codes have 4 digits")
    first, last = span
    if first.year != last.year or last < first:
        raise Failure("--from and --to lie in one year, in this order")
    known = name or calendars.port(port).name
    if not known:
        raise Failure(f"port {port} is new: give its --name")
    return CalendarFile(port, known, source, first, last, {})


def statutory_workdays(year: int) -> Iterator[date]:
    """The State Council's working days of a year; raises Failure for one that is not known yet."""
    import chinese_calendar

    from gateway.rules.calendar import days_between

    days = list(days_between(date(year, 1, 1), date(year, 12, 31)))
    try:
        return iter([day for day in days if chinese_calendar.is_workday(day)])
    except NotImplementedError:
        raise Failure(
            f"the statutory days of {year} are not known to this program: nothing was written; "
            "wait for the notice and an update, or import what the port has published"
        ) from None


def put_span(folder: Path, file: CalendarFile, *, keep: bool, dry_run: bool) -> None:
    """Write `<folder>/<port>/<year>.toml`; days of the year outside the new span stay as they are.

    keep: days that the file covers stay, too.  Raises Failure where the file that is there cannot
    be read, or nothing may be written.
    """
    from gateway.rules.calendar_file import calendar_text, parse_calendar

    path = folder / file.port / f"{file.first.year}.toml"
    before = _before(path)
    whole = _joined(before, file, keep) if before is not None else file
    text = calendar_text(whole)
    if parse_calendar(text) != whole:
        raise Failure(f"{path}: what would be written does not read back; nothing was written")
    _tell(before, whole)
    if dry_run:
        screen.note(f"nothing was written to {path}")
        return
    try:
        _write(path, text)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    screen.say(f"{path}: {whole.first} to {whole.last}, {len(whole.working)} working days")


def _before(path: Path) -> CalendarFile | None:
    from gateway.rules.calendar_file import parse_calendar

    try:
        return parse_calendar(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Failure(f"{path}: {screen.printable(str(error))}") from None


def _joined(before: CalendarFile, new: CalendarFile, keep: bool) -> CalendarFile:
    """The new span in the old file; one that leaves days without data between is refused."""
    from gateway.rules.calendar import DAY
    from gateway.rules.calendar_file import CalendarFile

    if new.first > before.last + DAY or new.last < before.first - DAY:
        raise Failure(
            f"between {before.first} … {before.last} of the file and {new.first} … {new.last} "
            "there are days without data: import the span between first"
        )
    older, newer = (new, before) if keep else (before, new)
    kept = {d: h for d, h in older.working.items() if not newer.first <= d <= newer.last}
    first, last = min(before.first, new.first), max(before.last, new.last)
    source = new.source if not keep else f"{before.source}; else {new.source}"
    return CalendarFile(new.port, new.name, source, first, last, {**kept, **newer.working})


def _tell(before: CalendarFile | None, after: CalendarFile) -> None:
    from gateway.rules.calendar_file import join
    from gateway.rules.calendar_table import changed_days

    if before is None:
        return
    old, new = join([before]), join([after])
    changed = changed_days(old, new)
    for day in changed[:_DAYS_SHOWN_MAX]:
        screen.note(f"{day}  {_shown(old.hours(day))} → {_shown(new.hours(day))}")
    if len(changed) > _DAYS_SHOWN_MAX:
        screen.note(f"… and {len(changed) - _DAYS_SHOWN_MAX} more days")


def _shown(hours: tuple[object, ...] | None) -> str:
    return "no data" if hours is None else ", ".join(map(str, hours)) or "closed"


def _write(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".part")
    try:
        with made.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except OSError:
        with suppress(OSError):
            made.unlink()
        raise
