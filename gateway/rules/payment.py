"""PAYMENT: the fold of an order's events into its state, its ledger and what follows (D.3).

The end depends on which provider events there are, never on the order in which they came: the
state is computed from their set.  Our own events count when they were committed: a success after a
local close is LATE_PAID, a checkout opens the order.  Folding all events again after each new one
gives the state; effects carry keys, so that recording them again does nothing.

Each fen of the order is due, paid, refunding or refunded, and nothing else; fen that came in but
belong to no order of ours (another amount, a second payment) are `held` until an officer decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.rules.payment_event import OUR_CURRENCIES, REFUNDS, Kind, PaymentEvent
from gateway.rules.payment_ledger import Folded, Ledger, Note, Order, State
from gateway.rules.payment_refunds import Refund, Word, gather


@dataclass(slots=True)
class _Desk:
    """One fold in the making."""

    order: Order
    mine: list[PaymentEvent] = field(default_factory=list)
    local: list[PaymentEvent] = field(default_factory=list)
    closed_first: bool = False
    late: bool = False
    received: list[PaymentEvent] = field(default_factory=list)
    applied: PaymentEvent | None = None
    held: list[PaymentEvent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    effects: list[Note] = field(default_factory=list)
    work: list[Note] = field(default_factory=list)
    queries: list[Note] = field(default_factory=list)
    paid: int = 0
    refunding: int = 0
    refunded: int = 0
    returned: int = 0

    def key(self, *parts: object) -> str:
        """A key of this order."""
        return ":".join((self.order.number, *(str(part) for part in parts if part)))

    def owe(self, kind: str, event: PaymentEvent | None = None) -> None:
        """A work item about an event: somebody has to look."""
        name = None if event is None else _name(event)
        amount = None if event is None else event.amount_fen
        self.work.append(Note(kind, self.key(kind, name), amount, name))

    def doubt(self, kind: str, one: Refund) -> None:
        """A work item about a refund."""
        self.work.append(Note(kind, self.key(kind, one.id), one.amount_fen, one.id))

    def cause(self, kind: str, amount: int | None = None, reference: str | None = None) -> None:
        """An effect."""
        self.effects.append(Note(kind, self.key(kind, reference), amount, reference))


def fold(order: Order, events: Iterable[PaymentEvent]) -> Folded:
    """Fold the events of one order, given in the order in which they were committed."""
    desk = _Desk(order)
    _sort(desk, _once(desk, events))
    _pay(desk)
    _hold(desk)
    _refund(desk)
    _ask(desk)
    return _end(desk)


def _name(event: PaymentEvent) -> str:
    """What an event is called; one without an id goes by what it says."""
    name = event.event_id or event.transaction or event.refund
    return f"{event.provider or ''}/{name or f'{event.kind}/{event.amount_fen}'}"


def _once(desk: _Desk, events: Iterable[PaymentEvent]) -> list[PaymentEvent]:
    """Each key once: the first to be committed counts, another body under it is work."""
    seen: dict[tuple[str | None, str], PaymentEvent] = {}
    kept: list[PaymentEvent] = []
    disputed: set[str] = set()
    for event in events:
        if event.is_local or event.event_id is None:
            kept.append(event)
            continue
        first = seen.setdefault((event.provider, event.event_id), event)
        if first is event:
            kept.append(event)
        elif first.content() != event.content() and _name(event) not in disputed:
            disputed.add(_name(event))
            desk.owe("EVENT_CONFLICT", event)
    return kept


def _sort(desk: _Desk, events: Sequence[PaymentEvent]) -> None:
    """Whose event it is: ours, another merchant's, another order's, this order's."""
    closed = False
    for event in events:
        if event.is_local:
            # An order that is paid is not closed any more: the close is refused where it is made.
            closed = closed or (event.kind is Kind.CLOSE and not _may_pay(desk))
            desk.local.append(event)
        elif _is_foreign(desk.order, event):
            desk.refused.append(_name(event))
        elif event.order is not None and event.order != desk.order.number:
            desk.owe("ORPHAN", event)
        else:
            desk.mine.append(event)
    desk.closed_first = closed


