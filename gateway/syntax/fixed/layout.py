"""Column layouts as data: `schemas/fixed/<name>.toml`.

    name, version, title_zh, title_en
    head       labels that stand before the first part
    needed     fields that must be filled: "51.container_number" = "error"
    required   [[required]] record, severity: lines that every part must have
    records    per label: zh, en, select (which lines these are), least (columns without which the
               line is cut off), and the columns, one field a line:
               name, first, last ("" or "-" for the rest of the line), confidence, zh

`select` is "first" (the first line), "1=51" (these characters from column 1 on), "5=letter" or
"5=digit".  Columns count from 1, as bytes of the GB18030 form of the line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gateway.findings import Place, Severity
from gateway.resources import read_bytes
from gateway.syntax.record import FieldRef, Record

FOLDER = "schemas/fixed"
_CONFIDENCES = frozenset("EPSG")


class BadColumns(ValueError):
    """A layout file of ours is wrong; the layout test names the place."""


@dataclass(frozen=True, slots=True)
class Column:
    """first, last: columns from 1, both included; last None runs to the end of the line."""

    name: str
    first: int
    last: int | None
    confidence: str
    zh: str


@dataclass(frozen=True, slots=True)
class LineLayout:
    """One kind of line."""

    label: str
    zh: str
    en: str
    select: str
    least: int
    columns: tuple[Column, ...]

    def holds(self, line: bytes, number: int) -> bool:
        """Whether a line (its number from 1) is of this kind."""
        if self.select == "first":
            return number == 1
        at, _, what = self.select.partition("=")
        start = int(at) - 1
        if what in ("letter", "digit"):
            one = line[start : start + 1]
            return one.isalpha() if what == "letter" else one.isdigit()
        return line.startswith(what.encode("ascii"), start)


@dataclass(frozen=True, eq=False)
class FixedLayout:
    """A loaded layout; satisfies `gateway.syntax.record.Layout`.  Equal only to itself."""

    name: str
    version: str
    title_zh: str
    title_en: str
    head: frozenset[str]
    records: dict[str, LineLayout]
    needed: tuple[tuple[str, int, Severity], ...] = ()
    required: tuple[tuple[str, Severity], ...] = ()
    _index: dict[tuple[str, str], int] = field(default_factory=dict)

    def index(self, label: str, field: FieldRef) -> int | None:
        """Index into `Record.values` by name; columns have no other."""
        return self._index.get((label, field)) if isinstance(field, str) else None

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """(index, name) of every field of a line."""
        line = self.records.get(label)
        return [(n, column.name) for n, column in enumerate(line.columns)] if line else []

    def width(self, label: str) -> int:
        """Number of values of a line; 0 for an unknown one."""
        line = self.records.get(label)
        return len(line.columns) if line else 0

    def place(self, record: Record, index: int) -> Place:
        """The place of a value: `field` is its first column, the offset that of the line."""
        line = self.records.get(record.label)
        column = line.columns[index].first if line and index < len(line.columns) else None
        return Place(record.ordinal, record.label, column, None, record.line, record.offset)


@cache
def load(name: str) -> FixedLayout:
    """The layout `schemas/fixed/<name>.toml`; FileNotFoundError or BadColumns if it is wrong."""
    return parse(tomllib.loads(read_bytes(f"{FOLDER}/{name}.toml").decode("utf-8")))


def parse(data: dict[str, Any]) -> FixedLayout:
    """A layout from the content of its file."""
    records = {label: _line(label, raw) for label, raw in data["records"].items()}
    index = {
        (line.label, column.name): number
        for line in records.values()
        for number, column in enumerate(line.columns)
    }

    def needed(key: str, severity: str) -> tuple[str, int, Severity]:
        label, _, name = key.partition(".")
        if (label, name) not in index:
            raise BadColumns(f"{data['name']}: no field {key}")
        return label, index[label, name], Severity(severity)

    required = tuple((row["record"], Severity(row["severity"])) for row in data.get("required", ()))
    if unknown := [label for label, _ in required if label not in records]:
        raise BadColumns(f"{data['name']}: required record {unknown[0]} has no layout")
    return FixedLayout(
        data["name"], data["version"], data["title_zh"], data["title_en"],
        frozenset(data.get("head", ())), records,
        tuple(needed(key, severity) for key, severity in data.get("needed", {}).items()),
        required, index,
    )  # fmt: skip


def _line(label: str, raw: dict[str, Any]) -> LineLayout:
    columns = tuple(_column(label, text) for text in raw["columns"].strip().splitlines())
    at = 0
    for column in columns:
        if column.first <= at or (column.last is not None and column.last < column.first):
            raise BadColumns(
                f"{label}: columns of {column.name} overlap others or are turned round"
            )
        at = column.last if column.last is not None else 1_000_000
    if len({column.name for column in columns}) != len(columns):
        raise BadColumns(f"{label}: names must differ")
    return LineLayout(label, raw["zh"], raw["en"], raw["select"], raw.get("least", 0), columns)


def _column(label: str, text: str) -> Column:
    cells = text.split(None, 4)
    if len(cells) != 5 or cells[3] not in _CONFIDENCES:
        raise BadColumns(f"{label}: name, first, last, confidence and zh expected in {text!r}")
    name, first, last, confidence, zh = cells
    return Column(name, int(first), None if last == "-" else int(last), confidence, zh.strip())
