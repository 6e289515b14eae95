"""Elements → records: every element one, every attribute one behind it, in document order."""

from __future__ import annotations

from collections.abc import Collection
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

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# The parser gives lines, no byte offsets.
NO_OFFSET = -1


class Walker:
    """Turns elements into records and counts them; one for a file."""

    def __init__(self, layout: XmlLayout | None, namespace: str, findings: Findings) -> None:
        self._layout = layout
        self._prefix = f"{{{namespace}}}" if namespace else ""
        self._findings = findings
        self._labels: dict[tuple[str, str], str] = {}
        self._ordinal = 0

    def records(
        self, element: etree._Element, label: str, without: Collection[etree._Element] = ()
    ) -> list[Record]:
        """The element and all below it, except the elements `without`."""
        found: list[Record] = []
        self._take(element, label, found, without)
        return found

    def below(self, root: etree._Element, without: Collection[etree._Element]) -> list[Record]:
        """All below the root, whose own name is in no label."""
        found: list[Record] = []
        for child in root:
            if child not in without:
                self._take(child, self.label("", child), found, without)
        return found

    def label(self, above: str, element: etree._Element) -> str:
        """The path of an element: names of the root's namespace are bare."""
        tag = str(element.tag)
        known = self._labels.get((above, tag))
        if known is None:
            if len(self._labels) >= XML_NAMES_MAX:
                place = Place(line=_line(element))
                raise Refused(faults.TOO_MANY_NAMES.at(place, limit=XML_NAMES_MAX))
            ours = tag.startswith(self._prefix) and "}" not in tag[len(self._prefix) :]
            name = tag[len(self._prefix) :] if ours else "other:" + tag.rpartition("}")[2]
            known = self._labels[above, tag] = f"{above}/{name}" if above else name
        return known

    def _take(
        self,
        element: etree._Element,
        label: str,
        found: list[Record],
        without: Collection[etree._Element],
    ) -> None:
        if len(found) >= XML_PART_RECORDS_MAX:
            raise Refused(
                faults.PART_TOO_BIG.at(
                    Place(line=_line(element)),
                    characters=XML_PART_CHARACTERS_MAX,
                    records=XML_PART_RECORDS_MAX,
                )
            )
        text = (element.text or "").strip()
        record = self._record(label, text, element, found)
        if element.attrib:
            self._attributes(element, label, found)
        if len(element) and label.count("/") >= XML_DEPTH_MAX:
            self._findings.add(faults.TOO_DEEP.at(place_of(record), limit=XML_DEPTH_MAX))
            return
        for child in element:
            if child.tail is not None and (loose := child.tail.strip()):
                self._findings.add(faults.MIXED_TEXT.at(place_of(record), loose))
            if child not in without:
                self._take(child, self.label(label, child), found, without)

    def _attributes(self, element: etree._Element, label: str, found: list[Record]) -> None:
        if len(element.attrib) > XML_ATTRIBUTES_MAX:
            place = Place(line=_line(element))
            self._findings.add(faults.TOO_MANY_ATTRIBUTES.at(place, limit=XML_ATTRIBUTES_MAX))
            return
        for name, value in element.attrib.items():
            if not str(name).startswith(_XSI):
                bare = str(name).rpartition("}")[2]
                self._record(f"{label}/@{bare}", str(value).strip(), element, found)

    def _record(
        self, label: str, text: str, element: etree._Element, found: list[Record]
    ) -> Record:
        self._ordinal += 1
        record = Record(label, (text,), self._ordinal, NO_OFFSET, _line(element) or 0)
        found.append(record)
        if text and self._layout is not None and label not in self._layout.elements:
            self._findings.add(faults.UNKNOWN_ELEMENT.at(place_of(record), text, path=label))
        return record


def _line(element: etree._Element) -> int | None:
    """The line of an element; the type stubs of lxml do not say what it is."""
    return cast("int | None", cast("Any", element).sourceline)
