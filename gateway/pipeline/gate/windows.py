"""WINDOWS: from when until when a terminal takes the boxes of a voyage.

Vessel schedules and the terminal's plan write them; a change that matters puts an event, and the
step looks at the appointments of the voyage (rules.md C.3, G.3 P6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from gateway.canonical.gate_plan import PlannedVoyage
from gateway.canonical.manifest import vessel_key
from gateway.canonical.partner import Partner
from gateway.canonical.vessel import Vessel
from gateway.canonical.vessel_schedule import PortCall
from gateway.pipeline.gate.instants import instant
from gateway.pipeline.gate.rows import CallRow
from gateway.pipeline.ports import Tx
from gateway.rules.gate_request import VesselCall

STAGE = "gate"
CALL_SUBJECT = "call-"
_SCHEDULE = ("etb", "open_at", "gate_close", "customs_close", "document_close")


def window(
    tx: Tx, terminal: str, vessels: Collection[str], voyage: str | None
) -> VesselCall | None:
    """What schedule and plan together say of a voyage at a terminal; None where neither does.

    vessels: keys and names of the ship; none given: any, as long as the voyage number is one
    ship's.  A row that names the terminal comes before one that names none.
    """
    rows = known(tx, terminal, vessels, voyage)
    if not rows:
        return None
    closes = [each for row in rows for each in (row.plan_close, row.gate_close) if each]
    opens = [each for row in rows for each in (row.plan_open, row.open_at) if each]
    return VesselCall(
        etb=next((row.etb for row in rows if row.etb), None),
        open=max(opens) if opens else None,
        gate_close=min(closes) if closes else None,
    )


def known(tx: Tx, terminal: str, vessels: Collection[str], voyage: str | None) -> list[CallRow]:
    """The rows that `window` folds."""
    if not voyage:
        return []
    rows = [row for row in tx.gate.calls.of_voyage(voyage) if row.terminal in (terminal, "")]
    if vessels:
        rows = [row for row in rows if row.vessel in vessels or row.name in vessels]
    elif len({row.vessel for row in rows}) > 1:
        return []
    return sorted(rows, key=lambda row: row.terminal != terminal)


def from_schedule(
    tx: Tx, vessel: Vessel | None, part: PortCall, terminal: str | None, *, gone: bool, by: str
) -> None:
    """Take over one call of a schedule; gone: it was cancelled or deleted.

    terminal: its partner code, None where the schedule names none; then only a call with a 截港
    counts, for the calls at other ports have no business here.
    """
    voyages = dict.fromkeys(v.strip().upper() for v in _voyages(part) if v)
    key = vessel_key(vessel)
    if key is None or (terminal is None and part.gate_close is None and not gone):
        return
    times = {"etb": part.eta} | {name: getattr(part, name) for name in _SCHEDULE[1:]}
    said = {name: None if gone else instant(time) for name, time in times.items()}
    for voyage in voyages:
        _put(tx, terminal or "", vessel, voyage, said, by)


def withdrawn(tx: Tx, key: dict[str, str], by: str) -> None:
    """A whole schedule was cancelled without naming its calls."""
    for row in tx.gate.calls.of_voyage(key.get("voyage", "").upper()):
        if key.get("vessel", "").upper() in (row.vessel, row.name):
            _change(tx, row, dict.fromkeys(_SCHEDULE), by)


def from_plan(tx: Tx, terminal: str, part: PlannedVoyage, *, gone: bool, by: str) -> None:
    """Take over one voyage of a terminal's plan."""
    said: dict[str, Any] = {
        "plan_open": None if gone else instant(part.open_at),
        "plan_close": None if gone else instant(part.gate_close),
        "plan_boxes": None if gone else part.boxes,
    }
    _put(tx, terminal, part.vessel, part.voyage.strip().upper(), said, by)


def terminal_of(partners: Iterable[Partner], code: str | None) -> str | None:
    """The partner code of a terminal as a document names it; None where no partner is it."""
    if not code:
        return None
    bare = code.strip().upper()
    for partner in partners:
        if bare == partner.code or bare in {each.strip().upper() for each in partner.identities}:
            return partner.code
    return None


def _voyages(part: PortCall) -> Sequence[str | None]:
    """Export boxes go with the outbound voyage; a schedule with one voyage means that one."""
    return (part.outbound_voyage or part.inbound_voyage,)


def _put(
    tx: Tx, terminal: str, vessel: Vessel | None, voyage: str, said: dict[str, Any], by: str
) -> None:
    key = vessel_key(vessel) or ""
    name = (vessel.name or "").upper() if vessel else ""
    names = {each for each in (key, name) if each}
    rows = tx.gate.calls.of_voyage(voyage)
    mine = [r for r in rows if r.terminal == terminal and names & {r.vessel, r.name}]
    if mine:
        _change(tx, mine[0], said, by)
        return
    about = {"terminal": terminal, "vessel": key, "name": name, "voyage": voyage}
    source = "plan" if "plan_boxes" in said else "schedule"
    seq = tx.gate.calls.put({**about, **said, "source": source, "partner": by}, None)
    tx.outbox.put(STAGE, f"{CALL_SUBJECT}{seq}", 1, f"gate/{CALL_SUBJECT}{seq}")


def _change(tx: Tx, row: CallRow, said: dict[str, Any], by: str) -> None:
    if all(getattr(row, name) == value for name, value in said.items()):
        return
    tx.gate.calls.put({**said, "partner": by}, row.seq)
    subject = f"{CALL_SUBJECT}{row.seq}"
    tx.outbox.put(STAGE, subject, row.revision + 1, f"gate/{subject}")
