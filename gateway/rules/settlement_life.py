"""LIFE OF A RECEIPT: application, approval, money, settled (S3-28, S3-29)."""

from __future__ import annotations

from enum import StrEnum

from gateway.rules.settlement import ReceiptKind


class State(StrEnum):
    """ORDERED: a new order collects the extra; REFUNDING: money is on its way back."""

    RECEIPT = "RECEIPT"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"
    REFUNDING = "REFUNDING"
    ORDERED = "ORDERED"
    SETTLED = "SETTLED"


class Event(StrEnum):
    """What happens to a receipt; approval and rejection are the authority's."""

    APPLY = "apply"
    APPROVE = "approve"
    REJECT = "reject"
    REFUNDED = "refunded"
    PAID = "paid"


class NotNow(ValueError):
    """The event does not belong to the state."""


_MOVES = {
    (State.RECEIPT, Event.APPLY): State.APPLIED,
    (State.APPLIED, Event.REJECT): State.REJECTED,
    # A rejected application may be handed in anew.
    (State.REJECTED, Event.APPLY): State.APPLIED,
    (State.REFUNDING, Event.REFUNDED): State.SETTLED,
    (State.ORDERED, Event.PAID): State.SETTLED,
}


def next_state(kind: ReceiptKind, state: State, event: Event) -> State:
    """The state after the event; raises NotNow where the event has no place.

    An approved extra becomes a new order, everything else goes back by its original path.
    """
    if (state, event) == (State.APPLIED, Event.APPROVE):
        return State.ORDERED if kind == "补收差额" else State.REFUNDING
    moved = _MOVES.get((state, event))
    if moved is None:
        raise NotNow(f"{event} does not follow {state}")
    return moved
