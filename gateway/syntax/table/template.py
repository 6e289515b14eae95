"""The template of a table: its headings, one row of examples, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.syntax.table.layout import Column, TableLayout
from gateway.syntax.table.workbook import NOTES_SHEET
from gateway.syntax.table.xlsx_writer import Cell, workbook

_NEEDS = {"R": "必填 required", "M": "应填 expected", "C": ""}
_SCOPES = {
    "D": "整份单证，首行有效 the whole document, its first row counts",
    "P": "一项 one part",
    "L": "本行 this row",
}
_TITLES = ("列 Column", "Heading in English", "要求", "单位 Unit", "属于 Tells of")


def template(layout: TableLayout) -> Iterator[bytes]:
    """An xlsx that people can fill in; its example row is a correct document."""
    heading: list[Cell] = [f"{column.zh[0]} {column.en[0]}" for column in layout.columns]
    example = [_example(column) for column in layout.columns]
    notes: list[list[Cell]] = [list(_TITLES)]
    for column in layout.columns:
        need, scope = _NEEDS[column.need], _SCOPES[column.scope]
        notes.append([column.zh[0], column.en[0], need, column.unit, scope])
    yield from workbook([(layout.title_zh, [heading, example]), (NOTES_SHEET, notes)])


def _example(column: Column) -> Cell:
    if column.example and column.value in ("number", "count"):
        return Decimal(column.example)
    return column.example
