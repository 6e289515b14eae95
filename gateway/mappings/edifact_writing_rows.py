"""A read table turned round: values of a node → segments of a message, row by row.

A path is written by the first of its rows whose segment the message has.  A value joins the segment
of the same qualifiers where its position is free, else a new one is made; qualifiers are the first
values of the rows' conditions.  What finds no place is left to the check of what was written
(edifact_writing_check).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.mappings.edifact_writing_place import Scope, Target, parent, parts, place
from gateway.mappings.edifact_writing_text import Faulty, Lines, admissible
from gateway.mappings.edifact_writing_tree import Places
from gateway.mappings.edifact_writing_values import Text, inverse, sayable
from gateway.mappings.node import Node, OneOf, Row


class Writing:
    """A node and its children, ready to write values into groups."""

    def __init__(self, node: Node, places: Places, above: str) -> None:
        self.node = node
        self._above = f"{above}.{node.path}" if node.path else above
        self._places = places
        self.children = [Writing(child, places, self._above) for child in node.children]
        self.openers = sorted(
            (label for label in node.opens if label in places), key=places.order.__getitem__
        )
        listed = {label for child in self.children for label in child.listed_labels()}
        self._paths: dict[str, list[Target]] = {}
        for row in node.rows:
            target = self._target(row)
            if target is not None:
                self._paths.setdefault(row.path, []).append(target)
        self._steps = {path: tuple(path.removesuffix("[]").split(".")) for path in self._paths}
        self._late = {path for path, targets in self._paths.items() if targets[0].label in listed}

    def listed_labels(self) -> frozenset[str]:
        """Labels whose every segment is one element of this list."""
        return self.node.opens if self.node.path == "references" else frozenset()

    def _target(self, row: Row) -> Target | None:
        if not row.path or row.label not in self._places:
            return None
        layout = self._places.segment(row.label).layout
        slot = layout.index(row.field)
        conditions = [(layout.index(ref), values) for ref, values in row.when]
        if slot is None or any(index is None for index, _values in conditions):
            return None
        whole = layout.slots[slot].whole
        held = tuple((i, v) for i, v in conditions if i is not None)
        digits = self._places.segment(row.label).digits(slot)
        return Target(row, slot, held, whole, digits, inverse(row.convert))

    def write(self, values: dict[str, Any], scope: Scope, faulty: Faulty) -> None:
        """Write the values of this node, then what hangs below it."""
        self._write_rows(values, scope, faulty, late=False)
        for child in self.children:
            child.write_elements(values, scope, faulty, self.children)
        self._write_rows(values, scope, faulty, late=True)

    def _write_rows(
        self, values: dict[str, Any], scope: Scope, faulty: Faulty, *, late: bool
    ) -> None:
        for path, every in self._paths.items():
            steps = self._steps[path]
            if steps[0] not in values or (path in self._late) is not late:
                continue
            value = _found(values, steps)
            if value is None or value in ((), []):
                continue
            targets = self._open_ones(every, scope)
            if path.endswith("[]") and isinstance(value, tuple | list):
                Lines(self._places, scope, faulty, f"{self._above}.{path[:-2]}").write(
                    targets, value
                )
            else:
                self._write_value(path, targets, value, scope, faulty)

    def _open_ones(self, targets: list[Target], scope: Scope) -> list[Target]:
        """The rows of the segment that this element was opened with, not of its other openers."""
        if len(self.openers) < 2 or len(targets) < 2:
            return targets
        others = set(self.openers) - scope.own.keys()
        if len(others) == len(self.openers):
            return targets
        return [target for target in targets if target.label not in others]

    def _write_value(
        self, path: str, targets: list[Target], value: object, scope: Scope, faulty: Faulty
    ) -> None:
        name = path.rsplit(".", 1)[-1]
        for target in targets:
            text = target.text(value, name)
            if text is None or not admissible(
                target, text, f"{self._above}.{path}", faulty, self._places
            ):
                return
            if place(target, text, scope, self._places, once=True) is not None:
                return

    def write_elements(
        self, above: dict[str, Any], scope: Scope, faulty: Faulty, siblings: Sequence[Writing]
    ) -> None:
        """The list of this node below its parent, shared with the siblings of the same path."""
        path = self.node.path
        if path not in above:
            return
        same = [each for each in siblings if each.node.path == path]
        if same[0] is not self:
            return
        for element in above[path]:
            for each in same if sayable(path, element) else ():
                if each.write_element(element, scope, faulty):
                    break

    def write_element(self, element: dict[str, Any], scope: Scope, faulty: Faulty) -> bool:
        """One element, where this node can open it; False leaves it to another node."""
        constants = dict(self.node.constants)
        if any(element.get(name) != value for name, value in constants.items()):
            return False
        if not constants.keys() <= element.keys() or not self.openers:
            return False
        if "field" in constants:
            return self._write_into(element, scope)
        for label in self.openers:
            if self._opens(label, element):
                if constants and self._told(label, element, scope):
                    return True
                opened = self._open(label, scope)
                if opened is not None:
                    rest = {name: v for name, v in element.items() if name not in constants}
                    self.write(rest, opened, faulty)
                    return True
        return False

    def _opens(self, label: str, element: dict[str, Any]) -> bool:
        """Whether the opener gets a value, and none that this node does not take."""
        filled = False
        for path, targets in self._paths.items():
            if self._steps[path][0] not in element:
                continue
            name = path.removesuffix("[]")
            value = _found(element, self._steps[path])
            for target in targets:
                if target.label != label or value is None:
                    continue
                filled = True
                if path.endswith("[]"):
                    continue
                text = target.text(value, name.rsplit(".", 1)[-1])
                if text is None or not self._admits(target.slot, text):
                    return False
        return filled or not self.node.constants

    def _told(self, label: str, element: dict[str, Any], scope: Scope) -> bool:
        """Whether a kept value stands already where a row of its own has put it."""
        group = parent(label, scope, self._places)
        targets = [t for each in self._paths.values() for t in each if t.label == label]
        texts = [(t, t.text(element[t.row.path], "")) for t in targets if t.row.path in element]
        return group is not None and any(
            all(segment.values[s] == part for t, text in texts for s, part in parts(t, text))
            for segment in group.candidates(self._places, label)
        )

    def _admits(self, slot: int, text: Text) -> bool:
        label = self.openers[0]
        layout = self._places.segment(label).layout
        return all(layout.index(ref) != slot or text in values for ref, values in self.node.when)

    def _open(self, label: str, scope: Scope) -> Scope | None:
        group = parent(label, scope, self._places)
        if group is None:
            return None
        segment, inside = group.add(self._places, label)
        for ref, values in self.node.when:
            if isinstance(values, OneOf):
                segment.put(ref, values.first)
        if label in self._places.triggers:
            return Scope({**scope.groups, label: inside}, {label: segment})
        return Scope(scope.groups, {label: segment})

    def _write_into(self, element: dict[str, Any], scope: Scope) -> bool:
        """A single position kept as it was: into a segment that is there."""
        for targets in self._paths.values():
            for target in targets:
                value = _found(element, self._steps[target.row.path])
                if value is not None and place(target, str(value), scope, self._places, joins=True):
                    return True
        return False


def _found(values: object, steps: tuple[str, ...]) -> object:
    for step in steps:
        if not isinstance(values, dict):
            return None
        values = values.get(step)
    return values
