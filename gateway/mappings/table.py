"""A mapping as a table: which field of which record becomes which canonical value.

A table is a tree of `Node`s.  A node has rows (one record field → one path below the node) and
children, each filling a list (`goods[]`) with one dict per opening record.  Tables are compiled
once per layout into plain Python source that dispatches on the record's label; the compiled
reader is fast and says only that something is wrong.  When a converter refuses a value, the same
table is interpreted row by row, and says what is wrong and where ("fast path says yes or no, slow
path says why", performance.md 6).  `places` gives the lineage canonical path → file place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gateway.findings import Finding, Place
from gateway.limits import TABLE_LAYOUTS_MAX
from gateway.mappings.compiler import Reader, ReaderApart, compile_apart, compile_reader
from gateway.mappings.convert import BadValue
from gateway.mappings.node import (
    NOTHING_UNREAD,
    Node,
    Path,
    Row,
    Unread,
    at,
    labels_of,
    tag_of,
    unknown_values,
    unread_values,
    when,
)
from gateway.mappings.straight import Straight
from gateway.syntax.record import FieldRef, Layout, Record, RecordRun

__all__ = ["CompiledTable", "Interpretation", "Node", "Path", "Row", "Table", "at", "when"]


@dataclass(slots=True)
class Interpretation:
    """What the slow path found.

    The draft, what was refused, and for every value its place and how it is written there.
    refused: what is missing of the draft because it was refused, by its first step.
    """

    values: dict[str, Any]
    findings: list[Finding]
    places: dict[Path, Place]
    written: dict[Path, str]
    refused: set[Path] = field(default_factory=set)


class Table:
    """A mapping of one format, ready to be compiled for the layouts it is read with."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def compile(self, layout: Layout) -> CompiledTable:
        """Resolve every field against the layout; rows that it does not carry drop out."""
        return CompiledTable(self.root, layout)


@dataclass
class _Element:
    """The current dict of a node while the slow path walks."""

    values: dict[str, Any]
    path: Path


class CompiledTable:
    """A table bound to one layout."""

    def __init__(self, root: Node, layout: Layout) -> None:
        self._root = root
        self._layout = layout
        self._nodes = list(_walk(root, None))
        self._unread = _unread_fields(self._nodes, layout)
        self._straight = Straight(root, layout, self._unread)
        self._others: dict[Layout, CompiledTable] = {}

    def read(self, records: Sequence[Record]) -> dict[str, Any]:
        """The draft of one part or header; raises BadValue where any value was refused."""
        # A list is no run; whatever else is a sequence is asked, which takes longer.
        if isinstance(records, list) or not isinstance(records, RecordRun):
            return self._read(records)
        layout = records.layout
        table = self if layout is None else self._others.get(layout) or self._under(layout)
        return table.read_run(records)

    def read_run(self, run: RecordRun) -> dict[str, Any]:
        """The draft of a run whose values lie as this layout says."""
        straight = self._straight.reader(run)
        if straight is not None:
            return straight(run.values) if run.form is None else straight(run.filled, run.texts)
        return self._read_apart(run.labels, run.values)

    @cached_property
    def _read(self) -> Reader:
        return compile_reader(self._root, self._layout, self._unread)

    @cached_property
    def _read_apart(self) -> ReaderApart:
        return compile_apart(self._root, self._layout, self._unread)

    def _under(self, layout: Layout) -> CompiledTable:
        """The same table for runs that have a layout of their own."""
        if len(self._others) >= TABLE_LAYOUTS_MAX:
            self._others.clear()
        found = self._others[layout] = CompiledTable(self._root, layout)
        return found

    def interpret(self, records: Sequence[Record]) -> Interpretation:
        """The same draft row by row, with what was refused and the place of every value."""
        walker = _Interpreter(self._nodes, self._layout, self._unread)
        for record in records:
            walker.take(record)
        return walker.result


def _walk(node: Node, parent: Node | None) -> Iterator[tuple[Node, Node | None]]:
    """Every node with its parent, parents first."""
    yield node, parent
    for child in node.children:
        yield from _walk(child, node)


