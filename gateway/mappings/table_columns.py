"""Columns of a table layout → a mapping: what `schemas/table/<name>.toml` says of each column.

A path names its model first: `header.…` or `part.…`.  A step with brackets is a list: `goods[]` has
one element a row, `parties[role=shipper]` one whose constant tells it apart; brackets at the very
end collect texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical.document import DocumentType
from gateway.canonical.goods import Packages
from gateway.canonical.model import CodeName, Model
from gateway.mappings.contract import Format
from gateway.mappings.convert import (
    bill_number,
    container_number,
    count,
    text,
    upper,
)
from gateway.mappings.flat_convert import kept, lines, seal, temperature
from gateway.mappings.model_fields import fields_of
from gateway.mappings.node import Convert, Node, Row
from gateway.mappings.table import Table
from gateway.mappings.table_convert import digits, sheet_number, sheet_time
from gateway.syntax.profile import Profile
from gateway.syntax.table.layout import ROW, Column, TableLayout, load

_VALUES: dict[str, Convert] = {
    "text": text,
    "upper": upper,
    "lines": lines,
    "digits": digits,
    "number": sheet_number,
    "count": count,
    "time": sheet_time,
    "container": container_number,
    "bill": bill_number,
    "seal": seal,
    "temperature": temperature,
}
_LIST = re.compile(r"(\w+)\[(?:(\w+)=([\w:]+))?\]")


# Rows name the same places again and again, and the same packages.
_SHARED = (CodeName, Packages)


@dataclass
class _Branch:
    """A node in the making, of elements that are this model."""

    model: type[Model]
    path: str = ""
    constants: tuple[tuple[str, str], ...] = ()
    rows: list[Row] = field(default_factory=list)
    branches: dict[str, _Branch] = field(default_factory=dict)

    def add(self, column: Column, steps: list[str]) -> None:
        """Put a column's row where its path leads."""
        first, *rest = steps
        found = _LIST.fullmatch(first)
        if found and rest:
            constants = ((found[2], found[3]),) if found[2] else ()
            branch = self.branches.get(first)
            if branch is None:
                branch = _Branch(self._below(found[1]), found[1], constants)
                self.branches[first] = branch
            branch.add(column, rest)
            return
        below = self._below(first) if len(rest) == 1 else None
        shared = below if below in _SHARED else None
        path = ".".join(steps)
        self.rows.append(Row(ROW, column.name, path, _VALUES[column.value], shared=shared))

    def _below(self, name: str) -> type[Model]:
        """The model of a field."""
        kinds = {field.name: field.kind for field in fields_of(self.model)}
        below: type[Model] = kinds[name]
        return below

    def node(self, extras: str = "", beside: tuple[Row, ...] = ()) -> Node:
        """The node with all below it."""
        opens = frozenset({ROW}) if self.path else frozenset[str]()
        children = tuple(branch.node() for branch in self.branches.values())
        rows = (*self.rows, *beside)
        return Node(rows, self.path, opens, children, (), self.constants, extras)


def tables_of(layout: TableLayout, document: DocumentType) -> tuple[Table, Table]:
    """The tables of header and part."""
    roots = {"header": _Branch(document.header), "part": _Branch(document.part)}
    for column in layout.columns:
        root, *steps = column.to.split(".")
        roots[root].add(column, steps)
    # What another node reads of the same row is no extra of the part.
    read = tuple(Row(ROW, column.name, "", kept) for column in layout.columns)
    return Table(roots["header"].node()), Table(roots["part"].node("extras", read))


def table_format(
    document: DocumentType,
    *,
    grouped: bool = True,
    finish_part: Callable[[dict[str, Any], dict[str, Any], Profile], None] | None = None,
) -> Format:
    """The format of a document type as csv and xlsx."""
    layout = load(document.name)
    header, part = tables_of(layout, document)
    return Format(
        name=f"{document.name}/table",
        version=layout.version,
        syntax="table",
        kinds=frozenset({document.name}),
        document=document,
        layout=document.name,
        header=header,
        part=part,
        group_labels=frozenset({ROW}) if grouped else frozenset(),
        finish_part=finish_part,
        samples=f"{document.name}/table",
    )
