"""BOOKING: a request for a slot, the same request again when a fact came, another slot instead.

Every decision is rules/appointment_gate.decide_gate over facts read here.  The place is taken by
one conditional statement in the same transaction; where somebody was faster, the request is decided
again over what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest
from typing import cast

from gateway.pipeline.gate.desk import Decided, Desk, slot_facts
from gateway.pipeline.gate.entry import Look, decided_row, new_row
from gateway.pipeline.gate.facts import gather, standing
from gateway.pipeline.gate.fleet import with_fleet
from gateway.pipeline.gate.rows import AppointmentRow, SlotRow
from gateway.pipeline.gate.wish import Wish, of_row
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.appointment_gate import GATE_RULES, decide_gate
from gateway.rules.gate_life import GateState, decide_gate_cancel
from gateway.rules.gate_request import Direction, GateRequest, Slot
from gateway.rules.gate_waiting import NO_SLOT, held, only_papers, waits_for
from gateway.rules.verdict import Verdict, conclude

# Somebody gave a place back between two looks, or took it: look so often at most.
_LOOKS = 3


class KeyReused(Exception):
    """The same Idempotency-Key with another request."""


def request(desk: Desk, tx: Tx, account: AccountRef, wish: Wish, key: str | None = None) -> Decided:
    """Ask for a slot: confirmed, held (it waits for papers) or rejected; all are recorded.

    key: the Idempotency-Key; it answers with what it made before, unless that was rejected.
    Raises KeyReused.
    """
    if key is not None:
        earlier = tx.gate.appointments.by_key(account.account, key)
        if earlier is not None:
            if not compare_digest(earlier.digest, wish.digest):
                raise KeyReused
            return Decided(earlier, None, repeat=True)
    now = desk.clock.now()
    look = _decide_and_take(desk, tx, account, wish, None)
    row = new_row(desk, account, wish, look, key, now)
    desk.keep(tx, row, _told(row.state), account.account, new=True)
    _await(tx, row, look)
    return Decided(row, look.verdict)


def again(desk: Desk, tx: Tx, appointment: str) -> Decided:
    """A fact came for a request that waits: confirmed now, or it waits on.

    Its place is its own already, so neither quota nor window of release is asked again; what else
    may have changed meanwhile (cut-off, suspension, the firm's state) is.
    """
    row = tx.gate.appointments.locked(appointment)
    if row is None or row.state != "requested":
        return Decided(row, None)
    account = AccountRef(row.partner, row.account)
    look = _decide(desk, tx, account, of_row(row), row)
    if look.verdict.outcome == "reject":
        # Whatever failed besides papers needs a person or another slot; the request waits on.
        look = replace(look, verdict=held(look.verdict))
    state = "confirmed" if look.verdict.outcome == "accept" else "requested"
    if state == "requested" and list(look.verdict.codes) == row.codes:
        return Decided(row, look.verdict)
    now = desk.clock.now()
    changed = decided_row(row, look, state, now)
    desk.keep(tx, changed, _told(state), "gate")
    _await(tx, changed, look)
    return Decided(changed, look.verdict)


def move(desk: Desk, tx: Tx, row: AppointmentRow, wish: Wish, by: str) -> Decided:
    """Another slot for a live appointment: the new place is taken first, then the old given back.

    row: locked, its owner's.  What is refused changes nothing.
    """
    now = desk.clock.now()
    allowed = decide_gate_cancel(GateState(row.state), row.starts_at, now)
    if allowed.outcome != "accept":
        return Decided(row, allowed)
    account = AccountRef(row.partner, row.account)
    wanted = _slot(tx, wish)
    if wanted is not None and wanted.id == row.slot:
        return Decided(row, conclude((), allowed.rules, ("时段未变", "the slot is the same")))
    look = _decide_and_take(desk, tx, account, wish, row)
    if look.verdict.outcome == "reject" or look.slot is None:
        return Decided(row, look.verdict)
    tx.gate.slots.give_back(row.slot)
    state = "confirmed" if look.verdict.outcome == "accept" else "requested"
    moved = replace(
        decided_row(row, look, state, now),
        slot=look.slot.id,
        box=look.slot.box,
        starts_at=look.slot.starts_at,
        ends_at=look.slot.ends_at,
    )
    desk.keep(tx, moved, "changed", by)
    _await(tx, moved, look)
    return Decided(moved, look.verdict)


def foresee(
    desk: Desk, tx: Tx, account: AccountRef, wish: Wish, taken: Mapping[str, int]
) -> tuple[Verdict, str | None]:
    """What `request` would decide now, with so many places per slot id taken before it.

    Nothing is recorded; also the id of the slot, None where there is none.
    """
    slot = _slot(tx, wish)
    look = _decide(desk, tx, account, wish, None, taken.get(slot.id, 0) if slot else 0)
    return look.verdict, look.slot.id if look.slot else None


def _decide_and_take(
    desk: Desk, tx: Tx, account: AccountRef, wish: Wish, own: AppointmentRow | None
) -> Look:
    look = _decide(desk, tx, account, wish, own)
    for _ in range(_LOOKS):
        if look.verdict.outcome == "reject" or look.slot is None:
            return look
        if tx.gate.slots.take(look.slot.id):
            return look
        look = _decide(desk, tx, account, wish, own)
    # Places come and go faster than we look: this one did not get any.
    return _decide(desk, tx, account, wish, own, taken=look.slot.quota if look.slot else 0)


def _decide(
    desk: Desk,
    tx: Tx,
    account: AccountRef,
    wish: Wish,
    own: AppointmentRow | None,
    taken: int = 0,
) -> Look:
    """own: the appointment that is being moved or asked again.  taken: places gone besides."""
    now = desk.clock.now()
    dated, figures = desk.policy(now)
    row = _slot(tx, wish)
    terminal = row.terminal if row else wish.terminal
    found = gather(tx, wish, terminal, own.id if own else None)
    if row is None:
        missing = NO_SLOT.at(terminal=terminal)
        return Look(conclude((missing,), GATE_RULES, ("", "")), None, found, dated)
    if own is not None and own.driver is not None:
        # It was given and checked; only its mask is kept.
        figures = replace(figures, driver_filing_required=False)
    facts = with_fleet(tx, account.partner, wish, found.facts, desk.personal)
    found = replace(found, facts=facts)
    firm, acting = standing(desk.directory.partner(account.partner), account)
    verdict = decide_gate(
        GateRequest(
            direction=cast("Direction", row.direction),
            requested=now,
            slot=_room(row, own, taken),
            container=wish.container,
            facts=found.facts,
            firm=firm,
            account=acting,
            vessel_call=found.call,
            terminal=row.terminal,
            profile=desk.profile,
            suspended_until=tx.gate.breaches.suspended_until(account.partner),
            policy=figures,
            plate=wish.plate,
            driver=wish.driver,
        )
    )
    if wish.wait and only_papers(verdict):
        verdict = held(verdict)
    return Look(verdict, row, found, dated)


def _room(row: SlotRow, own: AppointmentRow | None, taken: int) -> Slot:
    """The slot with the places that are taken by others."""
    facts = slot_facts(row)
    if own is not None and own.slot == row.id:
        return replace(facts, used=min(facts.used, facts.quota - 1), released=None)
    return replace(facts, used=min(facts.quota, facts.used + taken))


def _slot(tx: Tx, wish: Wish) -> SlotRow | None:
    """By id; else by terminal, direction and start: the one of this kind of box, else of any."""
    if wish.slot is not None:
        row = tx.gate.slots.find(wish.slot)
        fits = row is not None and row.terminal == wish.terminal
        return row if fits and row and row.direction == wish.direction else None
    if wish.starts_at is None:
        return None
    rows = {r.box: r for r in tx.gate.slots.at(wish.terminal, wish.direction, wish.starts_at)}
    return rows.get(wish.box or "ANY") or rows.get("ANY")


def _await(tx: Tx, row: AppointmentRow, look: Look) -> None:
    if row.state == "requested":
        tx.gate.papers.await_facts(row.id, waits_for(row.codes, look.found.papers))


def _told(state: str) -> str:
    return {"confirmed": "confirmed", "requested": "requested"}.get(state, "rejected")
