"""LOAD/DISCHARGE REPORT 装卸报告 (formats.md 8.2): what a terminal moved; a part is one box."""

from __future__ import annotations

from enum import StrEnum

from gateway.canonical.container import Container
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import call_keys, vessel_key
from gateway.canonical.model import Code, CodeName, Count, Many, PortTime, RawField, Text
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class ReportKind(StrEnum):
    """Onto the ship or off it."""

    LOAD = "load"
    DISCHARGE = "discharge"
    UNSTATED = "unstated"


class ReportHeader(Header):
    """Records 00 and 10: the call, and when work on it began and ended."""

    kind: ReportKind = ReportKind.UNSTATED
    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    port: CodeName | None = None
    arrival: PortTime | None = None
    sailing: PortTime | None = None
    discharge_start: PortTime | None = None
    discharge_end: PortTime | None = None
    load_start: PortTime | None = None
    load_end: PortTime | None = None
    container_count: Count | None = None
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    extras: Many[RawField] = ()


class HandledContainer(Container):
    """Records 50 and 52: one box; `gross_weight_kg` is box and goods, `stowage` BBBRRTT."""

    bill_of_lading: Code | None = None
    booking_number: Code | None = None


def _part_key(header: ReportHeader, part: HandledContainer) -> dict[str, str]:
    return key_of(
        vessel=vessel_key(header.vessel),
        voyage=header.voyage,
        kind=header.kind.value,
        container=part.number,
    )


def _search_keys(header: ReportHeader, part: HandledContainer) -> list[tuple[str, str]]:
    own = found_by(
        ("container", part.number),
        ("bill_of_lading", part.bill_of_lading),
    )
    return [*call_keys(header.vessel, header.voyage), *own]


# A call has many reports, shift by shift: a document is known by its first box.
LOAD_DISCHARGE_REPORT = DocumentType(
    "load_discharge_report", ReportHeader, HandledContainer, _part_key, _part_key, _search_keys
)
