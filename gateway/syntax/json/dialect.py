"""JSON that is not ours: objects by the members that tell them apart, flattened into records.

A record's label is the path of its member ("requestedEquipments.ISOEquipmentCode"), its value the
text.  An object in a list begins with a record of its own.  Where a member says what an object is
about, its value stands in the label: "shipmentLocations[POL].location.UNLocationCode".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.findings import Finding, Place
from gateway.syntax.json import faults
from gateway.syntax.json.positions import Lines
from gateway.syntax.record import FieldRef, Record

# A code that stands in a label; longer ones are no codes.
_CODE_CHARACTERS_MAX = 40


@dataclass(frozen=True)
class Dialect:
    """One published JSON message.

    marks: members of which at least `least` tell it.  document: the list whose items are documents
    ("" the object itself, a single part).  part: the list below whose items are parts.
    qualifiers: member → the members of its value that stand in its label.
    """

    name: str
    version: str
    marks: frozenset[str]
    least: int = 1
    document: str = ""
    part: str = ""
    qualifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    port_reference: str = ""

    def documents(self, value: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """(head, parts) of each document in an object; head: all members but those lists."""
        if not self.document:
            yield {}, [value]
            return
        above = {name: each for name, each in value.items() if name != self.document}
        inner = value.get(self.document)
        for each in inner if isinstance(inner, list) else []:
            below = dict(each) if isinstance(each, dict) else {}
            parts = below.pop(self.part, [])
            yield {**above, self.document: below}, parts if isinstance(parts, list) else []


DIALECTS = (
    Dialect(
        "DCSA-BKG",
        "2",
        frozenset(
            {"requestedEquipments", "shipmentLocations", "documentParties", "receiptTypeAtOrigin"}
        ),
        2,
        qualifiers={
            "shipmentLocations": ("locationTypeCode",),
            "cargoGrossWeight": ("unit",),
            "cargoNetWeight": ("unit",),
            "cargoGrossVolume": ("unit",),
        },
    ),
    Dialect(
        "DCSA-OVS",
        "3",
        frozenset({"vesselSchedules"}),
        document="vesselSchedules",
        part="transportCalls",
        qualifiers={
            "timestamps": ("eventTypeCode", "eventClassifierCode"),
            "cutOffTimes": ("cutOffDateTimeCode",),
        },
        port_reference="portVisitReference",
    ),
)


def dialect_of(members: Mapping[str, Any]) -> Dialect | None:
    """The dialect that the members of an object tell."""
    return next((d for d in DIALECTS if len(d.marks & members.keys()) >= d.least), None)


def dialect_named(name: str) -> Dialect | None:
    """The dialect of that name."""
    return next((d for d in DIALECTS if d.name == name), None)


@dataclass(frozen=True, slots=True)
class PathLayout:
    """Satisfies `gateway.syntax.record.Layout` for flattened JSON: every label has one text."""

    name: str
    version: str = "1"

    def index(self, label: str, field: FieldRef) -> int | None:
        """The only value."""
        return 0 if field == "text" else None

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """The text."""
        return ((0, "text"),)

    def width(self, label: str) -> int:
        """One value."""
        return 1

    def place(self, record: Record, index: int) -> Place:
        """The member and its line."""
        return Place(record.ordinal, record.label, None, None, record.line)


class Flattener:
    """Objects → records, numbered through a file; each has the line of its member, where known."""

    def __init__(self, dialect: Dialect, lines: Lines | None = None) -> None:
        self._dialect = dialect
        self._lines = lines or {}
        self._ordinal = 0

    def records(self, value: object, line: int, above: str = "") -> list[Record]:
        """The records of an object, in the order of its members."""
        found: list[Record] = []
        self._take(value, above, line, found)
        return found

    def conflict(self, part: object, line: int) -> Finding | None:
        """A reference that begins with another port than the one that the part is about."""
        if not isinstance(part, dict) or not self._dialect.port_reference:
            return None
        location = part.get("location")
        port = location.get("UNLocationCode") if isinstance(location, dict) else None
        said = part.get(self._dialect.port_reference)
        if not (isinstance(port, str) and isinstance(said, str)) or said.startswith(port):
            return None
        place = Place(tag=self._dialect.port_reference, line=line)
        return faults.OTHER_PORT.at(place, said, port=port)

    def _take(self, value: object, label: str, line: int, found: list[Record]) -> None:
        lines = self._lines.get(id(value), {})
        if isinstance(value, dict):
            if label:
                self._add(label, "", line, found)
            for name, each in value.items():
                at = lines.get(name, line)
                self._member(each, name, f"{label}.{name}" if label else name, at, found)
        elif isinstance(value, list):
            name = label.rpartition(".")[2]
            for number, each in enumerate(value):
                self._member(each, name, label, lines.get(number, line), found)
        elif value is not None:
            self._add(label, _text(value), line, found)

    def _member(self, value: object, name: str, label: str, line: int, found: list[Record]) -> None:
        if isinstance(value, list):
            self._take(value, label, line, found)
            return
        said = self._dialect.qualifiers.get(name, ())
        if isinstance(value, dict) and said:
            codes = [str(value.get(member, ""))[:_CODE_CHARACTERS_MAX] for member in said]
            value = {member: each for member, each in value.items() if member not in said}
            label = f"{label}[{','.join(codes)}]"
        self._take(value, label, line, found)

    def _add(self, label: str, text: str, line: int, found: list[Record]) -> None:
        self._ordinal += 1
        found.append(Record(label, (text,), self._ordinal, -1, line))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
