"""DELIVERY LANES: within a lane nothing overtakes (house.md 4).

The head of a lane is its first open delivery (due, leased, blocked or dead).  `head` = 1 marks a
head that may be leased, so that finding work never looks at what waits behind.  A dead head blocks
those behind it; who settles it calls `unblock`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update

from gateway.store.query import Query, number, number_in, text_in, word
from gateway.store.schema import OPEN_DELIVERY, delivery, one_of
from gateway.store.session import Session

_c = delivery.c
_lane = (_c.partner == text_in("partner_"), _c.lane == text_in("lane_"), OPEN_DELIVERY)
_FIRST: Final = Query(select(_c.seq, _c.state).where(*_lane).order_by(_c.seq).limit(number(1)))
_MAKE_HEAD: Final = Query(
    update(delivery)
    .where(_c.seq == number_in("seq_"), one_of(_c.state, "due", "leased"))
    .values(head=number(1)),
    (),
)
_BLOCK: Final = Query(
    update(delivery)
    .where(*_lane, one_of(_c.state, "due"))
    .values(state=word("blocked"), head=number(0)),
    (),
)
_UNBLOCK: Final = Query(
    update(delivery).where(*_lane, one_of(_c.state, "blocked")).values(state=word("due")), ()
)


def lock(session: Session, partner: str, lane: str) -> None:
    """Hold the lane until the end of the transaction."""
    session.lock(f"lane/{partner}/{lane}")


def first_state(session: Session, partner: str, lane: str) -> str | None:
    """The state of the lane's first open delivery, None for a free lane."""
    row = session.first(_FIRST, partner_=partner, lane_=lane)
    return None if row is None else str(row[1])


def promote(session: Session, partner: str, lane: str) -> None:
    """Let the first open delivery be leased, after the one before it has left the lane."""
    row = session.first(_FIRST, partner_=partner, lane_=lane)
    if row is not None and session.run(_MAKE_HEAD, seq_=row[0]):
        session.woke = True


def block(session: Session, partner: str, lane: str) -> None:
    """Its head is dead: everything behind it waits for a person."""
    session.run(_BLOCK, partner_=partner, lane_=lane)


def unblock(session: Session, partner: str, lane: str) -> None:
    """Its dead head is settled: the lane goes on."""
    session.run(_UNBLOCK, partner_=partner, lane_=lane)
    promote(session, partner, lane)
