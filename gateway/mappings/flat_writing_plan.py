"""A read table turned round: per node the records that it is written to, field by field.

The tables say which field of which record becomes which canonical path; the layouts say where the
field stands.  Turned round once per format: a node becomes `NodePlan`, its rows become slots of
lines, its children become branches (all nodes of one path and one role together).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.mappings.flat_writing_values import INVERSES, Say
from gateway.mappings.node import Node, Row, labels_of
from gateway.syntax.flat.layout import FlatLayout

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a variant writes of a layout that is read tolerantly.

    widths: last position that is written of a record (extensions of other variants stand behind
    it).  unused: (label, field) that is never written.  again: fields that repeat a path that
    stands in an earlier record, too (sequence numbers).  says: fields with a form of their own.
    """

    widths: Mapping[str, int] = field(default_factory=dict)
    unused: frozenset[Field] = frozenset()
    again: frozenset[Field] = frozenset()
    says: Mapping[Field, Say] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field: its index in the record, the path below the element, how it is said."""

    index: int
    steps: tuple[str, ...]
    say: Say
    repeats: bool


@dataclass(slots=True)
class Line:
    """One record of an element; lists: path → the fields that its items fill, and how.

    names: first steps of all paths that are not only repeated here.
    """

    label: str
    order: int
    text: str
    slots: list[Slot] = field(default_factory=list)
    lists: dict[tuple[str, ...], tuple[Say, list[int]]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class Branch:
    """The children below one path with the same constants, in table order."""

    path: str
    constants: dict[str, str]
    plans: list[NodePlan]


@dataclass(slots=True)
class NodePlan:
    """How one element is written.  reads: labels that its `extras` may come from."""

    node: Node
    root: bool
    lines: dict[str, Line]
    branches: list[Branch]
    reads: frozenset[str]
    order: Mapping[str, int]

    @property
    def first(self) -> str | None:
        """The label that an element begins with: what opens it, else its first line."""
        opening = [label for label in self.lines if label in self.node.opens]
        return next(iter(opening or self.lines), None)

    def is_single(self, label: str) -> bool:
        """Whether a second record of that label would mean another element of this node."""
        return label in self.node.opens or (self.root and label in self.lines)


def plan_of(root: Node, layout: FlatLayout, choices: Choices) -> NodePlan:
    """The plan of a table's root and of all nodes below it."""
    order = {label: number for number, label in enumerate(layout.records)}
    return _Planner(layout, choices, order).plan(root, root=True)


class _Planner:
    def __init__(self, layout: FlatLayout, choices: Choices, order: Mapping[str, int]) -> None:
        self._layout = layout
        self._choices = choices
        self._order = order

    def plan(self, node: Node, *, root: bool = False) -> NodePlan:
        lines = self._lines(node)
        branches: dict[Any, Branch] = {}
        for child in node.children:
            below = self.plan(child)
            if below.lines:
                branch = Branch(child.path, dict(child.constants), [])
                branches.setdefault((child.path, child.constants), branch).plans.append(below)
        reads = frozenset(label for label in labels_of(node) if label in self._order)
        return NodePlan(node, root, lines, list(branches.values()), reads, self._order)

    def _lines(self, node: Node) -> dict[str, Line]:
        lines: dict[str, Line] = {}
        taken: dict[str, str] = {}
        for row in node.rows:
            index = self._index(row)
            if index is None:
                continue
            line = lines.get(row.label)
            if line is None:
                line = self._line(row.label)
            first = taken.setdefault(row.path, row.label)
            if row.path.endswith("[]"):
                self._add_list(line, row, index)
            elif first == row.label or self._is_again(row):
                self._add_slot(line, row, index, repeats=first != row.label)
            if line.slots or line.lists:
                lines[row.label] = line
        for line in lines.values():
            told = [slot.steps for slot in line.slots if not slot.repeats]
            line.names = frozenset(steps[0] for steps in (*told, *line.lists))
        return dict(sorted(lines.items(), key=lambda item: item[1].order))

    def _line(self, label: str) -> Line:
        return Line(label, self._order[label], self._layout.records[label].text)

    def _index(self, row: Row) -> int | None:
        """Where a row is written; None where this variant has no such field."""
        index = self._layout.index(row.label, row.field)
        if index is None or not row.path or self._say(row) is None:
            return None
        name = (row.label, str(row.field))
        if name in self._choices.unused or index >= self._choices.widths.get(row.label, 1_000):
            return None
        return index

    def _say(self, row: Row) -> Say | None:
        return self._choices.says.get((row.label, str(row.field))) or INVERSES.get(row.convert)

    def _is_again(self, row: Row) -> bool:
        return (row.label, str(row.field)) in self._choices.again

    def _add_slot(self, line: Line, row: Row, index: int, *, repeats: bool) -> None:
        say = self._say(row)
        if say is not None:
            line.slots.append(Slot(index, tuple(row.path.split(".")), say, repeats))

    def _add_list(self, line: Line, row: Row, index: int) -> None:
        say = self._say(row)
        steps = tuple(row.path[:-2].split("."))
        if say is not None:
            line.lists.setdefault(steps, (say, []))[1].append(index)
