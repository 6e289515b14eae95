"""Elements → records: every element one, every attribute one behind it, in document order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from lxml import etree

from gateway.findings import Findings, Place
from gateway.limits import (
    XML_ATTRIBUTES_MAX,
    XML_DEPTH_MAX,
    XML_NAMES_MAX,
    XML_PART_CHARACTERS_MAX,
    XML_PART_RECORDS_MAX,
)
from gateway.syntax.record import Record
from gateway.syntax.xml import faults
from gateway.syntax.xml.feeder import Refused
from gateway.syntax.xml.layout import XmlLayout, place_of

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# The parser gives lines, no byte offsets.
NO_OFFSET = -1
_make = tuple.__new__


class _Name:
    """One element name at its place: the label, and the names seen below it.

    plain: the layout has it once and as a container; without text of its own nobody reads it.
    """

    __slots__ = ("below", "known", "label", "plain")

    def __init__(self, label: str, layout: XmlLayout | None) -> None:
        element = layout.elements.get(label) if layout is not None else None
        self.label = label
        self.known = element is not None or layout is None
        self.plain = element is not None and not element.many
        self.below: dict[str, _Name] = {}


class Walker:
    """Turns elements into records and counts them; one for a file."""

    def __init__(self, layout: XmlLayout | None, namespace: str, findings: Findings) -> None:
        self._layout = layout
        self._prefix = f"{{{namespace}}}" if namespace else ""
        self._findings = findings
        self._names: dict[str, _Name] = {}
        self._count = 0
        self.ordinal = 0

    def records(
        self, element: etree._Element, label: str, without: Collection[etree._Element] = ()
    ) -> list[Record]:
        """The element and all below it, except the elements `without`."""
        found: list[Record] = []
        self._take(element, self._at(label), found, without)
        return found

    def below(self, root: etree._Element, without: Collection[etree._Element]) -> list[Record]:
        """All below the root, whose own name is in no label."""
        found: list[Record] = []
        above = self._at("")
        for child in root:
            if child not in without:
                self._take(child, self._name(above, child), found, without)
        return found

    def label(self, above: str, element: etree._Element) -> str:
        """The path of an element: names of the root's namespace are bare."""
        return self._name(self._at(above), element).label

    def _at(self, label: str) -> _Name:
        name = self._names.get(label)
        if name is None:
            name = self._names[label] = _Name(label, self._layout)
        return name

    def _name(self, above: _Name, element: etree._Element) -> _Name:
        tag = str(element.tag)
        known = above.below.get(tag)
        if known is None:
            self._count += 1
            if self._count > XML_NAMES_MAX:
                place = Place(line=_line(element))
                raise Refused(faults.TOO_MANY_NAMES.at(place, limit=XML_NAMES_MAX))
            ours = tag.startswith(self._prefix) and "}" not in tag[len(self._prefix) :]
            name = tag[len(self._prefix) :] if ours else "other:" + tag.rpartition("}")[2]
            known = self._at(f"{above.label}/{name}" if above.label else name)
            above.below[tag] = known
        return known

    def _take(
        self,
        element: Any,  # noqa: ANN401 - an element; a cast for each of them costs
        name: _Name,
        found: list[Record],
        without: Collection[etree._Element],
    ) -> None:
        text = element.text
        text = text.strip() if text else ""
        self.ordinal += 1
        children = len(element)
        if name.known and (text or not children or not name.plain):
            # The common case without a call: a file has a million of these.
            line = element.sourceline or 0
            found.append(_make(Record, (name.label, (text,), self.ordinal, NO_OFFSET, line)))
        elif text or not children or not name.plain:
            self._record(name.label, text, element, found, name.known)
        if attributes := element.items():
            self._attributes(element, name.label, attributes, found)
        if children:
            self._inside(element, name, found, without)

    def _inside(
        self,
        element: etree._Element,
        name: _Name,
        found: list[Record],
        without: Collection[etree._Element],
    ) -> None:
        """All children, and text between them."""
        ordinal = self.ordinal
        if name.label.count("/") >= XML_DEPTH_MAX:
            place = Place(ordinal, name.label.rpartition("/")[2], line=_line(element))
            self._findings.add(faults.TOO_DEEP.at(place, limit=XML_DEPTH_MAX))
            return
        below = name.below
        for child in element:
            if len(found) >= XML_PART_RECORDS_MAX:
                raise _too_big(element)
            tail = child.tail
            if tail and (loose := tail.strip()):
                place = Place(ordinal, name.label.rpartition("/")[2], line=_line(element))
                self._findings.add(faults.MIXED_TEXT.at(place, loose))
            if not without or child not in without:
                self._take(child, below.get(child.tag) or self._name(name, child), found, without)

    def _attributes(
        self,
        element: etree._Element,
        label: str,
        attributes: Sequence[tuple[str | bytes, str | bytes]],
        found: list[Record],
    ) -> None:
        if len(attributes) > XML_ATTRIBUTES_MAX:
            place = Place(line=_line(element))
            self._findings.add(faults.TOO_MANY_ATTRIBUTES.at(place, limit=XML_ATTRIBUTES_MAX))
            return
        for attribute, value in attributes:
            if not str(attribute).startswith(XSI):
                path = f"{label}/@{str(attribute).rpartition('}')[2]}"
                self.ordinal += 1
                known = self._layout is None or path in self._layout.elements
                self._record(path, str(value).strip(), element, found, known)

    def _record(
        self, label: str, text: str, element: etree._Element, found: list[Record], known: bool
    ) -> None:
        if len(found) >= XML_PART_RECORDS_MAX:
            raise _too_big(element)
        line = cast("Any", element).sourceline or 0
        record = Record(label, (text,), self.ordinal, NO_OFFSET, line)
        found.append(record)
        if text and not known:
            self._findings.add(faults.UNKNOWN_ELEMENT.at(place_of(record), text, path=label))


def _line(element: etree._Element) -> int | None:
    """The line of an element; the type stubs of lxml do not say what it is."""
    return cast("int | None", cast("Any", element).sourceline)


def _too_big(element: etree._Element) -> Refused:
    return Refused(
        faults.PART_TOO_BIG.at(
            Place(line=_line(element)),
            characters=XML_PART_CHARACTERS_MAX,
            records=XML_PART_RECORDS_MAX,
        )
    )
