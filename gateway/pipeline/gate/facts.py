"""FACTS of a gate request, read from the store: papers of the box, the call, the firm, the truck.

Match keys: rules.md C.3.  A box comes again and again: what was received before it last went
through belongs to an earlier journey, and papers that name another voyage are not its papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from gateway.canonical.partner import Partner
from gateway.pipeline.firms.permission import firm_facts
from gateway.pipeline.gate.rows import FoundDocument, Sought
from gateway.pipeline.gate.windows import known, window
from gateway.pipeline.gate.wish import Wish
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.gate_request import GateFacts, VesselCall
from gateway.rules.gate_waiting import Papers
from gateway.rules.permission import AccountFacts, FirmFacts

# A firm that is in no partner file may nothing.
NOBODY = FirmFacts(types=(), state="unknown")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found: facts, the call's window, and the names that documents added."""

    facts: GateFacts
    call: VesselCall | None
    papers: Papers
    vessel: str | None
    voyage: str | None

    def as_json(self) -> dict[str, Any]:
        """What is kept with the decision."""
        call = asdict(self.call) if self.call else {}
        told = {name: value.isoformat() for name, value in call.items() if value}
        return {
            **{name: value for name, value in asdict(self.facts).items() if value is not None},
            **({"call": told} if told else {}),
        }


def gather(tx: Tx, wish: Wish, terminal: str, own: str | None = None) -> Gathered:
    """Everything that the rules ask of the store; own: the appointment that is being changed."""
    since = tx.gate.appointments.last_used(wish.container, wish.direction)
    live = tx.gate.appointments.live(wish.container, wish.direction)
    taken = live.id if live is not None and live.id != own else None
    if wish.direction == "export_gate_in":
        return _of_export(tx, wish, terminal, since, taken)
    return _of_import(tx, wish, since, taken)


def _of_export(
    tx: Tx, wish: Wish, terminal: str, since: datetime | None, taken: str | None
) -> Gathered:
    booking = _booking(tx, wish, since)
    voyage = next(iter(booking.voyages), None) if booking else None
    voyage = voyage or wish.voyage
    vessels = set(booking.vessels) if booking else set()
    vessels = vessels or {each for each in (wish.vessel,) if each}
    number = wish.booking or (booking.key.get("booking") if booking else None)
    keys = [wish.container, number]

    def has(document: str, kind: str) -> str | None:
        sought = Sought(document, "container", wish.container, voyage=voyage, since=since)
        found = tx.gate.papers.find(sought)
        return found.id if found else _told(tx, kind, keys, since)

    facts = GateFacts(
        booking=booking.id if booking else _told(tx, "booking", keys, since),
        eclp=has("container_load_plan", "eclp"),
        vgm=has("verified_gross_mass", "vgm"),
        live_appointment=taken,
    )
    rows = known(tx, terminal, vessels, voyage)
    vessel = rows[0].vessel if rows else next(iter(sorted(vessels)), None)
    call = window(tx, terminal, vessels, voyage)
    return Gathered(facts, call, wish.papers(number, None, voyage), vessel, voyage)


def _booking(tx: Tx, wish: Wish, since: datetime | None) -> FoundDocument | None:
    if wish.booking:
        sought = Sought("booking", "booking", wish.booking, voyage=wish.voyage)
    else:
        sought = Sought("booking", "container", wish.container, voyage=wish.voyage, since=since)
    return tx.gate.papers.find(sought)


def _of_import(tx: Tx, wish: Wish, since: datetime | None, taken: str | None) -> Gathered:
    order = _order(tx, wish, since)
    bill = wish.bill_of_lading or (order.key.get("bill_of_lading") if order else None)
    keys = [wish.container, bill]
    facts = GateFacts(
        delivery_order=order.id if order else _told(tx, "delivery_order", keys, since),
        customs_released=_told(tx, "customs_released", keys, since),
        fees_paid=_told(tx, "fees_paid", keys, since),
        live_appointment=taken,
        in_yard=_in_yard(tx, wish.container),
    )
    return Gathered(facts, None, wish.papers(None, bill, None), wish.vessel, wish.voyage)


def _order(tx: Tx, wish: Wish, since: datetime | None) -> FoundDocument | None:
    """By its own number, else by the bill, else by the box; it may not list other boxes only."""
    for kind, value in (
        ("delivery_order", wish.delivery_order),
        ("bill_of_lading", wish.bill_of_lading),
    ):
        if value:
            return tx.gate.papers.find(Sought("delivery_order", kind, value, wish.container))
    return tx.gate.papers.find(Sought("delivery_order", "container", wish.container, since=since))


def _told(tx: Tx, kind: str, keys: Iterable[str | None], since: datetime | None) -> str | None:
    """A fact that another service told, under any of the names; the box's must be of this time."""
    box, *others = keys
    for key in (box, *others):
        fact = tx.gate.papers.fact(kind, key) if key else None
        if fact is None or not fact.value:
            continue
        if key == box and since is not None and fact.at <= since:
            continue
        return f"{kind}:{fact.key}"
    return None


def _in_yard(tx: Tx, container: str) -> bool | None:
    """Only where somebody has told it."""
    fact = tx.gate.papers.fact("in_yard", container)
    return None if fact is None else bool(fact.value)


def standing(partner: Partner | None, account: AccountRef) -> tuple[FirmFacts, AccountFacts]:
    """The firm and the account that ask, as the permission rules take them."""
    if partner is None:
        return NOBODY, AccountFacts(admin=False)
    granted: Sequence[str] = next(
        (each.services for each in partner.accounts if each.name == account.account), ()
    )
    return firm_facts(partner), AccountFacts(partner.is_administrator(account.account), granted)
