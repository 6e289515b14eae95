"""PLAN: which routes carry an accepted document, and under which names.

Clauses: house.md 3 step 4 and 4 (Order); interfaces.md, Delivery; canonical/partner.py for what a
route says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.canonical.partner import Partner, Route, Subscription
from gateway.routing.delivery_id import delivery_id, file_name, lane, leg, suffix_of

CANONICAL_CONTENT_TYPE = "application/json"
ANY_CONTENT_TYPE = "application/octet-stream"
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


class Written(NamedTuple):
    """How files of a partner's format are named and labelled: suffix with its dot."""

    suffix: str
    content_type: str


_CANONICAL = Written(".json", CANONICAL_CONTENT_TYPE)
# A receiver and one of its routes.
Way = tuple[Partner, Route]
# (payload of a route, its encoding) → how its files are called; None where nobody writes it.
Forms = Callable[[str, str | None], Written | None]


def no_forms(_payload: str, _encoding: str | None) -> Written | None:
    """Only canonical JSON and original bytes."""
    return None


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """One delivery to be made; `partner` is the receiver.

    payload: "canonical" (routing/payload.py makes it), "original" (the bytes as received) or the
    name of a format that is written when the delivery is made.
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


def plan(
    document: DecidedDocument, ways: Iterable[Way], forms: Forms = no_forms
) -> list[DeliveryPlan]:
    """Every delivery of a decided document, one for each of its `ways`."""
    if document.state not in _DELIVERED:
        return []
    return [_delivery(document, partner, route, forms) for partner, route in ways]


def ways(document: DecidedDocument, partners: Iterable[Partner]) -> list[Way]:
    """Who gets documents of this type, from this sender, in order of receiver and route as given.

    Only active receivers; test documents on test routes only and the others never there; a route
    that several subscriptions match carries the document once; a partner gets its own documents
    back only where a subscription names it as sender.
    """
    return [
        (partner, route)
        for partner in partners
        if partner.state == "active"
        for route in _matching(document, partner)
    ]


def is_original(way: Way, document: DecidedDocument) -> bool:
    """Whether this way carries the bytes as received, which belong to all documents of a file."""
    return way[1].payload_of(document.type) == "original"


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


def _delivery(
    document: DecidedDocument, receiver: Partner, route: Route, forms: Forms
) -> DeliveryPlan:
    """The names of one delivery.

    Original bytes belong to the interchange: its documents share one delivery per route, so that a
    file of fifty bookings arrives once; the store leaves alone what it has.
    """
    payload = route.payload_of(document.type)
    message = document.interchange if payload == "original" else document.id
    key = delivery_id(message, leg(receiver.code, route.name), document.revision)
    form = _form(document, payload, route, forms)
    return DeliveryPlan(
        id=key,
        partner=receiver.code,
        route=route.name,
        kind=route.kind,
        lane=lane(receiver.code, route.name, document.type, document.key, document.id),
        subject=document.id,
        interchange=document.interchange,
        payload=payload,
        event_type=f"portedi.{document.type}.{document.state}",
        file_name=file_name(key, form.suffix),
        content_type=form.content_type,
        test=document.test,
        acknowledge_within_hours=route.acknowledge_within_hours if route.acknowledged else None,
    )


def _form(document: DecidedDocument, payload: str, route: Route, forms: Forms) -> Written:
    """Suffix and content type; those of any file where the format is not known (any more)."""
    if payload == "canonical":
        return _CANONICAL
    if payload == "original":
        known = document.content_type or ANY_CONTENT_TYPE
        return Written(suffix_of(document.name), known)
    return forms(payload, route.encoding) or Written(".txt", ANY_CONTENT_TYPE)
