"""PLAN: which routes carry an accepted document, and under which names.

Clauses: house.md 3 step 4 and 4 (Order); interfaces.md, Delivery; canonical/partner.py for what a
route says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.canonical.partner import Partner, Route, Subscription
from gateway.routing.delivery_id import delivery_id, file_name, lane, leg, suffix_of

CANONICAL_CONTENT_TYPE = "application/json"
# States of a decided document that go out; every other one stays.
_DELIVERED = frozenset({"accepted", "partly"})


@dataclass(frozen=True, slots=True)
class DecidedDocument:
    """What routing must know of a document.

    state: accepted, partly, rejected, held, review.  partner: the sender's partner code.
    revision: that of the decision; a replay on purpose raises it.  test: the UNB test indicator,
    or a sender with stage = "test".  name and content_type: of the file that was received.
    """

    id: str
    interchange: str
    partner: str
    type: str
    key: Mapping[str, str]
    state: str
    revision: int = 1
    test: bool = False
    name: str = ""
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """One delivery to be made; `partner` is the receiver.

    payload: "canonical" (routing/payload.py makes it) or "original" (the bytes as received).
    acknowledge_within_hours: the receiver owes an acknowledgement; None where it owes none.
    """

    id: str
    partner: str
    route: str
    kind: str
    lane: str
    subject: str
    interchange: str
    payload: str
    event_type: str
    file_name: str
    content_type: str
    test: bool
    acknowledge_within_hours: int | None = None


def plan(document: DecidedDocument, partners: Iterable[Partner]) -> list[DeliveryPlan]:
    """Every delivery of a decided document, in order of receiver and route as given.

    Only active receivers; test documents on test routes only and the others never there; a route
    that several subscriptions match carries the document once; a partner gets its own documents
    back only where a subscription names it as sender.
    """
    if document.state not in _DELIVERED:
        return []
    return [
        _delivery(document, partner, route)
        for partner in partners
        if partner.state == "active"
        for route in _matching(document, partner)
    ]


def _matching(document: DecidedDocument, receiver: Partner) -> Iterator[Route]:
    for route in receiver.routes:
        if is_test_route(receiver, route) is not document.test:
            continue
        if any(_subscribes(each, document, receiver.code) for each in route.subscriptions):
            yield route


def is_test_route(receiver: Partner, route: Route) -> bool:
    """A test route, or any route of a partner that is still being tested (interfaces.md)."""
    return route.stage == "test" or receiver.stage == "test"


def _subscribes(subscription: Subscription, document: DecidedDocument, receiver: str) -> bool:
    if subscription.document != document.type:
        return False
    if subscription.senders:
        return document.partner in subscription.senders
    return document.partner != receiver


def _delivery(document: DecidedDocument, receiver: Partner, route: Route) -> DeliveryPlan:
    """The names of one delivery.

    Original bytes belong to the interchange: its documents share one delivery per route, so that a
    file of fifty bookings arrives once; the store leaves alone what it has.
    """
    original = route.payload == "original"
    message = document.interchange if original else document.id
    key = delivery_id(message, leg(receiver.code, route.name), document.revision)
    suffix = suffix_of(document.name) if original else ".json"
    content_type = document.content_type or "application/octet-stream"
    return DeliveryPlan(
        id=key,
        partner=receiver.code,
        route=route.name,
        kind=route.kind,
        lane=lane(receiver.code, route.name, document.type, document.key, document.id),
        subject=document.id,
        interchange=document.interchange,
        payload=route.payload,
        event_type=f"portedi.{document.type}.{document.state}",
        file_name=file_name(key, suffix),
        content_type=content_type if original else CANONICAL_CONTENT_TYPE,
        test=document.test,
        acknowledge_within_hours=route.acknowledge_within_hours if route.acknowledged else None,
    )
