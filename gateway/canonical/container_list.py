"""NCL 集装箱清单 (formats.md 5; EDIFACT COPRAR): the boxes to load or discharge; a part is one line.

A line is one box under one bill: a box with goods of several bills stands on several lines.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.canonical.container import Container
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import call_keys, vessel_key
from gateway.canonical.model import Code, CodeName, Many, PortTime, RawField, Text
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class ListKind(StrEnum):
    """To be loaded 装船 or discharged 卸船; the fixed-width file does not say which."""

    LOAD = "load"
    DISCHARGE = "discharge"
    UNSTATED = "unstated"


class ListHeader(Header):
    """The call that the boxes are listed for: `port` is where the ship is worked."""

    kind: ListKind = ListKind.UNSTATED
    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    port: CodeName | None = None
    arrival: PortTime | None = None
    sailing: PortTime | None = None
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    extras: Many[RawField] = ()


class ListedContainer(Container):
    """One box, as far as it concerns one bill (51 with its 53; EDIFACT EQD)."""

    bill_of_lading: Code | None = None
    booking_number: Code | None = None


def _document_key(header: ListHeader, _part: ListedContainer) -> dict[str, str]:
    kind = None if header.kind is ListKind.UNSTATED else header.kind.value
    return key_of(vessel=vessel_key(header.vessel), voyage=header.voyage, kind=kind)


def _part_key(header: ListHeader, part: ListedContainer) -> dict[str, str]:
    return _document_key(header, part) | key_of(
        bill_of_lading=part.bill_of_lading, container=part.number
    )


def _search_keys(header: ListHeader, part: ListedContainer) -> list[tuple[str, str]]:
    own = found_by(
        ("container", part.number),
        ("bill_of_lading", part.bill_of_lading),
        ("booking", part.booking_number),
    )
    return [*call_keys(header.vessel, header.voyage), *own]


CONTAINER_LIST = DocumentType(
    "container_list",
    ListHeader,
    ListedContainer,
    _document_key,
    _part_key,
    _search_keys,
    header_is_key=True,
)
