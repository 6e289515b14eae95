"""GATE PLAN 集港计划: which voyages a terminal takes boxes for, and when; a part is one voyage."""

from __future__ import annotations

from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import vessel_key
from gateway.canonical.model import Code, Count, Many, Model, PortTime, RawField, Text
from gateway.canonical.slot_pool import TerminalCode
from gateway.canonical.vessel import Vessel


class PlanHeader(Header):
    """Whose plan it is; a terminal publishes its own."""

    terminal: TerminalCode
    remarks: Many[Text] = ()


class PlannedVoyage(Model):
    """One voyage: boxes are taken from `open_at` 开港 until `gate_close` 截港.

    Where the vessel schedule says so too, the later opening of the plan and the earlier closing of
    both hold.  `boxes`: how many are expected.
    """

    vessel: Vessel
    voyage: Code
    open_at: PortTime | None = None
    gate_close: PortTime | None = None
    boxes: Count | None = None
    berth: Code | None = None
    yard: Code | None = None
    remarks: Many[Text] = ()
    extras: Many[RawField] = ()


def _key(header: PlanHeader, part: PlannedVoyage) -> dict[str, str]:
    return key_of(
        terminal=header.terminal, vessel=vessel_key(part.vessel), voyage=part.voyage.upper()
    )


def _search_keys(header: PlanHeader, part: PlannedVoyage) -> list[tuple[str, str]]:
    pairs = [
        ("terminal", header.terminal),
        ("vessel", vessel_key(part.vessel)),
        ("vessel", part.vessel.name),
        ("voyage", part.voyage),
    ]
    return found_by(*pairs)


# A plan is known by its first voyage.
GATE_PLAN = DocumentType("gate_plan", PlanHeader, PlannedVoyage, _key, _key, _search_keys)
