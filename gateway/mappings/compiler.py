"""Table → Python source: the fast path of a mapping.

The source is made of the table alone (labels, indexes, paths of our own tables and layouts, quoted
by repr); no text of a file ever reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from gateway.mappings.convert import text, upper
from gateway.mappings.node import (
    Condition,
    Convert,
    Node,
    Row,
    Unread,
    labels_of,
    unknown_values,
    unread_values,
)
from gateway.syntax.record import Layout, Record

# The two conversions that most rows have, without the cost of a call.
_INLINED: dict[Convert, str] = {text: ".strip()", upper: ".strip().upper()"}

Reader = Callable[[Sequence[Record]], dict[str, Any]]
ReaderApart = Callable[[Sequence[str], Sequence[Sequence[str]]], dict[str, Any]]


def compile_reader(root: Node, layout: Layout, unread: dict[str, Unread]) -> Reader:
    """A function records → draft that behaves as the slow path does, but stops at a bad value."""
    reader: Reader = Source(root, layout, unread).function(apart=False)
    return reader


def compile_apart(root: Node, layout: Layout, unread: dict[str, Unread]) -> ReaderApart:
    """The same for labels and values that come apart (`RecordRun`)."""
    reader: ReaderApart = Source(root, layout, unread).function(apart=True)
    return reader


class Source:
    """The source in the making, with the constants that it refers to by name."""

    def __init__(self, root: Node, layout: Layout, unread: dict[str, Unread]) -> None:
        self._layout = layout
        self._unread = unread
        self._root = root
        self._names: dict[str, Any] = {}
        self._numbers: dict[int, int] = {}
        self._parents: dict[int, Node | None] = {}
        self._nodes: list[Node] = []
        self._apart = False
        self._register(root, None)
        self._known = frozenset(label for node in self._nodes for label in labels_of(node))

    def _register(self, node: Node, parent: Node | None) -> None:
        self._numbers[id(node)] = len(self._nodes)
        self._parents[id(node)] = parent
        self._nodes.append(node)
        for child in node.children:
            self._register(child, node)

    def function(self, apart: bool) -> Any:  # noqa: ANN401 - Reader or ReaderApart
        """The general code, for records or (apart) for labels and values."""
        self._apart = apart
        head = "for label, v in zip(labels, values):" if apart else "for r in records:"
        taken = [] if apart else ["label, v = r[0], r[1]"]
        body = [head, *indented([*taken, *self._dispatch(sorted(self._known), 0)], 4)]
        return self._compiled("labels, values" if apart else "records", body)

    def _compiled(self, arguments: str, body: list[str]) -> Any:  # noqa: ANN401 - its body tells
        """The function with this body, which fills n0."""
        lines = [f"def read({arguments}):", f"    n0 = {dict(self._root.constants)!r}"]
        if len(self._nodes) > 1:
            names = " = ".join(f"n{i}" for i in range(1, len(self._nodes)))
            lines.append(f"    {names} = None")
        lines += [*indented(body, 4), "    return n0"]
        scope: dict[str, Any] = {
            "Record": Record,
            "unknown_values": unknown_values,
            "unread_values": unread_values,
            **self._names,
        }
        code = compile("\n".join(lines), f"<table for {self._layout.name}>", "exec")
        exec(code, scope)  # noqa: S102 - see module docstring
        return scope["read"]

    def _record_text(self) -> str:
        """The record in hand, for what is done rarely."""
        return "Record(label, v, 0, 0, 0)" if self._apart else "r"

    def _dispatch(self, labels: list[str], by: int) -> list[str]:
        """A search tree over the labels: a record costs a few comparisons, not one per label."""
        if len(labels) > 1:
            middle = len(labels) // 2
            return [
                *indented([f"if label < {labels[middle]!r}:"], by),
                *self._dispatch(labels[:middle], by + 4),
                *indented(["else:"], by),
                *self._dispatch(labels[middle:], by + 4),
            ]
        lines: list[str] = []
        if labels:
            lines = [f"if label == {labels[0]!r}:", *indented(self._branch(labels[0]), 4)]
        kept = self._unknown_lines()
        if kept:
            lines += ["else:", *indented(kept, 4)] if lines else kept
        return indented(lines or ["pass"], by)

    def _unknown_lines(self) -> list[str]:
        """What happens with a record that no node reads."""
        if not self._root.extras:
            return []
        return [
            f"kept = unknown_values({self._record_text()})",
            "if kept:",
            f"    n0.setdefault({self._root.extras!r}, []).extend(kept)",
        ]

    def _branch(self, label: str) -> list[str]:
        """What happens with a record of one label, node by node."""
        lines: list[str] = []
        for node in self._nodes:
            if label in labels_of(node):
                lines += self._guarded(node.when, label, self._node_lines(node, label), 0)
        return lines or ["pass"]

    def _node_lines(self, node: Node, label: str) -> list[str]:
        lines: list[str] = []
        if label in node.opens:
            lines += self._close_lines(node)
        lines += self._rows_lines(node, label)
        unread = self._unread.get(label)
        if node.extras and unread:
            lines += self._extras_lines(node, label, unread)
        return lines or ["pass"]

    def _rows_lines(self, node: Node, label: str) -> list[str]:
        """The rows of a label in their order, each under its condition."""
        lines: list[str] = []
        rows = [row for row in node.rows if row.label == label]
        for condition, together in groupby(rows, key=lambda row: row.when):
            body = [line for row in together for line in self._row_lines(node, row)]
            if body:
                lines += self._guarded(condition, label, body, 0)
        return lines

    def _filled(self, unread: Unread) -> list[str]:
        """Tests whether any field that no row reads is there."""
        return [*(self._value(index) for index, _name in unread.fields), f"len(v) > {unread.width}"]

    def _value(self, index: int) -> str:
        """A value of the record in hand."""
        return f"v[{index}]"

    def _first(self, node: Node, row: Row) -> bool:
        """Whether nothing can stand at the row's path yet."""
        return False

    def _extras_lines(self, node: Node, label: str, unread: Unread) -> list[str]:
        """Collect what no row reads, after a quick look whether there is anything."""
        look = " or ".join(self._filled(unread))
        if not look:
            return []
        append = (
            f"n{self._numbers[id(node)]}.setdefault({node.extras!r}, []).append("
            f"{{'record': {label.rsplit('/', 1)[-1]!r}, 'field': name, 'value': value}})"
        )
        name = self._name("u", unread)
        body = [*self._ensure_lines(node), append]
        return [
            f"if {look}:",
            f"    for name, value in unread_values({self._record_text()}, {name}):",
            *indented(body, 8),
        ]

    def _close_lines(self, node: Node) -> list[str]:
        names: list[str] = []

        def collect(each: Node) -> None:
            if each is not self._root:
                names.append(f"n{self._numbers[id(each)]}")
            for child in each.children:
                collect(child)

        collect(node)
        return [" = ".join(names) + " = None"] if names else []

    def _row_lines(self, node: Node, row: Row) -> list[str]:
        index = self._layout.index(row.label, row.field)
        if index is None or not row.path:
            return []
        return self._read_lines(row, index, self._ensure_lines(node) + self._set_lines(node, row))

    def _read_lines(self, row: Row, index: int, then: list[str]) -> list[str]:
        """Convert a value to x; what then happens with one that is there."""
        put = indented(then, 4)
        inlined = _INLINED.get(row.convert)
        if inlined is not None:
            return [f"x = {self._value(index)}{inlined}", "if x:", *put]
        convert = self._name("c", row.convert)
        return [
            f"x = {self._value(index)}",
            "if x:",
            f"    x = {convert}(x)",
            "    if x is not None:",
            *indented(put, 4),
        ]

    def _ensure_lines(self, node: Node) -> list[str]:
        """Make the current element of a node when there is none."""
        parent = self._parents[id(node)]
        if parent is None:
            return []
        name, above = f"n{self._numbers[id(node)]}", f"n{self._numbers[id(parent)]}"
        lines = [f"if {name} is None:"]
        lines += indented(self._ensure_lines(parent), 4)
        lines.append(f"    {name} = {dict(node.constants)!r}")
        lines.append(f"    {above}.setdefault({node.path!r}, []).append({name})")
        return lines

    def _set_lines(self, node: Node, row: Row) -> list[str]:
        *steps, last = row.path.split(".")
        target = f"n{self._numbers[id(node)]}"
        lines: list[str] = []
        for depth, step in enumerate(steps):
            inner = f"d{depth}"
            lines.append(f"{inner} = {target}.get({step!r})")
            lines.append(f"if {inner} is None: {inner} = {target}[{step!r}] = {{}}")
            target = inner
        if last.endswith("[]"):
            return [*lines, f"{target}.setdefault({last[:-2]!r}, []).append(x)"]
        if self._first(node, row) or row.last:
            return [*lines, f"{target}[{last!r}] = x"]
        return [*lines, f"if {last!r} not in {target}: {target}[{last!r}] = x"]

    def _guarded(
        self,
        condition: Condition,
        label: str,
        body: list[str],
        by: int,
    ) -> list[str]:
        """The body under its condition; a field that the layout lacks can never hold."""
        if not condition:
            return indented(body, by)
        tests: list[str] = []
        for ref, values in condition:
            index = self._layout.index(label, ref)
            if index is None:
                return indented(["pass"], by)
            tests.append(self._test(index, values))
        return indented([f"if {' and '.join(tests)}:", *indented(body, 4)], by)

    def _test(self, index: int, values: frozenset[str]) -> str:
        """One value of a condition; a set may say what it excludes instead."""
        excluded: frozenset[str] | None = getattr(values, "excluded", None)
        meant, equal, within = (
            (values, "==", "in") if excluded is None else (excluded, "!=", "not in")
        )
        if len(meant) == 1:
            return f"v[{index}] {equal} {next(iter(meant))!r}"
        return f"v[{index}] {within} {self._name('s', meant)}"

    def _name(self, prefix: str, value: object) -> str:
        name = f"{prefix}{len(self._names)}"
        self._names[name] = value
        return name


def indented(lines: list[str], by: int) -> list[str]:
    """The lines, moved to the right."""
    return [" " * by + line for line in lines]
