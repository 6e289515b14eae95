"""GATE MOVE 进出闸 (EDIFACT CODECO): a box went in or out of a terminal; a part is one box."""

from __future__ import annotations

from enum import StrEnum

from gateway.canonical.container import Container
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import call_keys
from gateway.canonical.model import Code, CodeName, Many, PortTime, RawField, Text
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class MoveKind(StrEnum):
    """Into the terminal 进闸 or out of it 出闸."""

    GATE_IN = "gate_in"
    GATE_OUT = "gate_out"
    UNSTATED = "unstated"


class MoveHeader(Header):
    """Which way, and the call that the boxes are meant for, where one is named."""

    kind: MoveKind = MoveKind.UNSTATED
    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    arrival: PortTime | None = None
    sailing: PortTime | None = None
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    extras: Many[RawField] = ()


class MovedContainer(Container):
    """One box: `moved_at` 进出闸时间 at `place`, on `truck` (its licence number) of `trucker`."""

    moved_at: PortTime | None = None
    place: CodeName | None = None
    truck: Code | None = None
    trucker: CodeName | None = None
    booking_number: Code | None = None
    bill_of_lading: Code | None = None


def _part_key(header: MoveHeader, part: MovedContainer) -> dict[str, str]:
    return key_of(
        kind=header.kind.value,
        moved_at=part.moved_at.wall if part.moved_at else None,
        container=part.number,
    )


def _search_keys(header: MoveHeader, part: MovedContainer) -> list[tuple[str, str]]:
    own = found_by(
        ("container", part.number),
        ("booking", part.booking_number),
        ("bill_of_lading", part.bill_of_lading),
    )
    return [*call_keys(header.vessel, header.voyage), *own]


# A box moves many times: a move is known by when it was, a document by its first move.
GATE_MOVE = DocumentType(
    "gate_move", MoveHeader, MovedContainer, _part_key, _part_key, _search_keys
)