def _is_foreign(order: Order, event: PaymentEvent) -> bool:
    given = event.merchant is not None and order.merchant is not None
    return given and event.merchant != order.merchant


def _may_pay(desk: _Desk) -> bool:
    return any(_fits(desk.order, event) for event in desk.mine)


def _fits(order: Order, event: PaymentEvent) -> bool:
    """A success of the order's amount in its currency."""
    return (
        event.kind is Kind.PAYMENT_SUCCEEDED
        and event.amount_fen == order.amount_fen
        and _currency(event.currency or order.currency) == _currency(order.currency)
    )


def _currency(name: str) -> str:
    return "CNY" if name in OUR_CURRENCIES else name


def _pay(desk: _Desk) -> None:
    """Which success pays the order; the others are held."""
    desk.received = _payments(desk)
    good = [event for event in desk.received if _fits(desk.order, event)]
    desk.applied = good[0] if good else None
    desk.late = desk.applied is not None and desk.closed_first
    desk.held = [event for event in desk.received if event is not desk.applied]
    if desk.applied is None:
        return
    desk.paid = desk.order.amount_fen
    if not desk.late:
        desk.cause("PAID", desk.paid)


def _payments(desk: _Desk) -> list[PaymentEvent]:
    """Each payment once, however often and by however many events it was told."""
    successes = [event for event in desk.mine if event.kind is Kind.PAYMENT_SUCCEEDED]
    successes.sort(key=lambda event: (not _fits(desk.order, event), _rank(event)))
    found: list[PaymentEvent] = []
    for event in sorted(successes, key=lambda event: event.transaction is None):
        same = next((each for each in found if _is_same_payment(each, event)), None)
        if same is None:
            found.append(event)
        elif same.amount_fen != event.amount_fen:
            desk.owe("EVENT_CONFLICT", event)
    return found


def _is_same_payment(one: PaymentEvent, other: PaymentEvent) -> bool:
    """By the provider's number; one without a number is the money that was told already (D.3)."""
    if other.transaction is not None:
        return (one.provider, one.transaction) == (other.provider, other.transaction)
    of_it = other.provider is None or other.provider == one.provider
    return of_it and _money(one) == _money(other)


def _money(event: PaymentEvent) -> tuple[int | None, str]:
    return event.amount_fen, _currency(event.currency or "CNY")


def _rank(event: PaymentEvent) -> tuple[str, str, str, int]:
    """An order of events that owes nothing to their arrival."""
    told = (event.provider or "", event.transaction or "", event.event_id or "")
    return (*told, event.amount_fen or 0)


def _hold(desk: _Desk) -> None:
    """Money that is not the order's waits for a person."""
    for event in desk.held:
        kind = "DUPLICATE_PAYMENT" if _fits(desk.order, event) else "AMOUNT_MISMATCH"
        name = event.transaction or _name(event)
        desk.work.append(Note(kind, desk.key(kind, name), event.amount_fen, name))


def _held_fen(desk: _Desk) -> int:
    """What is held of the order's currency."""
    ours = _currency(desk.order.currency)
    held = (event for event in desk.held if _currency(event.currency or ours) == ours)
    return sum(event.amount_fen or 0 for event in held) - desk.returned


def _refund(desk: _Desk) -> None:
    """Take refunds against the payment, each once and never below zero."""
    for one in gather((*desk.mine, *desk.local)):
        if one.disputed:
            desk.doubt("EVENT_CONFLICT", one)
        if one.word is Word.CLOSED:
            desk.doubt("REFUND_CLOSED", one)
        elif desk.received:
            _take(desk, one)
        else:
            desk.parked.append(one.id)
    if desk.late and desk.paid:
        # Money for a closed order goes back by itself, whatever part of it has gone already.
        amount, desk.paid = desk.paid, 0
        desk.refunding += amount
        desk.cause("REFUND_REQUEST", amount, "LATE_PAID")
    if desk.late and desk.refunding:
        desk.owe("LATE_PAID", desk.applied)


