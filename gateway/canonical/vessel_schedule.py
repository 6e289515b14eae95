"""VESSEL SCHEDULE 船期表 (formats.md 6): when a ship calls where; a part is one port call."""

from __future__ import annotations

from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import vessel_key
from gateway.canonical.model import Code, CodeName, Many, Model, PortTime, RawField, Text
from gateway.canonical.vessel import Vessel


class ScheduleHeader(Header):
    """Records 00 and 10: the ship, the line that runs it, the trade that it sails in."""

    vessel: Vessel | None = None
    line: CodeName | None = None
    trade: CodeName | None = None
    extras: Many[RawField] = ()


class OtherCall(Model):
    """A further call told beside the one that a message is about (EDIFACT).

    `relation` is our word: previous, next, load, discharge, other:<UN 3227>.
    """

    relation: Code
    port: CodeName | None = None
    terminal: CodeName | None = None
    vessel: Vessel | None = None
    voyage: Code | None = None
    eta: PortTime | None = None
    etd: PortTime | None = None
    ata: PortTime | None = None
    atd: PortTime | None = None


class PortCall(Model):
    """One call: two voyages, inbound 进口航次 and outbound 出口航次.

    eta/etd 预计抵离, ata/atd 实际抵离; the cut-offs of export boxes: `open_at` 开港 (from when the terminal
    takes them), `gate_close` 截港, `customs_close` 截关, `document_close` 截单.
    EDIFACT tells one call and, beside it, `calls` before and after; its one voyage is the outbound.
    """

    port: CodeName | None = None
    terminal: CodeName | None = None
    inbound_voyage: Code | None = None
    outbound_voyage: Code | None = None
    eta: PortTime | None = None
    etd: PortTime | None = None
    ata: PortTime | None = None
    atd: PortTime | None = None
    open_at: PortTime | None = None
    gate_close: PortTime | None = None
    customs_close: PortTime | None = None
    document_close: PortTime | None = None
    agent: CodeName | None = None
    calls: Many[OtherCall] = ()
    remarks: Many[Text] = ()
    extras: Many[RawField] = ()


def _document_key(header: ScheduleHeader, part: PortCall) -> dict[str, str]:
    """A schedule is that of the voyage on which the ship leaves its first port."""
    voyage = part.outbound_voyage or part.inbound_voyage
    return key_of(vessel=vessel_key(header.vessel), voyage=voyage)


def _part_key(header: ScheduleHeader, part: PortCall) -> dict[str, str]:
    port = (part.port.code or part.port.name) if part.port else None
    return _document_key(header, part) | key_of(port=port)


def _search_keys(header: ScheduleHeader, part: PortCall) -> list[tuple[str, str]]:
    pairs = [
        ("vessel", vessel_key(header.vessel)),
        ("vessel", header.vessel.name if header.vessel else None),
        ("voyage", part.inbound_voyage),
        ("voyage", part.outbound_voyage),
        ("port", (part.port.code or part.port.name) if part.port else None),
    ]
    pairs += [("port", each.port.code) for each in part.calls if each.port]
    return found_by(*pairs)


VESSEL_SCHEDULE = DocumentType(
    "vessel_schedule", ScheduleHeader, PortCall, _document_key, _part_key, _search_keys
)
