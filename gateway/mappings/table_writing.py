"""Model → rows of a table: the columns of `schemas/table/<name>.toml` the other way round.

Columns whose path leads through a list of elements (`goods[]`) are not written; no writer here
needs them.  A list at the end of a path (`remarks[]`) goes into one cell, an item a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from gateway.canonical.model import Model
from gateway.findings import Finding
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing, Unwritable, Write
from gateway.mappings.model_fields import value_at
from gateway.syntax.table.layout import NOTHING, Column, TableLayout
from gateway.syntax.table.xlsx_writer import Cell, workbook

Undo = Callable[[dict[str, Any]], None]
_MINUTES = len("2024-11-21T22:00")


def table_writer(layout: TableLayout, name: str, undo_part: Undo) -> Write:
    """A function that writes an xlsx of one document; undo_part prepares the dumped part."""

    def write(_envelope: Outgoing, header: Model, parts: Iterable[Model]) -> Iterator[bytes]:
        above = header.model_dump(exclude_none=True)
        missing = lacking(layout, above, name)
        yield from workbook(
            [(layout.title_zh, _rows(layout, name, above, parts, undo_part, missing))]
        )
        if missing:
            raise Unwritable(missing)

    return write


def _rows(
    layout: TableLayout,
    name: str,
    above: Mapping[str, Any],
    parts: Iterable[Model],
    undo_part: Undo,
    missing: list[Finding],
) -> Iterator[list[Cell]]:
    yield [f"{column.zh[0]} {column.en[0]}" for column in layout.columns]
    for part in parts:
        below = part.model_dump(exclude_none=True)
        undo_part(below)
        values = {"header": above, "part": below}
        yield [_cell(column, values, name, missing) for column in layout.columns]


def lacking(layout: TableLayout, header: Mapping[str, Any], name: str) -> list[Finding]:
    """What every row must say of its document, or its reader refuses all of them."""
    columns = layout.columns
    demands = [[column] for column in columns if column.need == "R"]
    demands += [[columns[n] for n in group] for group in layout.one_of]
    return [
        facts.MISSING.at(path=" / ".join(column.to for column in demand), format=name)
        for demand in demands
        if demand[0].scope == "D"
        if all(value_at({"header": header}, column.to) is None for column in demand)
    ]


def _cell(column: Column, values: Mapping[str, Any], name: str, missing: list[Finding]) -> Cell:
    found = value_at(values, column.to)
    text = _text(found)
    if isinstance(text, str) and text.strip().casefold() in NOTHING and found:
        missing.append(facts.NOT_A_VALUE.at(value=text, path=column.to, format=name))
    return text


def _text(value: Any) -> Cell:  # noqa: ANN401 - a dumped model
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, Mapping):
        return _time(value["wall"])
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return str(value)


def _time(wall: str) -> str:
    """As people write it; more than minutes only in digits, which are read as precisely."""
    if len(wall) <= _MINUTES:
        return wall.replace("T", " ")
    return "".join(character for character in wall if character.isdigit())