def _take(desk: _Desk, one: Refund) -> None:
    if _is_of_held(desk, one):
        if one.amount_fen <= _held_fen(desk):
            desk.returned += one.amount_fen if one.word is Word.SUCCEEDED else 0
            _follow(desk, one)
            return
    elif one.amount_fen <= desk.paid:
        desk.paid -= one.amount_fen
        if one.word is Word.SUCCEEDED:
            desk.refunded += one.amount_fen
        else:
            desk.refunding += one.amount_fen
        _follow(desk, one)
        return
    desk.doubt("OVER_REFUND", one)


def _is_of_held(desk: _Desk, one: Refund) -> bool:
    """Whether it returns money that was never the order's."""
    held = {event.transaction for event in desk.held if event.transaction}
    return desk.applied is None or (one.transaction is not None and one.transaction in held)


def _follow(desk: _Desk, one: Refund) -> None:
    """What a refund that counts brings with it."""
    if one.word is Word.SUCCEEDED:
        desk.cause("REFUNDED", one.amount_fen, one.id)
    elif one.word is Word.ABNORMAL:
        desk.doubt("MANUAL", one)
    elif one.asked is not None:
        desk.cause("REFUND_REQUEST", one.amount_fen, one.id)


def _ask(desk: _Desk) -> None:
    """What the provider is asked: after UnionPay's word, and after a refund without a payment."""
    kinds = {event.kind for event in desk.mine}
    from_unionpay = any(event.provider == "unionpay" for event in desk.received)
    waiting = Kind.PAYMENT_ACCEPTED in kinds and not desk.received
    if from_unionpay or waiting or desk.parked:
        desk.queries.append(Note("QUERY", desk.key("QUERY")))
    if Kind.QUERY_CONTRADICTS in kinds:
        desk.owe("QUERY_CONTRADICTS")
    if Kind.PAYMENT_CLOSED in kinds and not desk.received and not desk.closed_first:
        desk.cause("CLOSED_BY_PROVIDER")


def _state(desk: _Desk) -> State:
    kinds = {event.kind for event in (*desk.mine, *desk.local)}
    if desk.applied is not None:
        return _paid_state(desk)
    if desk.received:
        return State.AMOUNT_MISMATCH
    if desk.closed_first or Kind.PAYMENT_CLOSED in kinds:
        return State.CLOSED
    started = kinds - REFUNDS - {Kind.REFUND_REQUEST, Kind.CLOSE}
    return State.PENDING if started else State.CREATED


def _paid_state(desk: _Desk) -> State:
    if desk.refunded == desk.order.amount_fen and desk.refunded:
        return State.REFUNDED
    if desk.late:
        return State.LATE_PAID
    if desk.refunding:
        return State.REFUNDING
    return State.PART_REFUNDED if desk.refunded else State.PAID


def _end(desk: _Desk) -> Folded:
    moved = desk.paid + desk.refunding + desk.refunded
    ledger = Ledger(
        due_fen=desk.order.amount_fen - moved,
        paid_fen=desk.paid,
        refunding_fen=desk.refunding,
        refunded_fen=desk.refunded,
        held_fen=_held_fen(desk),
        returned_fen=desk.returned,
    )
    return Folded(
        state=_state(desk),
        ledger=ledger,
        effects=_unique(desk.effects),
        work_items=_unique(desk.work),
        queries=_unique(desk.queries),
        refused=tuple(sorted(set(desk.refused))),
        parked=tuple(sorted(desk.parked)),
        transaction=desk.applied.transaction if desk.applied else None,
    )


def _unique(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Each key once, in an order that owes nothing to the arrival."""
    return tuple(sorted({note.key: note for note in notes}.values(), key=lambda note: note.key))
