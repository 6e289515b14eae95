"""Orders of elements that came before and were faultless: parts that look alike are not walked.

Two parts look alike where names, nesting and attributes are the same.  Then labels and ordinals are
the same, too, and all that is left is to take the texts.  What looks otherwise, or has text where
none belongs, is walked element by element and explained there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lxml import etree

from gateway.findings import Findings
from gateway.limits import XML_ORDER_ELEMENTS_MAX, XML_ORDERS_MAX
from gateway.syntax.record import Record, RecordRun
from gateway.syntax.xml.layout import XmlLayout
from gateway.syntax.xml.walk import NO_OFFSET, XSI, Walker

_EMPTY = ("",)
_Key = tuple[tuple[str, ...], tuple[int, ...], tuple[tuple[int, str], ...]]


class _Look:
    """What a part looks like, and its texts: those of all elements, then those of attributes."""

    __slots__ = ("_elements", "key", "sources", "texts")

    def __init__(self, elements: list[Any]) -> None:
        self._elements = elements
        self.texts: list[str | None] = [element.text for element in elements]
        # Of each attribute, the element that has it.
        self.sources: list[int] = []
        names: list[tuple[int, str]] = []
        for n, attributes in enumerate([element.items() for element in elements]):
            for name, value in attributes:
                if not name.startswith(XSI):
                    self.sources.append(n)
                    names.append((n, name))
                    self.texts.append(value)
        self.key: _Key = (
            tuple([element.tag for element in elements]),
            tuple([len(element) for element in elements]),
            tuple(names),
        )

    def is_loose(self, hollow: Sequence[int]) -> bool:
        """Whether text stands in an element that should have none, or behind one."""
        texts = self.texts
        found = [element.tail or "" for element in self._elements[1:]]
        found += [texts[n] or "" for n in hollow]
        return bool("".join(found).strip())

    def attributes(self) -> Iterable[tuple[int, int]]:
        """(element, text) of each attribute."""
        return zip(self.sources, range(len(self.key[0]), len(self.texts)), strict=True)

    def lines(self) -> list[int]:
        """The line of each text."""
        lines = [element.sourceline or 0 for element in self._elements]
        return lines + [lines[n] for n in self.sources]


class _Order:
    """labels: of its records; picks: the texts that they have; ordinals: behind the part's first.

    hollow: elements that are no record as long as they have no text; count: ordinals of the part.
    """

    __slots__ = ("count", "hollow", "labels", "ordinals", "picks")

    def __init__(self, look: _Look, records: Sequence[Record], before: int) -> None:
        # Elements and attributes have ordinals in the order in which they stand.
        size = len(look.key[0])
        stand = sorted([*((n, n) for n in range(size)), *look.attributes()])
        self.count = len(stand)
        self.labels = tuple(record.label for record in records)
        self.ordinals = tuple(record.ordinal - before for record in records)
        self.picks = tuple(stand[ordinal - 1][1] for ordinal in self.ordinals)
        self.hollow = tuple(sorted({*range(size)} - {*self.picks}))


class Run(RecordRun):
    """The records of a part that looks as one before it."""

    __slots__ = ("_before", "_lines", "_order", "_records")

    def __init__(self, order: _Order, look: _Look, before: int) -> None:
        texts = look.texts
        self.labels = order.labels
        self.values = [(t.strip(),) if (t := texts[n]) else _EMPTY for n in order.picks]
        self._order = order
        self._before = before
        self._lines = look.lines()
        self._records: list[Record] = []

    def records(self) -> list[Record]:
        if not self._records:
            order = self._order
            self._records = [
                Record(label, values, self._before + ordinal, NO_OFFSET, self._lines[n])
                for label, values, ordinal, n in zip(
                    self.labels, self.values, order.ordinals, order.picks, strict=True
                )
            ]
        return self._records


class Orders:
    """The orders of one file."""

    def __init__(self, layout: XmlLayout | None, walker: Walker, findings: Findings) -> None:
        self._elements = layout.elements if layout is not None else {}
        self._walker = walker
        self._findings = findings
        self._known: dict[_Key, _Order] = {}

    def records(self, element: etree._Element, label: str) -> Sequence[Record]:
        """The records of a part, by its order where that is known."""
        look = _Look(list(element.iter()))
        order, before = self._known.get(look.key), self._walker.ordinal
        if order is not None and not look.is_loose(order.hollow):
            self._walker.ordinal += order.count
            return Run(order, look, before)
        told = self._findings.total
        records = self._walker.records(element, label)
        if order is None and self._findings.total == told:
            self._learn(look, records, before)
        return records

    def _learn(self, look: _Look, records: list[Record], before: int) -> None:
        if len(look.texts) > XML_ORDER_ELEMENTS_MAX:
            return
        if len(self._known) >= XML_ORDERS_MAX:
            self._known.clear()
        order = _Order(look, records, before)
        if all(
            self._always(label, look, n) for label, n in zip(order.labels, order.picks, strict=True)
        ):
            self._known[look.key] = order

    def _always(self, label: str, look: _Look, n: int) -> bool:
        """Whether it is a record with text and without, and nothing is to be told of it."""
        known = self._elements.get(label)
        if known is None:
            return False
        children = look.key[1]
        return n >= len(children) or not children[n] or known.many
