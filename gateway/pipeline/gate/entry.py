"""ENTRY: a decision about a wish, and the appointment as it is written down after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.facts import Gathered
from gateway.pipeline.gate.rows import AppointmentRow, SlotRow
from gateway.pipeline.gate.wish import Wish, masked
from gateway.pipeline.identity import new_id
from gateway.pipeline.rows import AccountRef
from gateway.rules.gate_policy_table import DatedPolicy
from gateway.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """One decision about a wish: verdict, slot (None: no such), what was found, which policy."""

    verdict: Verdict
    slot: SlotRow | None
    found: Gathered
    policy: DatedPolicy


def new_row(
    desk: Desk, account: AccountRef, wish: Wish, look: Look, key: str | None, now: datetime
) -> AppointmentRow:
    """A request as it is recorded for the first time; key: its Idempotency-Key."""
    slot = look.slot
    start = slot.starts_at if slot else wish.starts_at or now
    row = AppointmentRow(
        seq=0,
        id=new_id(),
        partner=account.partner,
        account=account.account,
        test=desk.is_test(account.partner),
        terminal=slot.terminal if slot else wish.terminal,
        slot=slot.id if slot else "",
        direction=wish.direction,
        box=slot.box if slot else wish.box or "ANY",
        starts_at=start,
        ends_at=slot.ends_at if slot else start,
        container=wish.container,
        booking=wish.booking,
        bill_of_lading=wish.bill_of_lading,
        delivery_order=wish.delivery_order,
        vessel=wish.vessel,
        voyage=wish.voyage,
        plate=wish.plate,
        driver=masked(wish.driver),
        card=wish.card,
        wait=wish.wait,
        state="requested",
        revision=0,
        asked=0,
        codes=[],
        rules=[],
        findings=[],
        explanation={},
        facts={},
        policy=look.policy.version,
        idempotency_key=key,
        digest=wish.digest,
        created_at=now,
        changed_at=now,
    )
    states = {"accept": "confirmed", "hold": "requested"}
    return decided_row(row, look, states.get(look.verdict.outcome, "rejected"), now)


def decided_row(row: AppointmentRow, look: Look, state: str, now: datetime) -> AppointmentRow:
    """The next revision of an appointment, with what was decided and what was found."""
    verdict, found = look.verdict, look.found
    return replace(
        row,
        state=state,
        revision=row.revision + 1,
        codes=list(verdict.codes),
        rules=[clause.as_json() for clause in verdict.rules],
        findings=[finding.as_json() for finding in verdict.findings],
        explanation=dict(verdict.explanation),
        facts=found.as_json(),
        policy=look.policy.version,
        booking=row.booking or found.papers.booking,
        bill_of_lading=row.bill_of_lading or found.papers.bill,
        vessel=found.vessel or row.vessel,
        voyage=found.voyage or row.voyage,
        changed_at=now,
    )
