"""Straight code for orders of records that come again and again.

A reader of runs (`RecordRun`) gives labels and values apart.  What a table does with one order of
labels and one choice of qualifiers is always the same, so it is written out once: no dispatch, no
conditions.  Orders that are seen rarely, and all beyond a bound, are read by the general code.
Both do the same; tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.limits import (
    STRAIGHT_ORDERS_MAX,
    STRAIGHT_RECORDS_MAX,
    STRAIGHT_USES_MIN,
    STRAIGHT_VARIANTS_MAX,
)
from gateway.mappings.compiler import Source, indented
from gateway.mappings.node import Condition, Node, Row, Unread, labels_of
from gateway.syntax.record import Layout, Record, RecordRun

Values = Sequence[Sequence[str]]
Straightened = Callable[[Values], dict[str, Any]]
# Rows of a label that are looked at one by one before the rest is looked at together.
_PLAIN_ROWS = 2
_TOGETHER_MIN = 3


class Order:
    """One order of labels: its qualifiers, and the code of each choice of them."""

    __slots__ = ("pick", "uses", "variants")

    def __init__(self) -> None:
        self.uses = 0
        self.pick: Callable[[Values], tuple[str, ...]] | None = None
        self.variants: dict[tuple[str, ...], int | Straightened] = {}


class Straight:
    """The straight code of one table under one layout."""

    def __init__(self, root: Node, layout: Layout, unread: dict[str, Unread]) -> None:
        self._table = (root, layout, unread)
        self._orders: dict[tuple[str, ...], Order] = {}
        self._written = 0

    def _make_room(self) -> None:
        """What came seldom goes when there are too many; what is often wanted comes again."""
        if len(self._orders) >= STRAIGHT_ORDERS_MAX:
            self._orders = {labels: each for labels, each in self._orders.items() if each.pick}
        if len(self._orders) >= STRAIGHT_ORDERS_MAX:
            self._orders.clear()

    def reader(self, run: RecordRun) -> Straightened | None:
        """The code for a run, None where there is none (yet)."""
        order = self._orders.get(run.labels)
        if order is None:
            if len(run.labels) > STRAIGHT_RECORDS_MAX:
                return None
            self._make_room()
            order = self._orders[run.labels] = Order()
        if order.pick is None:
            order.uses += 1
            if order.uses < STRAIGHT_USES_MIN:
                return None
            order.pick = _picker(_qualified(*self._table[:2], run.labels))
        key = order.pick(run.values)
        known = order.variants.get(key, 0)
        return self._counted(order, key, run, known) if isinstance(known, int) else known

    def _counted(
        self, order: Order, key: tuple[str, ...], run: RecordRun, uses: int
    ) -> Straightened | None:
        """Count a choice of qualifiers that has no code, and write it when it is worth while."""
        if uses == 0 and len(order.variants) >= STRAIGHT_VARIANTS_MAX:
            order.variants = {k: code for k, code in order.variants.items() if callable(code)}
        order.variants[key] = uses + 1
        if uses + 1 < STRAIGHT_USES_MIN:
            return None
        if self._written >= STRAIGHT_ORDERS_MAX:
            self._orders.clear()
            self._written = 0
        self._written += 1
        written = _Straightened(*self._table, run.labels, key).straightened()
        order.variants[key] = written
        return written


def _qualified(root: Node, layout: Layout, labels: tuple[str, ...]) -> list[tuple[int, int]]:
    """(record, index) of every value that a condition looks at."""
    by_label: dict[str, set[int]] = {}

    def visit(node: Node) -> None:
        for label in labels_of(node):
            found = by_label.setdefault(label, set())
            rows = [row.when for row in node.rows if row.label == label]
            for condition in (node.when, *rows):
                indexes = (layout.index(label, ref) for ref, _values in condition)
                found.update(index for index in indexes if index is not None)
        for child in node.children:
            visit(child)

    visit(root)
    return [
        (number, index)
        for number, label in enumerate(labels)
        for index in sorted(by_label.get(label, ()))
    ]


def _picker(places: list[tuple[int, int]]) -> Callable[[Values], tuple[str, ...]]:
    """Values of a run → its qualifiers."""
    picked = "".join(f"s[{number}][{index}], " for number, index in places)
    scope: dict[str, Any] = {}
    exec(f"def pick(s): return ({picked})", scope)  # noqa: S102 - numbers only
    pick: Callable[[Values], tuple[str, ...]] = scope["pick"]
    return pick


class _Straightened(Source):
    """The source for one order of labels and one choice of qualifiers."""

    def __init__(
        self,
        root: Node,
        layout: Layout,
        unread: dict[str, Unread],
        labels: tuple[str, ...],
        key: tuple[str, ...],
    ) -> None:
        super().__init__(root, layout, unread)
        self._order = labels
        self._held = dict(zip(_qualified(root, layout, labels), key, strict=True))
        self._number = 0
        # What this code may have set before: (node, path).
        self._written: set[tuple[int, str]] = set()

    def straightened(self) -> Straightened:
        """Assemble, compile, return."""
        body: list[str] = []
        for number, label in enumerate(self._order):
            self._number = number
            lines = self._branch(label) if label in self._known else self._unknown()
            if lines != ["pass"]:
                body += [f"v = s[{number}]", *lines]
        written: Straightened = self._compiled("s", body)
        return written

    def _unknown(self) -> list[str]:
        return self._unknown_lines() or ["pass"]

    def _record_text(self) -> str:
        return f"Record({self._order[self._number]!r}, v, 0, 0, 0)"

    def _guarded(self, condition: Condition, label: str, body: list[str], by: int) -> list[str]:
        """The body or nothing: what the qualifiers are is known."""
        return indented(body, by) if self._stands(condition, label) else []

    def _stands(self, condition: Condition, label: str) -> bool:
        for ref, values in condition:
            index = self._layout.index(label, ref)
            if index is None or self._held[self._number, index] not in values:
                return False
        return True

    def _close_lines(self, node: Node) -> list[str]:
        self._forget(node)
        return super()._close_lines(node)

    def _forget(self, node: Node) -> None:
        number = self._numbers[id(node)]
        if number:
            self._written = {each for each in self._written if each[0] != number}
        for child in node.children:
            self._forget(child)

    def _rows_lines(self, node: Node, label: str) -> list[str]:
        """Rows that stand; where many of one record may be empty, they are looked at together."""
        rows = [
            row
            for row in node.rows
            if row.label == label and row.path and self._stands(row.when, label)
        ]
        rows = [row for row in rows if self._layout.index(label, row.field) is not None]
        lines = [line for row in rows[:_PLAIN_ROWS] for line in self._row_lines(node, row)]
        rest = rows[_PLAIN_ROWS:]
        inner: list[str] = []
        parts = _by_element(rest)
        for part in parts:
            inner += self._together(part, [x for row in part for x in self._row_lines(node, row)])
        return lines + (self._together(rest, inner) if len(parts) > 1 else inner)

    def _together(self, rows: list[Row], lines: list[str]) -> list[str]:
        """The lines, under one look whether any of the rows' values is there."""
        if len(rows) < _TOGETHER_MIN:
            return lines
        indexes = [self._layout.index(row.label, row.field) or 0 for row in rows]
        low, high = min(indexes), max(indexes) + 1
        return [self._look(low, high), *indented(lines, 4)]

    def _look(self, low: int, high: int) -> str:
        return f"if v[{low}:{high}] != {self._name('e', ('',) * (high - low))}:"

    def _filled(self, unread: Unread) -> list[str]:
        """Whether any unread field is there; neighbours are looked at together."""
        runs: list[list[int]] = []
        for index, _name in unread.fields:
            if runs and runs[-1][-1] == index - 1:
                runs[-1].append(index)
            else:
                runs.append([index])
        looks = []
        for run in runs:
            if len(run) < _TOGETHER_MIN:
                looks += [f"v[{index}]" for index in run]
            else:
                looks.append(self._look(run[0], run[-1] + 1)[3:-1])
        # A run holds nothing beyond the layout.
        return looks

    def _first(self, node: Node, row: Row) -> bool:
        """Whether nothing can stand at the row's path yet."""
        key = (self._numbers[id(node)], row.path)
        if key in self._written:
            return False
        self._written.add(key)
        return row.path not in dict(node.constants)


def _by_element(rows: list[Row]) -> list[list[Row]]:
    """Neighbouring rows of one element in one list."""
    parts: list[list[Row]] = []
    before: object = None
    for row in rows:
        element = row.field[0] if isinstance(row.field, tuple) else row.field
        if parts and element == before:
            parts[-1].append(row)
        else:
            parts.append([row])
        before = element
    return parts


__all__ = ["Record", "Straight"]
