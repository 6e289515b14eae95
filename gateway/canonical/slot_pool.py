"""SLOT POOL 集港预约池: how many places a terminal gives out; a part is one slot."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Many, Model, PortTime, RawField, Text

# A terminal is named by its partner code (canonical/partner.py).
TerminalCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,20}$")]
# Which boxes a slot is for, in the terminal's own words: "20", "40", "RF"; "ANY" for all.
BoxKind = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
ANY_BOX = "ANY"
Quota = Annotated[int, Field(ge=0, le=100_000)]


class GateDirection(StrEnum):
    """预约集港 or 进口提箱."""

    EXPORT_GATE_IN = "export_gate_in"
    IMPORT_PICKUP = "import_pickup"

    @classmethod
    def of(cls, written: str) -> GateDirection | str:
        """As people write it (集港, 提箱, gate-in, pick-up); what is neither stays as it is."""
        word = written.strip().lower().replace(" ", "").replace("-", "").replace("_", "")
        return _WRITTEN.get(word, written)


_WRITTEN = {
    **dict.fromkeys(
        ("集港", "预约集港", "集港预约", "exportgatein", "gatein", "in"),
        GateDirection.EXPORT_GATE_IN,
    ),
    **dict.fromkeys(
        ("提箱", "进口提箱", "提箱预约", "importpickup", "pickup", "out"),
        GateDirection.IMPORT_PICKUP,
    ),
}


class PoolHeader(Header):
    """Whose pool it is; a terminal publishes its own."""

    terminal: TerminalCode
    remarks: Many[Text] = ()


class PoolSlot(Model):
    """One slot: `quota` places in [start, end).  end, released_at: the policy's where not stated.

    A later pool of the same slot sets a new quota, never below the places that are taken.
    """

    start: PortTime
    end: PortTime | None = None
    direction: GateDirection
    box: BoxKind = ANY_BOX
    quota: Quota
    released_at: PortTime | None = None
    remark: Code | None = None
    extras: Many[RawField] = ()


def _document_key(header: PoolHeader, part: PoolSlot) -> dict[str, str]:
    """A terminal publishes a pool per day and direction."""
    return key_of(
        terminal=header.terminal, day=part.start.wall[:10], direction=part.direction.value
    )


def _part_key(header: PoolHeader, part: PoolSlot) -> dict[str, str]:
    return key_of(
        terminal=header.terminal,
        direction=part.direction.value,
        box=part.box,
        start=part.start.wall,
    )


def _search_keys(header: PoolHeader, _part: PoolSlot) -> list[tuple[str, str]]:
    return [("terminal", header.terminal)]


SLOT_POOL = DocumentType("slot_pool", PoolHeader, PoolSlot, _document_key, _part_key, _search_keys)
