"""A read table turned round: values of a node → segments of a message, row by row.

A path is written by the first of its rows whose segment the message has.  A value joins the segment
of the same qualifiers where its position is free, else a new one is made; qualifiers are the first
values of the rows' conditions.  What finds no place is left to the check of what was written
(edifact_writing_check).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.findings import Finding
from gateway.mappings import facts
from gateway.mappings.edifact_writing_tree import Group, Places, Segment
from gateway.mappings.edifact_writing_values import UNNAMED, Text, inverse
from gateway.mappings.node import Node, OneOf, Row
from gateway.syntax.record import FieldRef

# Triggers that are made where something below them needs them and no fact has made them.
_MADE: dict[str, tuple[tuple[FieldRef, str], ...]] = {
    "TDT": ((1, "20"),),
    "TMP": ((1, "2"),),
    "CTA": ((1, "IC"),),
    "DOC": (((1, 4), "VGM"),),
}


@dataclass(frozen=True, eq=False, slots=True)
class _Target:
    """One row bound to a directory: label, slot, and its conditions as (slot, values)."""

    row: Row
    slot: int
    conditions: tuple[tuple[int, frozenset[str]], ...]

    whole: bool
    digits: int

    @property
    def label(self) -> str:
        return self.row.label

    def text(self, value: object, name: str) -> Text:
        """A value as this row writes it; composites kept as text are taken apart."""
        text = inverse(self.row.convert)(value, name)
        if not isinstance(text, str):
            return text
        return tuple(text.split(":")) if self.whole else self._padded(text, value)

    def _padded(self, text: str, value: object) -> str:
        """A number of a fixed length: decimals of a measure, else zeros before it."""
        short = self.digits - sum(c.isdigit() for c in text)
        if short <= 0 or not text.strip("-").replace(".", "").isdigit():
            return text
        if isinstance(value, Decimal):
            return f"{text}{'' if '.' in text else '.'}{'0' * short}"
        return text.zfill(len(text) + short)


@dataclass(eq=False, slots=True)
class Scope:
    """Where segments may go: the nearest groups by label, and the segments of the element itself."""

    groups: dict[str, Group]
    own: dict[str, Segment]


class Faulty:
    """Collects what cannot be written, bounded; `format` names the format in the texts."""

    def __init__(self, format_: str, limit: int) -> None:
        self.format = format_
        self.findings: list[Finding] = []
        self._limit = limit

    def add(self, finding: Finding) -> None:
        if len(self.findings) < self._limit:
            self.findings.append(finding)


class Writing:
    """A node and its children, ready to write values into groups."""

    def __init__(self, node: Node, places: Places) -> None:
        self.node = node
        self._places = places
        self.children = [Writing(child, places) for child in node.children]
        self.openers = sorted(
            (label for label in node.opens if label in places), key=places.order.__getitem__
        )
        listed = {label for child in self.children for label in child.listed_labels()}
        self._paths: dict[str, list[_Target]] = {}
        for row in node.rows:
            target = self._target(row)
            if target is not None:
                self._paths.setdefault(row.path, []).append(target)
        self._late = {path for path, targets in self._paths.items() if targets[0].label in listed}

    def listed_labels(self) -> frozenset[str]:
        """Labels whose every segment is one element of this list."""
        return self.node.opens if self.node.path == "references" else frozenset()

    def _target(self, row: Row) -> _Target | None:
        if not row.path or row.label not in self._places:
            return None
        layout = self._places.segment(row.label).layout
        slot = layout.index(row.field)
        conditions = [(layout.index(ref), values) for ref, values in row.when]
        if slot is None or any(index is None for index, _values in conditions):
            return None
        whole = layout.slots[slot].whole
        held = tuple((i, v) for i, v in conditions if i is not None)
        return _Target(row, slot, held, whole, self._places.segment(row.label).digits(slot))

    def write(self, values: dict[str, Any], scope: Scope, faulty: Faulty) -> None:
        """Write the values of this node, then what hangs below it."""
        self._write_rows(values, scope, faulty, late=False)
        for child in self.children:
            child.write_elements(values, scope, faulty, self.children)
        self._write_rows(values, scope, faulty, late=True)

    def _write_rows(
        self, values: dict[str, Any], scope: Scope, faulty: Faulty, *, late: bool
    ) -> None:
        for path, targets in self._paths.items():
            if (path in self._late) is not late:
                continue
            value = _found(values, path.removesuffix("[]"))
            if value is None or value in ((), []):
                continue
            if path.endswith("[]") and isinstance(value, tuple | list):
                _Lines(self._places, scope, faulty, path[:-2]).write(targets, value)
            else:
                self._write_value(path, targets, value, scope, faulty)

    def _write_value(
        self, path: str, targets: list[_Target], value: object, scope: Scope, faulty: Faulty
    ) -> None:
        name = path.rsplit(".", 1)[-1]
        for target in targets:
            text = target.text(value, name)
            if text is None or not _admissible(target, text, path, faulty, self._places):
                return
            if place(target, text, scope, self._places, once=True) is not None:
                return

    def write_elements(
        self, above: dict[str, Any], scope: Scope, faulty: Faulty, siblings: Sequence[Writing]
    ) -> None:
        """The list of this node below its parent, shared with the siblings of the same path."""
        path = self.node.path
        same = [each for each in siblings if each.node.path == path]
        if same[0] is not self:
            return
        for element in above.get(path, ()):
            for each in same:
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
            name = path.removesuffix("[]")
            value = _found(element, name)
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
            all(segment.values[s] == part for t, text in texts for s, part in _parts(t, text))
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
                value = _found(element, target.row.path)
                if value is not None and place(target, str(value), scope, self._places, joins=True):
                    return True
        return False


def _found(values: object, path: str) -> object:
    for step in path.split("."):
        if not isinstance(values, dict):
            return None
        values = values.get(step)
    return values


def parent(label: str, scope: Scope, places: Places) -> Group | None:
    """The group that a segment of this label goes into; made where only its trigger is missing."""
    above = places.group_of[label]
    found = scope.groups.get(above)
    if found is not None:
        return found
    group = parent(above, scope, places)
    if group is None:
        return None
    tag = above.rsplit("/", 1)[-1]
    known = group.groups.get(above, [])
    if tag == "TDT":
        known = [each for each in known if each.trigger.get(1) == "20"]
    if known:
        return known[0]
    if tag not in _MADE:
        return None
    segment, inside = group.add(places, above)
    for ref, value in _MADE[tag]:
        segment.put(ref, value)
    if tag == "TDT":
        # The main leg comes first: what has no leg of its own is read from it.
        group.groups[above].insert(0, group.groups[above].pop())
    return inside


def place(
    target: _Target,
    text: Text,
    scope: Scope,
    places: Places,
    *,
    once: bool = False,
    joins: bool = False,
) -> Segment | None:
    """Put a text into a fitting segment, or a new one.

    once: not beside one of the same qualifier; joins: only into one that is there.
    """
    own = scope.own.get(target.label)
    if own is not None:
        return own if _fits(own, target, text) and _put(own, target, text) else None
    if target.label in scope.groups and target.label in places.triggers:
        candidates = [scope.groups[target.label].trigger]
        joins = True
        group = None
    else:
        group = parent(target.label, scope, places)
        if group is None:
            return None
        candidates = group.candidates(places, target.label)
    for segment in candidates:
        if _fits(segment, target, text):
            _put(segment, target, text)
            return segment
    if joins or group is None or (once and any(_same(each, target) for each in candidates)):
        return None
    segment, _inside = group.add(places, target.label)
    _put(segment, target, text)
    return segment


def _fits(segment: Segment, target: _Target, text: Text) -> bool:
    for slot, values in target.conditions:
        kept = segment.values[slot]
        if kept not in values and (kept or not isinstance(values, OneOf)):
            return False
    return all(
        not segment.values[slot] or segment.values[slot] == part
        for slot, part in _parts(target, text)
    )


def _same(segment: Segment, target: _Target) -> bool:
    """Whether a segment carries the same qualifier, so that a second one would say it anew."""
    if not target.conditions:
        return True
    slot, values = target.conditions[0]
    return segment.values[slot] in values


def _parts(target: _Target, text: Text) -> Iterator[tuple[int, str]]:
    if isinstance(text, str):
        yield target.slot, text
    elif text is not None:
        for offset, part in enumerate(text, 1):
            if part is not None:
                yield target.slot + offset, part


def _put(segment: Segment, target: _Target, text: Text) -> bool:
    for slot, values in target.conditions:
        if not segment.values[slot]:
            first = values.first if isinstance(values, OneOf) else UNNAMED.get(segment.tag, "")
            segment.values[slot] = first
    for slot, part in _parts(target, text):
        segment.values[slot] = part
    return True


def _admissible(target: _Target, text: Text, path: str, faulty: Faulty, places: Places) -> bool:
    """Whether each part has its room and no control character; a finding where it has not."""
    segment = places.segment(target.label)
    for slot, part in _parts(target, text):
        limit, numeric = segment.limit(slot)
        size = sum(c.isdigit() for c in part) if numeric else len(part)
        if size > limit:
            faulty.add(facts.TOO_LONG.at(value=part, path=path, format=faulty.format, limit=limit))
            return False
        if any(c < " " or c == "\x7f" for c in part):
            faulty.add(facts.NOT_A_VALUE.at(value=part, path=path, format=faulty.format))
            return False
    return True


@dataclass(eq=False, slots=True)
class _Lines:
    """Texts of a list: position after position of a segment, then a further segment."""

    places: Places
    scope: Scope
    faulty: Faulty
    path: str

    def write(self, targets: list[_Target], texts: Sequence[str]) -> None:
        label = next((t.label for t in targets if parent_exists(t, self)), None)
        if label is None:
            return
        fixed = label in self.scope.own
        rows = [
            t for t in targets if t.label == label and (fixed or t.row.when == targets[0].row.when)
        ]
        limit, _numeric = self.places.segment(label).limit(rows[0].slot)
        lines = [
            line for text in texts for line in wrapped(str(text), limit, self.path, self.faulty)
        ]
        if fixed and len(lines) > len(rows):
            self.faulty.add(
                facts.TOO_MANY.at(
                    path=self.path, format=self.faulty.format, count=len(lines), limit=len(rows)
                )
            )
            return
        for start in range(0, len(lines), len(rows)):
            segment = self.scope.own.get(label) or self._new(rows[0])
            if segment is not None:
                for target, line in zip(rows, lines[start : start + len(rows)], strict=False):
                    _put(segment, target, line)

    def _new(self, target: _Target) -> Segment | None:
        group = parent(target.label, self.scope, self.places)
        return group.add(self.places, target.label)[0] if group is not None else None


def wrapped(text: str, limit: int, path: str, faulty: Faulty) -> Iterator[str]:
    """Lines of at most `limit` characters, broken at blanks and line ends where there are any."""
    if len(text) <= limit and not any(c < " " or c == "\x7f" for c in text):
        yield text.strip()
        return
    line = ""
    for word in text.split():
        if any(c < " " or c == "\x7f" for c in word):
            faulty.add(facts.NOT_A_VALUE.at(value=text, path=path, format=faulty.format))
            return
        if line and len(line) + 1 + len(word) > limit:
            yield line
            line = ""
        line = f"{line} {word}".lstrip()
        while len(line) > limit:
            yield line[:limit]
            line = line[limit:]
    if line:
        yield line


def parent_exists(target: _Target, lines: _Lines) -> bool:
    """Whether the message has a place for this row's segment."""
    return target.label in lines.scope.own or (
        parent(target.label, lines.scope, lines.places) is not None
    )
