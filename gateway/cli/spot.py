"""SPOT: the offending text of a file, shown in its line with a mark below.

Reads a bounded piece of the file around the record that a finding names; knows the two families
with separators (flat, EDIFACT) well enough to find a field, and falls back to the value's text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import IO

from gateway.cli.screen import cells, printable
from gateway.findings import Finding
from gateway.limits import KIB

# Of a record that long no reader has a use; the spot lies in its first part.
_RECORD_BYTES = 16 * KIB
# Of a line, what stands before the record (EDIFACT without line breaks).
_BEFORE_BYTES = 400


@dataclass(frozen=True, slots=True)
class Spot:
    """A line as shown, and the columns (of the terminal) that are marked below it."""

    line: str
    start: int
    width: int

    def marks(self) -> str:
        """The row below the line."""
        return " " * self.start + "^" * max(1, self.width)


def spot_of(
    file: IO[bytes], finding: Finding, syntax: str, encoding: str | None, width: int
) -> Spot | None:
    """The spot of a finding, in at most `width` columns; None for one without a place."""
    offset = finding.place.offset
    if offset is None:
        return None
    before, record = _around(file, offset)
    name = _codec(encoding)
    text = record.decode(name, errors="backslashreplace")
    start, end = _extent(text, finding, syntax)
    line_start = text.rfind("\n", 0, start) + 1
    breaks = [at for at in (text.find("\n", end), text.find("\r", end)) if at >= 0]
    line_end = min(breaks, default=len(text))
    head = "" if line_start else before.decode(name, errors="ignore")
    line = text[line_start:line_end]
    start, end = start - line_start, min(end, line_end) - line_start
    return _windowed(head + line[:start], line[start:end], line[end:], width)


def _around(file: IO[bytes], offset: int) -> tuple[bytes, bytes]:
    """What stands before the record on its line, and the record and what follows it."""
    begin = max(0, offset - _BEFORE_BYTES)
    file.seek(begin)
    piece = file.read(offset - begin + _RECORD_BYTES)
    before, record = piece[: offset - begin], piece[offset - begin :]
    while record[:1] in (b"\r", b"\n"):
        before, record = b"", record[1:]
    return re.split(rb"[\r\n]", before)[-1], record


def _codec(encoding: str | None) -> str:
    try:
        return codecs.lookup(encoding or "utf-8").name
    except LookupError:
        return "latin-1"


_MARKS = {"flat": (":", None), "edifact": ("+", ":")}


def _extent(text: str, finding: Finding, syntax: str) -> tuple[int, int]:
    """Start and end of the spot in the record's text."""
    record = text[: _record_end(text, syntax)]
    found = _field(record, finding, syntax)
    if found is not None and found[0] < found[1]:
        return found
    if finding.value:
        at = record.find(finding.value.rstrip("…"))
        if at >= 0:
            return at, at + len(finding.value.rstrip("…"))
    if found is not None:  # an empty field: mark the place where its text is missing
        return found
    first = record.split("\n", 1)[0].rstrip("\r'")
    return 0, max(1, len(first))


def _record_end(text: str, syntax: str) -> int:
    if syntax not in _MARKS:
        at = text.find("\n")
        return at if at >= 0 else len(text)
    escaped = False
    for at, char in enumerate(text):
        if char == "'" and not escaped:
            return at
        escaped = char == "?" and not escaped
    return len(text)


def _field(record: str, finding: Finding, syntax: str) -> tuple[int, int] | None:
    """The field (flat: 1 is the record id; EDIFACT: 0 is the tag) and its component."""
    number, marks = finding.place.field, _MARKS.get(syntax)
    if number is None or marks is None:
        return None
    index = number - 1 if syntax == "flat" else number
    fields = _split(record, 0, len(record), marks[0])
    if not 0 <= index < len(fields):
        return (len(record), len(record)) if index >= len(fields) else None
    component = finding.place.component
    if component is None or marks[1] is None:
        return fields[index]
    parts = _split(record, *fields[index], marks[1])
    return parts[component - 1] if component <= len(parts) else fields[index]


def _split(text: str, start: int, end: int, mark: str) -> list[tuple[int, int]]:
    """Extents between unreleased marks."""
    extents, begin, released = [], start, False
    for at in range(start, end):
        if text[at] == mark and not released:
            extents.append((begin, at))
            begin = at + 1
        released = text[at] == "?" and not released
    return [*extents, (begin, end)]


def _windowed(before: str, spot: str, after: str, width: int) -> Spot:
    """As much of the line as fits, the spot always in it."""
    before, spot, after = printable(before), printable(spot), printable(after)
    spot = _first(spot, width - 2)
    room = width - cells(spot)
    left = min(cells(before), max(room // 2, room - cells(after)))
    if cells(before) > left:
        before = "…" + _last(before, left - 1)
    right = room - cells(before)
    if cells(after) > right:
        after = _first(after, right - 1) + "…"
    return Spot(before + spot + after, cells(before), cells(spot))


def _first(text: str, width: int) -> str:
    taken = 0
    for at, char in enumerate(text):
        taken += cells(char)
        if taken > width:
            return text[:at]
    return text


def _last(text: str, width: int) -> str:
    return _first(text[::-1], width)[::-1]
