"""XSD of a layout, made from it: one truth for reading, writing and whoever writes for us.

The files `schemas/xml/<name>.xsd` are what stands here, written down; a test fails where they
differ.  What we write is validated against them before it leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from lxml import etree

from gateway.resources import read_bytes
from gateway.syntax.xml.feeder import new_parser
from gateway.syntax.xml.layout import FOLDER, Element, XmlLayout

_XSD = "http://www.w3.org/2001/XMLSchema"
_CHARACTERS_MAX = 4_000
_FAULTS_MAX = 20
_TYPES = f"""\
 <xs:simpleType name="text"><xs:restriction base="xs:string">
  <xs:minLength value="1"/><xs:maxLength value="{_CHARACTERS_MAX}"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="decimal"><xs:restriction base="xs:decimal">
  <xs:totalDigits value="20"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="count"><xs:restriction base="xs:nonNegativeInteger">
  <xs:maxInclusive value="99999999"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="digits"><xs:restriction base="xs:string">
  <xs:pattern value="\\d{{8}}|\\d{{12}}|\\d{{14}}|\\d{{17}}"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="time"><xs:restriction base="xs:string">
  <xs:pattern value="\\d{{4}}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{{3}})?)?)?"/>
 </xs:restriction></xs:simpleType>
"""


def schema_text(layout: XmlLayout) -> str:
    """The XSD: elements in the order of the layout, those flagged R required."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xs:schema xmlns:xs="{_XSD}" xmlns="{escape(layout.namespace)}"',
        f'  targetNamespace="{escape(layout.namespace)}" elementFormDefault="qualified">',
        _TYPES.rstrip("\n"),
        f' <xs:element name="{layout.root}"><xs:complexType><xs:sequence>',
        *_children("", layout, 2),
        " </xs:sequence></xs:complexType></xs:element>",
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def _children(above: str, layout: XmlLayout, depth: int) -> Iterator[str]:
    for element in layout.elements.values():
        parent, _, name = element.path.rpartition("/")
        if parent == above and not name.startswith("@"):
            yield from _element(element, name, layout, depth)


def _element(element: Element, name: str, layout: XmlLayout, depth: int) -> Iterator[str]:
    pad = " " * depth
    least = "" if _is_required(element, layout) else ' minOccurs="0"'
    most = ' maxOccurs="unbounded"' if element.many else ""
    start = f'{pad}<xs:element name="{name}"{least}{most}'
    kind = layout.type_of(element.path)
    below = list(_children(element.path, layout, depth + 1))
    attributes = [
        f'<xs:attribute name="{path.rpartition("@")[2]}" type="text"/>'
        for path in layout.elements
        if path.startswith(element.path + "/@")
    ]
    if below:
        yield f"{start}><xs:complexType><xs:sequence>"
        yield from below
        yield f"{pad}</xs:sequence></xs:complexType></xs:element>"
    elif attributes:
        yield f'{start}><xs:complexType><xs:simpleContent><xs:extension base="{kind}">'
        yield f"{pad} {''.join(attributes)}"
        yield f"{pad}</xs:extension></xs:simpleContent></xs:complexType></xs:element>"
    else:
        yield f'{start} type="{kind}"/>'


def _is_required(element: Element, layout: XmlLayout) -> bool:
    """Flagged so, the part, or what holds something required that cannot stand elsewhere."""
    if element.flag == "R" or element.path == layout.part:
        return True
    if element.many:
        return False
    depth = element.path.count("/") + 1
    return any(
        _is_required(below, layout)
        for below in layout.elements.values()
        if below.path.startswith(element.path + "/") and below.path.count("/") == depth
    )


def faults_of(layout_name: str, document: bytes) -> list[str]:
    """What is wrong with a document of ours by its schema; texts of the validator, bounded."""
    parser = new_parser("-")
    parser.feed(document)
    root = parser.close()
    schema = _schema(layout_name)
    if schema.validate(root):
        return []
    # The stubs do not know that it is a sequence.
    log: Any = schema.error_log
    return [entry.message[:200] for entry in log[:_FAULTS_MAX]]


@cache
def _schema(layout_name: str) -> etree.XMLSchema:
    """A schema of our own package data; nothing outside it is ever read."""
    parser = new_parser("-")
    parser.feed(read_bytes(f"{FOLDER}/{layout_name}.xsd"))
    return etree.XMLSchema(parser.close())