def _unread_fields(nodes: list[tuple[Node, Node | None]], layout: Layout) -> dict[str, Unread]:
    """Per known label the fields that no row reads: what `extras` collects."""
    read: dict[str, set[int]] = {}
    for node, _parent in nodes:
        for row in node.rows:
            index = layout.index(row.label, row.field)
            read.setdefault(row.label, set())
            if index is not None:
                read[row.label].add(index)
    return {
        label: Unread(
            tuple((i, name) for i, name in layout.fields(label) if i not in seen),
            layout.width(label),
        )
        for label, seen in read.items()
    }


class _Interpreter:
    """The slow path: one record at a time, one row at a time, nothing stops it."""

    def __init__(
        self,
        nodes: list[tuple[Node, Node | None]],
        layout: Layout,
        unread: dict[str, Unread],
    ) -> None:
        self._nodes = nodes
        self._layout = layout
        self._unread = unread
        root = nodes[0][0]
        self._root = root
        self._current: dict[int, _Element | None] = {id(node): None for node, _ in nodes}
        top = _Element(dict(root.constants), ())
        self._current[id(root)] = top
        self.result = Interpretation(top.values, [], {}, {})

    def take(self, record: Record) -> None:
        """Give one record to every node that reads its label."""
        known = False
        for node, parent in self._nodes:
            if record.label in labels_of(node):
                known = True
                if self._holds(record, node.when):
                    self._take_node(record, node, parent)
        if not known:
            self._keep_unknown(record)

    def _take_node(self, record: Record, node: Node, parent: Node | None) -> None:
        if record.label in node.opens:
            self._close(node)
        for row in node.rows:
            if row.label == record.label and self._holds(record, row.when):
                self._take_row(record, node, row)
        if node.extras:
            for name, value in unread_values(
                record, self._unread.get(record.label, NOTHING_UNREAD)
            ):
                element = self._element(node)
                element.values.setdefault(node.extras, []).append(
                    {"record": tag_of(record.label), "field": name, "value": value}
                )

    def _take_row(self, record: Record, node: Node, row: Row) -> None:
        index = self._layout.index(row.label, row.field)
        if index is None or not row.path or not record.values[index]:
            return
        place = self._layout.place(record, index)
        try:
            value = row.convert(record.values[index])
        except BadValue as bad:
            self.result.findings.append(bad.kind.at(place, record.values[index]))
            value = bad.meant
            if value is None:
                top = (node.path or row.path).split(".")[0].removesuffix("[]")
                self.result.refused.add((top,))
                return
        if value is not None:
            element = self._element(node)
            path = _set(element.values, row, value)
            if path is not None:
                self.result.places[element.path + path] = place
                self.result.written[element.path + path] = record.values[index]

    def _holds(
        self, record: Record, condition: tuple[tuple[FieldRef, frozenset[str]], ...]
    ) -> bool:
        for ref, values in condition:
            index = self._layout.index(record.label, ref)
            if index is None or record.values[index] not in values:
                return False
        return True

    def _close(self, node: Node) -> None:
        """A new element begins with the next value; what hangs below the old one is closed too."""
        if node is not self._root:
            self._current[id(node)] = None
        for child in node.children:
            self._close(child)

    def _element(self, node: Node) -> _Element:
        """The current element of a node, made (with its parents) when there is none."""
        current = self._current[id(node)]
        if current is None:
            parent = next(p for n, p in self._nodes if n is node)
            above = self._element(parent) if parent else None
            if above is None:  # pragma: no cover - the root always has an element
                raise AssertionError("the root has an element")
            target = above.values.setdefault(node.path, [])
            current = _Element(dict(node.constants), (*above.path, node.path, len(target)))
            target.append(current.values)
            self._current[id(node)] = current
        return current

    def _keep_unknown(self, record: Record) -> None:
        if self._root.extras:
            kept = unknown_values(record)
            if kept:
                self.result.values.setdefault(self._root.extras, []).extend(kept)


def _set(target: dict[str, Any], row: Row, value: object) -> Path | None:
    """Put a value at the row's path; None where an earlier value stays."""
    *steps, last = row.path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    if last.endswith("[]"):
        items = target.setdefault(last[:-2], [])
        items.append(value)
        return (*steps, last[:-2], len(items) - 1)
    if last in target and not row.last:
        return None
    target[last] = value
    return (*steps, last)
