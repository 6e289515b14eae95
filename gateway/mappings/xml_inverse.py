"""The inverse of an XML mapping: a dumped model → elements, by the table that reads them.

What cannot be turned round by itself (a number made of two elements) a format undoes before, in
the dumped model.  Elements that the layout lacks are left out; what may not be lost is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from gateway.canonical.model import Model
from gateway.findings import Finding
from gateway.mappings import facts
from gateway.mappings.model_fields import fields_of, value_at
from gateway.mappings.node import Node, Row
from gateway.syntax.xml.layout import XmlLayout
from gateway.syntax.xml.writer import Tag


@dataclass(frozen=True)
class Inverse:
    """A table under one layout; format_name is for findings.

    spared: steps of paths below which nothing need be carried, although it is never lost elsewhere.
    """

    node: Node
    layout: XmlLayout
    format_name: str
    spared: frozenset[str] = frozenset()

    def tag(self, values: Mapping[str, Any], scope: str, findings: list[Finding]) -> Tag:
        """The element at path `scope` ("" for the root) with all that the values say."""
        made = Tag(scope.rpartition("/")[2])
        _Turning(self, findings).fill(self.node, values, made, scope)
        carried = self.carried
        for path, told in facts.leaves(values):
            if path in carried or not self.spared.isdisjoint(path.split(".")):
                continue
            if facts.is_never_lost(path):
                findings.append(facts.NO_PLACE.at(path=told, format=self.format_name))
        return made

    @property
    def carried(self) -> frozenset[str]:
        """Canonical paths, lists without index, that have an element."""
        return frozenset(_carried(self.node, self.layout, ""))


def _carried(node: Node, layout: XmlLayout, above: str) -> Iterator[str]:
    base = f"{above}{node.path}." if node.path else above
    own = [row.path for row in node.rows if row.path and row.label in layout.elements]
    for path in own:
        yield base + path.removesuffix("[]")
    for name, _value in node.constants if own else ():
        yield base + name
    for child in node.children:
        yield from _carried(child, layout, base)


class _Turning:
    """One document part on its way."""

    def __init__(self, inverse: Inverse, findings: list[Finding]) -> None:
        self._elements = inverse.layout.elements
        self._name = inverse.format_name
        self._findings = findings

    def fill(self, node: Node, values: Mapping[str, Any], tag: Tag, scope: str) -> None:
        """All rows of a node and the nodes below it, into the element at `scope`."""
        rows = [row for row in node.rows if row.path and row.label in self._elements]
        written: set[str] = set()
        for row in rows:
            if row.path.endswith("[]"):
                continue
            value = value_at(values, row.path)
            if value is not None and row.label not in written:
                written.add(row.label)
                self._put(tag, scope, row.label, text_of(value))
        for path in dict.fromkeys(row.path for row in rows if row.path.endswith("[]")):
            self._spread([row for row in rows if row.path == path], values, tag, scope)
        for child in node.children:
            self._children(child, values, tag, scope)

    def _children(self, node: Node, values: Mapping[str, Any], tag: Tag, scope: str) -> None:
        wanted = [
            each
            for each in values.get(node.path, ())
            if all(each.get(name) == value for name, value in node.constants)
        ]
        if not node.opens:
            if len(wanted) > 1:
                self._too_many(f"{node.path}[{node.constants[0][1]}]", len(wanted), 1)
            for each in wanted[:1]:
                self.fill(node, each, tag, scope)
            return
        label = next(iter(node.opens))
        if label in self._elements:
            for each in wanted:
                self.fill(node, each, self._new(tag, scope, label), label)

    def _spread(self, rows: Sequence[Row], values: Mapping[str, Any], tag: Tag, scope: str) -> None:
        """A list over the elements that collect it: one each, the rest where there may be many."""
        found = value_at(values, rows[0].path)
        items = list(found) if isinstance(found, list | tuple) else []
        count = len(items)
        for row in rows:
            taken = len(items) if self._elements[row.label].many else 1
            for item in items[:taken]:
                self._put(tag, scope, row.label, text_of(item))
            items = items[taken:]
        if items:
            self._too_many(rows[0].path.removesuffix("[]"), count, count - len(items))

    def _too_many(self, path: str, count: int, limit: int) -> None:
        self._findings.append(
            facts.TOO_MANY.at(path=path, count=count, limit=limit, format=self._name)
        )

    def _new(self, tag: Tag, scope: str, label: str) -> Tag:
        *steps, last = label[len(scope) :].strip("/").split("/")
        for step in steps:
            tag = tag.under(step)
        return tag.add(last)

    def _put(self, tag: Tag, scope: str, label: str, text: str) -> None:
        """A text where its label says, below `scope`."""
        if label == scope:
            tag.text = text
        elif (name := label.rpartition("/@")[2]) != label:
            owner = label.rpartition("/@")[0]
            (tag if owner == scope else self._reach(tag, scope, owner)).attributes[name] = text
        else:
            self._new(tag, scope, label).text = text

    def _reach(self, tag: Tag, scope: str, label: str) -> Tag:
        for step in label[len(scope) :].strip("/").split("/"):
            tag = tag.under(step)
        return tag


def text_of(value: Any) -> str:  # noqa: ANN401 - a value of a dumped model
    """A value as customs writes it: times in digits as precise as they are, plain decimals."""
    if isinstance(value, Mapping):
        return "".join(filter(str.isdigit, value["wall"]))
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value.value if isinstance(value, Enum) else value)


def left_out(model: type[Model], carried: frozenset[str], above: str) -> Iterator[str]:
    """Canonical paths of a model that have no place, the highest of each branch alone."""
    for field in fields_of(model):
        path = f"{above}{field.name}"
        if path in carried:
            continue
        below = any(each.startswith(f"{path}.") for each in carried)
        if below and field.is_model:
            yield from left_out(field.kind, carried, f"{path}.")
        else:
            yield path
