"""CALENDAR FOLDER: `<folder>/<port>/<year>.toml` of an operator, before the calendars that ship.

A file of the folder stands in for the shipped one of the same port and name.  Files are read again
when they change, so a new year needs no restart.  A port with a file that cannot be read has no
data at all: an appointment is never judged by half a calendar.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.limits import CALENDAR_FILE_CHARACTERS_MAX, CALENDAR_PORTS_KEPT_MAX
from gateway.pipeline.customs.ports import PortCalendar
from gateway.resources import names, read_text, resource
from gateway.rules.calendar import NO_CALENDAR
from gateway.rules.calendar_file import FOLDER, CalendarFile, join, parse_calendar
from gateway.telemetry.events import emit_seldom

_PORT = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)
_SUFFIX = ".toml"
UNKNOWN_PORT = PortCalendar("", NO_CALENDAR, "")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a port: where it stands, and its text; shipped: it came with the program."""

    name: str
    text: str
    shipped: bool

    def file(self) -> CalendarFile:
        """What it says; raises ValueError."""
        return parse_calendar(self.text)


class CalendarFolder:
    """Implements `Calendars`; without a folder only what ships is there."""

    def __init__(self, folder: Path | None = None) -> None:
        # In a checkout both are one: what ships is nobody's own.
        self._folder = None if folder is None or _is_shipped(folder) else folder
        self._kept: dict[str, tuple[tuple[tuple[str, int, int], ...], PortCalendar]] = {}

    def port(self, port: str) -> PortCalendar:
        """All years of a port; empty where nothing is loaded, or something cannot be read."""
        if not _PORT.fullmatch(port):
            return UNKNOWN_PORT
        try:
            seen = self._seen(port)
            kept = self._kept.get(port)
            if kept is not None and kept[0] == seen:
                return kept[1]
            made = _joined(port, self.sources(port))
        except (OSError, ValueError) as error:
            emit_seldom("calendar_unreadable", port, error=type(error).__name__, text=str(error))
            return UNKNOWN_PORT
        if len(self._kept) >= CALENDAR_PORTS_KEPT_MAX:
            self._kept.clear()
        self._kept[port] = (seen, made)
        return made

    def ports(self) -> Sequence[str]:
        """Every port that has a file, in the folder or shipped."""
        return sorted({*self.watched(), *(item.name for item in resource(FOLDER).iterdir())})

    def watched(self) -> Sequence[str]:
        """Ports of the operator's folder."""
        if self._folder is None or not self._folder.is_dir():
            return []
        return sorted(
            path.name
            for path in self._folder.iterdir()
            if path.is_dir() and _PORT.fullmatch(path.name)
        )

    def sources(self, port: str) -> list[Source]:
        """The files that count for a port, by name; raises OSError, ValueError for a huge one."""
        found = {name: Source(name, text, True) for name, text in _shipped(port).items()}
        for path in self._own(port):
            if path.stat().st_size > 4 * CALENDAR_FILE_CHARACTERS_MAX:
                raise ValueError(f"{path.name}: too long for a calendar")
            found[path.name] = Source(path.name, path.read_text(encoding="utf-8"), False)
        return [found[name] for name in sorted(found)]

    def _own(self, port: str) -> list[Path]:
        if self._folder is None:
            return []
        return sorted((self._folder / port).glob(f"*{_SUFFIX}"))

    def _seen(self, port: str) -> tuple[tuple[str, int, int], ...]:
        """What tells a changed file: its name, size and time."""
        stats = [(path.name, path.stat()) for path in self._own(port)]
        return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _is_shipped(folder: Path) -> bool:
    return str(folder.resolve()) == str(resource(FOLDER))


def _shipped(port: str) -> Mapping[str, str]:
    try:
        listed = names(f"{FOLDER}/{port}", _SUFFIX)
    except FileNotFoundError:
        return {}
    return {name: read_text(f"{FOLDER}/{port}/{name}") for name in listed}


def _joined(port: str, sources: Sequence[Source]) -> PortCalendar:
    if not sources:
        return UNKNOWN_PORT
    files = []
    for source in sources:
        file = source.file()
        if file.port != port:
            raise ValueError(f"{source.name}: says port {file.port}")
        files.append(file)
    digest = hashlib.sha256("\0".join(source.text for source in sources).encode())
    return PortCalendar(files[-1].name, join(files), digest.hexdigest()[:12])
