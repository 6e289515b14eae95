"""ANSWERS: what the sender of an interchange is told, where, and the data the writers need.

A JSON receipt always; CONTRL and APERAK for EDIFACT, a flat receipt for flat files, as the
agreement says; never an acknowledgement of an acknowledgement.  Every partner has a mailbox;
routes of its own that subscribe to `acknowledgement` get the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gateway.canonical.partner import Partner, Route
from gateway.routing.answer_facts import AnsweredInterchange
from gateway.routing.delivery_id import delivery_id, file_name, leg
from gateway.routing.plan import is_test_route

MAILBOX = "mailbox"
ANSWERS = "acknowledgement"

AnswerKind = Literal["json", "contrl", "aperak", "receipt"]

# Messages that acknowledge; they are never answered, read or not.
ACKNOWLEDGING_MESSAGES = frozenset({"CONTRL", "APERAK", "RECEIPT"})


@dataclass(frozen=True, slots=True)
class _Form:
    suffix: str
    content_type: str


_FORMS: dict[AnswerKind, _Form] = {
    "contrl": _Form(".contrl.edi", "application/edifact"),
    "aperak": _Form(".aperak.edi", "application/edifact"),
    "receipt": _Form(".receipt.txt", "text/plain; charset=gb18030"),
    "json": _Form(".json", "application/json"),
}
# By the syntax of the file that is answered; JSON answers every one.
_FITTING: dict[str, tuple[AnswerKind, ...]] = {
    "edifact": ("contrl", "aperak"),
    "flat": ("receipt",),
}


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """One answer on one route; the pipeline has its writer make the bytes and delivers them.

    kind: which writer (`json`: json_receipt).  facts: what it writes about.
    """

    id: str
    kind: AnswerKind
    partner: str
    route: str
    route_kind: str
    lane: str
    interchange: str
    event_type: str
    file_name: str
    content_type: str
    test: bool
    facts: AnsweredInterchange


def plan_answers(facts: AnsweredInterchange, sender: Partner) -> list[AnswerPlan]:
    """Every answer to an interchange, per route in the order CONTRL, APERAK, receipt, JSON.

    Empty for an interchange of acknowledgements.  An interchange of which nothing could be read
    is answered by its syntax, as far as any of the partner's agreements wants that answer.
    """
    if is_acknowledging(facts):
        return []
    kinds = wanted(facts, sender)
    return [
        _answer(facts, kind, sender, route)
        for route in _answer_routes(facts, sender)
        for kind in kinds
    ]


def is_acknowledging(facts: AnsweredInterchange) -> bool:
    """Whether it holds nothing but acknowledgements, as far as can be told."""
    if facts.message_type in ACKNOWLEDGING_MESSAGES:
        return True
    return bool(facts.documents) and all(each.type == ANSWERS for each in facts.documents)


def wanted(facts: AnsweredInterchange, sender: Partner) -> tuple[AnswerKind, ...]:
    """The kinds of answer: those that fit the syntax and that an agreement asks for, and JSON."""
    fitting = _FITTING.get(facts.syntax or "", ())
    types = {document.type for document in facts.documents}
    agreed = [each.answers for each in sender.agreements if not types or each.document in types]
    if agreed:
        fitting = tuple(kind for kind in fitting if any(kind in answers for answers in agreed))
    # A sender without agreement must learn that from its own system.
    return (*fitting, "json")


def is_test(facts: AnsweredInterchange, sender: Partner) -> bool:
    """The UNB test indicator, or a sender that is still being tested (interfaces.md)."""
    return facts.test or sender.stage == "test"


def _answer_routes(facts: AnsweredInterchange, sender: Partner) -> Iterator[tuple[str, str]]:
    """(route, kind of route): the mailbox first, then routes that ask for answers."""
    yield MAILBOX, MAILBOX
    for route in sender.routes:
        if route.name == MAILBOX or not _asks(route):
            continue
        if is_test_route(sender, route) is is_test(facts, sender):
            yield route.name, route.kind


def _asks(route: Route) -> bool:
    return any(each.document == ANSWERS for each in route.subscriptions)


def _answer(
    facts: AnsweredInterchange, kind: AnswerKind, sender: Partner, route: tuple[str, str]
) -> AnswerPlan:
    form = _FORMS[kind]
    name, route_kind = route
    key = delivery_id(facts.id, leg(sender.code, name, kind), facts.revision)
    return AnswerPlan(
        id=key,
        kind=kind,
        partner=sender.code,
        route=name,
        route_kind=route_kind,
        lane=f"{sender.code}/{name}/interchange={facts.id}",
        interchange=facts.id,
        event_type=f"portedi.answer.{kind}",
        file_name=file_name(key, form.suffix),
        content_type=form.content_type,
        test=is_test(facts, sender),
        facts=facts,
    )
