"""FLEET facts of a gate request: is the truck the firm's, the driver filed, the smart card issued.

Source: rules.md C.3 (match keys), S0-19, S0-37, S0-42, H-3.  A firm that keeps no list of trucks or
cards here is not asked about them; what it does list is binding.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.pipeline.firms.fleet import filed_driver
from gateway.pipeline.firms.personal import PersonalData
from gateway.pipeline.gate.wish import Wish, number
from gateway.pipeline.ports import Tx
from gateway.rules.gate_request import GateFacts


def with_fleet(
    tx: Tx, partner: str, wish: Wish, facts: GateFacts, personal: PersonalData | None
) -> GateFacts:
    """The facts with truck, driver and card, as far as the request names them.

    personal: None where this gateway keeps no personal data; then no driver is filed or not.
    """
    fleet = tx.firms.fleet
    plate, card = number(wish.plate), number(wish.card)
    owned = filed = active = None
    if plate and fleet.truck_count(partner):
        owned = fleet.truck(partner, plate) is not None
    if card and fleet.card_count(partner):
        active = fleet.card_numbered(partner, card) is not None
    if wish.driver and personal is not None:
        filed = filed_driver(tx, personal, partner, wish.driver) is not None
    return replace(facts, truck_owned=owned, driver_filed=filed, card_active=active)
