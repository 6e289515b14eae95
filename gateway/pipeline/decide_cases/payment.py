"""KIND `payment`: the state, the ledger and what follows from the events of one order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, WithJsonSchema, model_validator

from gateway.canonical.model import Code, Many, Model
from gateway.limits import AMOUNT_FEN_MAX, PAYMENT_EVENTS_MAX
from gateway.pipeline.decide_cases.shape import Answer, Instant, answer
from gateway.rules.payment import fold
from gateway.rules.payment_event import REFUNDS, Kind, PaymentEvent
from gateway.rules.payment_ledger import Folded, Order, State
from gateway.rules.verdict import Clause, Verdict

CLAUSES = (
    Clause("PAYMENT-STATE", "1", "D.3"),
    Clause("PAYMENT-REFUND", "1", "D.3, H-40"),
    Clause("PAYMENT-FOREIGN", "1", "H-41"),
)
# What providers and people call the kinds.
_NAMES = {
    "paid": Kind.PAYMENT_SUCCEEDED,
    "success": Kind.PAYMENT_SUCCEEDED,
    "payment": Kind.PAYMENT_SUCCEEDED,
    "payment.succeeded": Kind.PAYMENT_SUCCEEDED,
    "TRANSACTION.SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "TRADE_SUCCESS": Kind.PAYMENT_SUCCEEDED,
    "TRADE_FINISHED": Kind.PAYMENT_SUCCEEDED,
    "payment.failed": Kind.PAYMENT_FAILED,
    "closed": Kind.PAYMENT_CLOSED,
    "payment.closed": Kind.PAYMENT_CLOSED,
    "TRADE_CLOSED": Kind.PAYMENT_CLOSED,
    "refund": Kind.REFUND_SUCCEEDED,
    "refunded": Kind.REFUND_SUCCEEDED,
    "refund.succeeded": Kind.REFUND_SUCCEEDED,
    "REFUND.SUCCESS": Kind.REFUND_SUCCEEDED,
    "refund.abnormal": Kind.REFUND_ABNORMAL,
    "REFUND.ABNORMAL": Kind.REFUND_ABNORMAL,
    "refund.closed": Kind.REFUND_CLOSED,
    "REFUND.CLOSED": Kind.REFUND_CLOSED,
    "submit": Kind.CHECKOUT,
    "refund_requested": Kind.REFUND_REQUEST,
}
_AMOUNTED = REFUNDS | {Kind.PAYMENT_SUCCEEDED, Kind.REFUND_REQUEST}


def _kind(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Kind):
        known = set(Kind)
        return _NAMES.get(value, Kind(value) if value in known else value)
    return value


KindName = Annotated[
    Kind,
    BeforeValidator(_kind),
    WithJsonSchema({"type": "string", "enum": [*Kind, *_NAMES]}),
]
Fen = Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX)]


class OrderCase(Model):
    """The order, as it was frozen.  merchant: whose account the money goes to."""

    number: Code
    amount_fen: Fen
    currency: Code = "CNY"
    merchant: Code | None = None


class EventCase(Model):
    """One event, provider's or ours; `event` of a `callback` answer fits with `at` added.

    at: when it was committed.  A provider event without a name of its own order is this order's.
    """

    at: Instant
    kind: KindName
    provider: Code | None = None
    event_id: Annotated[
        Code | None, Field(validation_alias=AliasChoices("event_id", "id", "event"))
    ] = None
    order: Code | None = None
    merchant: Code | None = None
    currency: Code | None = None
    amount_fen: Fen | None = None
    transaction: Code | None = None
    refund: Annotated[
        Code | None, Field(validation_alias=AliasChoices("refund", "refund_id", "refund_no"))
    ] = None
    cumulative: bool = False
    occurred: Code | None = None

    @model_validator(mode="after")
    def _has_its_amount(self) -> EventCase:
        if self.kind in _AMOUNTED and self.amount_fen is None:
            raise ValueError(f"{self.kind} tells an amount_fen")
        return self

    def facts(self) -> PaymentEvent:
        """As the rules take it."""
        return PaymentEvent(**{name: getattr(self, name) for name in type(self).model_fields})


class PaymentCase(Model):
    """The case.  Events count in the order of `at`; at the same instant as they stand."""

    order: OrderCase
    events: Annotated[Many[EventCase], Field(max_length=PAYMENT_EVENTS_MAX)]


class LedgerShape(Model):
    """Integer fen; the first four are the order's amount together."""

    due_fen: int
    paid_fen: int
    refunding_fen: int
    refunded_fen: int
    held_fen: int
    returned_fen: int


class NoteShape(Model):
    """An effect, a work item or a query, recorded once under its key."""

    kind: str
    key: str
    amount_fen: int | None
    reference: str | None


class PaymentAnswer(Answer):
    """refused: events of another merchant; parked: refunds whose payment is not known yet."""

    state: State
    ledger: LedgerShape
    effects: Many[NoteShape]
    work_items: Many[NoteShape]
    queries: Many[NoteShape]
    refused: Many[str]
    parked: Many[str]


def decide(case: PaymentCase) -> PaymentAnswer:
    """Fold the events."""
    order = Order(**{name: getattr(case.order, name) for name in OrderCase.model_fields})
    events = sorted(case.events, key=lambda event: event.at)
    folded = fold(order, [event.facts() for event in events])
    return answer(
        PaymentAnswer,
        verdict(folded),
        state=folded.state,
        ledger=LedgerShape(**asdict(folded.ledger)),
        effects=tuple(NoteShape(**note.as_json()) for note in folded.effects),
        work_items=tuple(NoteShape(**note.as_json()) for note in folded.work_items),
        queries=tuple(NoteShape(**note.as_json()) for note in folded.queries),
        refused=folded.refused,
        parked=folded.parked,
    )


def verdict(folded: Folded) -> Verdict:
    """Work for a person is a review; events of another merchant alone are rejected."""
    codes = [note.kind for note in folded.work_items]
    codes += ["MERCHANT"] if folded.refused else []
    codes += ["PARKED"] if folded.parked else []
    outcome = "review" if folded.work_items else "accept"
    if folded.refused and folded.state in {State.CREATED, State.PENDING}:
        outcome = "reject"
    told = ", ".join(dict.fromkeys(codes))
    return Verdict(
        outcome=outcome,  # type: ignore[arg-type]
        codes=tuple(dict.fromkeys(codes)),
        rules=CLAUSES,
        explanation={
            "zh": f"订单状态 {folded.state}" + (f"；{told}" if told else ""),
            "en": f"the order is {folded.state}" + (f"; {told}" if told else ""),
        },
        findings=(),
    )
