"""Canonical documents → csv: the columns of a layout, a row for every item of its row lists.

Layouts are data, as `gateway/syntax/table/layout.py` describes them: `schemas/csv/<document>.toml`,
or the one that the table is read with.  A column of scope L stands below a list and makes rows: a
bill with three boxes has three rows, and what is told of the bill stands in each of them.  Lists
side by side (goods and boxes) share rows; other lists go into one cell, an item a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from gateway.canonical.document import DocumentType
from gateway.canonical.model import Model
from gateway.findings import Finding, Place
from gateway.limits import FINDINGS_PER_FILE_MAX
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing, Unwritable, Writer
from gateway.mappings.csv_writing_paths import Names, left_out
from gateway.mappings.flat_writing import draft_of
from gateway.mappings.table_writing import lacking
from gateway.syntax.table.csv_writer import Cell, csv_row
from gateway.syntax.table.layout import Column, TableLayout

Draft = dict[str, Any]
Undo = Callable[[Draft], None]

# The byte order mark tells spreadsheets that the file is UTF-8.
ENCODING = "utf-8-sig"
ENCODINGS = frozenset({"utf-8-sig", "utf-8", "gb18030", "gbk"})
_STEP = re.compile(r"(\w+)(\[(?:(\w+)=([\w:]+))?\])?")
# A column of this kind says all items of its list in one cell.
_LINES = "lines"
_MINUTES = len("2024-11-21T22:00")


@dataclass
class _Level:
    """A list that makes rows, and the lists below it."""

    below: dict[str, _Level] = field(default_factory=dict)


def _as_it_is(_draft: Draft) -> None:
    """Nothing to prepare."""


def csv_writer(
    document: DocumentType,
    layout: TableLayout,
    *,
    undo_header: Undo = _as_it_is,
    undo_part: Undo = _as_it_is,
) -> Writer:
    """The writer of a document type; undo_… prepare the dumped header and part."""
    name = f"{document.name}/csv"

    def write(envelope: Outgoing, header: Model, parts: Iterable[Model]) -> Iterator[bytes]:
        head = draft_of(header)
        undo_header(head)
        return _CsvWriting(name, layout, envelope, undo_part).run(head, parts)

    return Writer(
        name=name,
        document=document,
        suffix=".csv",
        content_type="text/csv",
        write=write,
        encoding=ENCODING,
        encodings=ENCODINGS,
        leaves_out=left_out(document, [column.to for column in layout.columns]),
    )


class _CsvWriting:
    """One file in the making."""

    def __init__(self, name: str, layout: TableLayout, envelope: Outgoing, undo_part: Undo) -> None:
        self._name = name
        self._layout = layout
        self._columns = [(column, _steps(column)) for column in layout.columns]
        self._undo_part = undo_part
        self._said = Names(column.to for column in layout.columns)
        self._rows = _levels(layout.columns)
        self._lists = list(_paths(self._rows, "part"))
        self._findings: list[Finding] = []
        self._encoding = envelope.encoding or ENCODING

    def run(self, head: Draft, parts: Iterable[Model]) -> Iterator[bytes]:
        """Headings, then the rows of each part; raises Unwritable at the end."""
        self._findings += lacking(self._layout, head, self._name)
        headings = [f"{column.zh[0]} {column.en[0]}" for column, _ in self._columns]
        yield self._encoded([csv_row(headings)], first=True)
        for part in parts:
            draft = draft_of(part)
            self._undo_part(draft)
            self._judge(draft)
            # A list that makes rows is known in each of them, if only as nothing.
            common = {"header": head, "part": draft, **dict.fromkeys(self._lists)}
            yield self._encoded(
                csv_row([_text(_found({**common, **items}, steps)) for _, steps in self._columns])
                for items in _expanded(draft, self._rows, "part")
            )
        if self._findings:
            raise Unwritable(self._findings)

    def _judge(self, draft: Draft) -> None:
        for path, told in facts.leaves(draft):
            if facts.is_never_lost(path) and not self._said.covers(f"part.{path}"):
                self._add(facts.NO_PLACE.at(Place(), path=told, format=self._name))

    def _encoded(self, rows: Iterable[str], *, first: bool = False) -> bytes:
        """The mark of utf-8-sig stands once, before everything."""
        encoding = self._encoding
        if encoding == ENCODING and not first:
            encoding = "utf-8"
        text = "".join(rows)
        try:
            return text.encode(encoding)
        except UnicodeEncodeError as error:
            bad = error.object[error.start : error.end]
            self._add(facts.NOT_ENCODABLE.at(Place(), bad, encoding=encoding))
            return text.encode(encoding, errors="replace")

    def _add(self, finding: Finding) -> None:
        if len(self._findings) < FINDINGS_PER_FILE_MAX:
            self._findings.append(finding)


# A step of a path: name, whether it is a list, the constant that picks an element.
_Step = tuple[str, bool, tuple[str, str] | None]


def _steps(column: Column) -> tuple[_Step, ...]:
    found = []
    for step in column.to.split("."):
        match = _STEP.fullmatch(step)
        if match is None:
            raise ValueError(f"{column.name}: {column.to} is no path")
        picked = (match[3], match[4]) if match[3] else None
        found.append((match[1], match[2] is not None, picked))
    return tuple(found)


def _levels(columns: Iterable[Column]) -> _Level:
    """The lists that make rows: those on the way to columns of scope L."""
    root = _Level()
    for column in columns:
        level = root
        if column.scope != "L":
            continue
        *above, last = _steps(column)
        lists = [name for name, many, picked in above[1:] if many and picked is None]
        if column.value == _LINES and not last[1]:
            lists.pop()
        for name in lists:
            level = level.below.setdefault(name, _Level())
    return root


def _paths(level: _Level, path: str) -> Iterator[str]:
    for name, below in level.below.items():
        yield f"{path}.{name}"
        yield from _paths(below, f"{path}.{name}")


def _expanded(element: Draft, level: _Level, path: str) -> list[dict[str, Draft]]:
    """The rows below an element: which item of each row list stands in it, by path."""
    sides = []
    for name, below in level.below.items():
        within = f"{path}.{name}"
        rows = [
            {within: item, **row}
            for item in element.get(name, ())
            for row in _expanded(item, below, within)
        ]
        sides.append(rows)
    return [
        {path_: item for row in side for path_, item in row.items()}
        for side in zip_longest(*sides, fillvalue={})
    ] or [{}]


def _found(row: Mapping[str, Any], steps: tuple[_Step, ...], path: str = "") -> object:
    """The value of a path in one row; of a list that makes no rows, all values."""
    (name, many, picked), *rest = steps
    path = f"{path}.{name}" if path else name
    value = row.get(path) if path in row else row.get("", {}).get(name)
    if not rest or value is None:
        return value
    if picked is not None:
        value = next((each for each in value if each.get(picked[0]) == picked[1]), {})
    elif many and path not in row:
        found = [_found({"": each}, tuple(rest)) for each in value]
        return [each for each in found if each is not None]
    return _found({**row, "": value}, tuple(rest), path)


def _text(value: Any) -> Cell:  # noqa: ANN401 - a value of a draft
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, Mapping):
        return _time(value["wall"]) if "wall" in value else None
    if isinstance(value, list | tuple):
        return "\n".join(str(_text(each)) for each in value)
    return str(value)


def _time(wall: str) -> str:
    """As people write it; more than minutes only in digits, which are read as precisely."""
    if len(wall) <= _MINUTES:
        return wall.replace("T", " ")
    return "".join(character for character in wall if character.isdigit())
