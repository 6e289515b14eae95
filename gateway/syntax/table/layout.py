"""Tables as data: `schemas/table/<name>.toml`.

    name, version, title_zh, title_en, document
    one_of     lists of columns of which one must be filled
    columns    one a line, parted by "|":
               name, scope, to, value, need, zh headings, en headings, example

scope says what a column tells of: D the document, P the part, L this row alone; with "!" a change
of its value begins a new document or part.  to: where the value goes ("header.vessel.name",
"part.bills[].number", "part.parties[role=shipper].lines[]").  value: how it is read, a unit behind
a colon ("number:kg").  need: R an error where it is empty, M a warning, C nothing.  Headings are
parted by ";", the first one is what a template shows; a last column holds an example for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from gateway.findings import Place
from gateway.resources import names, read_bytes
from gateway.syntax.record import FieldRef, Record

FOLDER = "schemas/table"
# Tables that are written and never read; the same form.
WRITTEN_FOLDER = "schemas/csv"
ROW = "row"
_WIDTH = 8
# What people write where there is nothing to write.
NOTHING = frozenset({"", "-", "--", "/", "\\", "n/a", "无"})
NOTHING_WRITTEN = (NOTHING | {text.upper() for text in NOTHING}) - {""}


class BadTable(ValueError):
    """A layout file of ours is wrong; the layout test names the place."""


class Cells(list[str]):
    """The values of a row in the order of its layout; `columns` says where they stand in the file.

    columns: number from 1 by index, 0 where the file has no such column.
    """

    __slots__ = ("columns",)

    def __init__(self, values: Sequence[str], columns: tuple[int, ...]) -> None:
        super().__init__(values)
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    scope: str
    opens: bool
    to: str
    value: str
    unit: str
    need: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    example: str


@dataclass(frozen=True, eq=False)
class TableLayout:
    """A loaded layout; satisfies `gateway.syntax.record.Layout`."""

    name: str
    version: str
    title_zh: str
    title_en: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[int, ...], ...]

    def index(self, label: str, field: FieldRef) -> int | None:
        """The place of a column in the layout, by its name."""
        if label != ROW:
            return None
        return next((n for n, column in enumerate(self.columns) if column.name == field), None)

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """(index, name) of every column."""
        return [(n, c.name) for n, c in enumerate(self.columns)] if label == ROW else ()

    def width(self, label: str) -> int:
        """Number of columns."""
        return len(self.columns) if label == ROW else 0

    def place(self, record: Record, index: int) -> Place:
        """Row and column of a cell; `tag` is the letter of the column, `field` its number."""
        values = record.values
        number = values.columns[index] if isinstance(values, Cells) else 0
        offset = record.offset if record.offset >= 0 else None
        tag = letter(number) if number else record.label
        return Place(record.ordinal, tag, number or None, None, record.line, offset)


@lru_cache(maxsize=64)
def narrowed(layout: TableLayout, indexes: tuple[int, ...]) -> TableLayout:
    """The layout with these columns alone; as rows of the same headings come, always the same."""
    return replace(layout, columns=tuple(layout.columns[n] for n in indexes), one_of=())


def letter(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@cache
def load(name: str, folder: str = FOLDER) -> TableLayout:
    """The layout `<folder>/<name>.toml`; FileNotFoundError or BadTable if it is not right."""
    return parse(tomllib.loads(read_bytes(f"{folder}/{name}.toml").decode("utf-8")))


@cache
def all_layouts(folder: str = FOLDER) -> tuple[TableLayout, ...]:
    """Every layout there is, in order of names."""
    return tuple(load(name.removesuffix(".toml"), folder) for name in names(folder, ".toml"))


def parse(data: dict[str, Any]) -> TableLayout:
    """A layout from the content of its file."""
    columns = tuple(map(_column, data["columns"].strip().splitlines()))
    order = {column.name: number for number, column in enumerate(columns)}
    if len(order) != len(columns):
        raise BadTable(f"{data['name']}: names of columns must differ")
    try:
        one_of = tuple(tuple(order[name] for name in group) for group in data.get("one_of", ()))
    except KeyError as error:
        raise BadTable(f"{data['name']}: one_of names no column {error}") from None
    return TableLayout(
        data["name"], data["version"], data["title_zh"], data["title_en"], columns, one_of
    )


def _column(line: str) -> Column:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != _WIDTH or cells[1].rstrip("!") not in {"D", "P", "L"}:
        raise BadTable(f"{_WIDTH} cells and a scope D, P or L expected in {line!r}")
    name, scope, to, value, need, zh, en, example = cells
    if need not in {"R", "M", "C"} or not (zh and en):
        raise BadTable(f"a need R, M or C and headings expected in {line!r}")
    kind, _, unit = value.partition(":")
    return Column(
        name, scope[0], scope.endswith("!"), to, kind, unit, need,
        _headings(zh), _headings(en), example,
    )  # fmt: skip


def _headings(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(";"))
