"""The source of straight code: a table under one order of labels and one choice of qualifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from gateway.mappings.compiler import Source, indented
from gateway.mappings.node import NOTHING_UNREAD, Condition, Node, Row, Unread, labels_of
from gateway.mappings.sharing import Sharing
from gateway.syntax.record import Layout

Values = Sequence[Sequence[str]]
# Values of each record; where a form is known, the filled ones of all, and the records as texts.
Straightened = Callable[..., dict[str, Any]]
# Rows of a label that are looked at one by one before the rest is looked at together.
_PLAIN_ROWS = 2
_TOGETHER_MIN = 3


def qualified(root: Node, layout: Layout, labels: tuple[str, ...]) -> list[tuple[int, int]]:
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


class StraightSource(Source):
    """The source for one order of labels and one choice of qualifiers."""

    _arguments = "s"

    def __init__(
        self,
        root: Node,
        layout: Layout,
        unread: dict[str, Unread],
        order: tuple[tuple[str, ...], tuple[str, ...]],
        sharing: Sharing,
    ) -> None:
        """order: labels, and the qualifiers among their values."""
        super().__init__(root, layout, unread)
        labels, key = order
        self._order = labels
        self._held = dict(zip(qualified(root, layout, labels), key, strict=True))
        self._sharing = sharing
        self._number = 0
        # What this code may have set before: (node, path).
        self._written: set[tuple[int, str]] = set()

    def straightened(self) -> Straightened:
        """Assemble, compile, return."""
        body: list[str] = []
        for number, label in enumerate(self._order):
            self._number = number
            lines = self._branch(label) if label in self._known else self._unknown()
            if (node := self._alone(number)) is not None:
                lines = self._shared_lines(node, lines)
            if lines != ["pass"]:
                body += [*self._begin_lines(), *lines]
        written: Straightened = self._compiled(self._arguments, body)
        return written

    def _begin_lines(self) -> list[str]:
        return [f"v = s[{self._number}]"]

    def _touched(self, number: int) -> list[Node]:
        """The nodes that a record has something for."""
        self._number, label = number, self._order[number]
        nodes = [node for node in self._nodes if self._takes(node, label)]
        return [node for node in nodes if self._stands(node.when, label)]

    def _takes(self, node: Node, label: str) -> bool:
        """Whether a record of this label may leave anything in a node."""
        if label in node.opens:
            return True
        rows = (row for row in node.rows if row.label == label and row.path)
        if any(self._layout.index(label, row.field) is not None for row in rows):
            return True
        unread = self._unread.get(label, NOTHING_UNREAD)
        return bool(node.extras and label in labels_of(node) and unread.fields)

    def _alone(self, number: int) -> Node | None:
        """The node of which a record is a whole element and all else nothing; None for others."""
        touched = self._touched(number)
        node = touched[0] if len(touched) == 1 else None
        if node is None or node.shared is None or node.children:
            return None
        touching = [
            each
            for each in range(len(self._order))
            if any(one is node for one in self._touched(each))
        ]
        self._number = number
        at = touching.index(number)
        # It must begin an element, and so must what touches the node next.
        begins = touching[at : at + 2] if at else touching[1:2]
        return node if all(self._order[each] in node.opens for each in begins) else None

    def _shared_lines(self, node: Node, lines: list[str]) -> list[str]:
        """The element of the record that came in the same words, else the lines and keep it."""
        parent = self._parents[id(node)]
        if parent is None or node.shared is None:
            return lines
        memo = self._name(
            "m", self._sharing.of(node.shared, self._order[self._number], node.finish)
        )
        name, above = f"n{self._numbers[id(node)]}", f"n{self._numbers[id(parent)]}"
        words = self._words()
        return [
            f"p = {memo}.get({words})",
            "if p is None:",
            *indented(lines, 4),
            f"    if {name} is not None: {above}[{node.path!r}][-1] = {memo}.keep({words}, {name})",
            "else:",
            *indented(self._ensure_lines(parent), 4),
            f"    {above}.setdefault({node.path!r}, []).append(p)",
            *self._close_lines(node),
        ]

    def _words(self) -> str:
        """What tells two records of a label apart."""
        return "v"

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
        rows = [row for row in rows if self._may_fill(self._layout.index(label, row.field))]
        plain, rest = _parted(rows)
        lines = self._lines_of(node, plain)
        inner: list[str] = []
        parts = _by_element(rest)
        for part in parts:
            inner += self._together(part, self._lines_of(node, part))
        return lines + (self._together(rest, inner) if len(parts) > 1 else inner)

    def _lines_of(self, node: Node, rows: list[Row]) -> list[str]:
        """The rows in their order, those that fill one shared object together."""
        lines: list[str] = []
        for step, group in groupby(rows, key=_shared_step):
            together = list(group)
            if step and self._fill_alone(node, together, step):
                lines += self._object_lines(node, together, step)
            else:
                lines += [line for row in together for line in self._row_lines(node, row)]
        return lines

    def _fill_alone(self, node: Node, rows: list[Row], step: str) -> bool:
        """Whether these rows of one record are all that fills an object."""
        filling = [
            row
            for row in node.rows
            if row.path.startswith(f"{step}.")
            and self._layout.index(row.label, row.field) is not None
        ]
        return filling == rows and self._order.count(rows[0].label) == 1

    def _object_lines(self, node: Node, rows: list[Row], step: str) -> list[str]:
        """The object of texts that came before, else the lines and keep it."""
        label, model = rows[0].label, rows[0].shared
        indexes = [self._layout.index(label, row.field) or 0 for row in rows]
        if model is None:  # pragma: no cover - what has no model is not shared
            return []
        memo = self._name("m", self._sharing.of(model, f"{label}/{step}/{self._numbers[id(node)]}"))
        words = ", ".join(map(self._value, indexes))
        words = f"({words})" if len(rows) > 1 else words
        made: list[str] = []
        for row, index in zip(rows, indexes, strict=True):
            made += self._read_lines(row, index, [f"p[{row.path.split('.')[1]!r}] = x"])
        return [
            f"if {' or '.join(map(self._value, indexes))}:",
            f"    p = {memo}.get({words})",
            "    if p is None:",
            "        p = {}",
            *indented(made, 8),
            f"        if p: p = {memo}.keep({words}, p)",
            "    if p:",
            *indented(self._ensure_lines(node), 8),
            f"        n{self._numbers[id(node)]}[{step!r}] = p",
        ]

    def _may_fill(self, index: int | None) -> bool:
        """Whether a value can be there."""
        return index is not None

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
        for index in [each for each, _name in unread.fields if self._may_fill(each)]:
            if runs and runs[-1][-1] == index - 1:
                runs[-1].append(index)
            else:
                runs.append([index])
        looks = []
        for run in runs:
            if len(run) < _TOGETHER_MIN:
                looks += [self._value(index) for index in run]
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


def _shared_step(row: Row) -> str:
    """The first step of a path that leads to a shared object, "" of all others."""
    return row.path.split(".")[0] if row.shared is not None else ""


def _parted(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """The rows that are looked at one by one, and the rest; a shared object is not cut in two."""
    cut = _PLAIN_ROWS
    while cut < len(rows) and _shared_step(rows[cut - 1]) == _shared_step(rows[cut]) != "":
        cut += 1
    return rows[:cut], rows[cut:]


def _by_element(rows: list[Row]) -> list[list[Row]]:
    """Neighbouring rows of one element, or of one shared object, in one list."""
    parts: list[list[Row]] = []
    before: object = None
    for row in rows:
        element = row.field[0] if isinstance(row.field, tuple) else row.field
        element = _shared_step(row) or element
        if parts and element == before:
            parts[-1].append(row)
        else:
            parts.append([row])
        before = element
    return parts
