"""ORDER LANES: one account's interchanges of one document type are decided in arrival order.

Whoever reads or changes the state of a lane locks it first, so that "nothing earlier is undecided"
and "the next may go" are never both missed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from gateway.store.outbox import OutboxTable
from gateway.store.query import Query, number, number_in, text_in
from gateway.store.schema import UNDECIDED, interchange
from gateway.store.session import Session

_FIRST: Final = Query(
    select(interchange.c.id, interchange.c.state, interchange.c.step, interchange.c.revision)
    .where(interchange.c.order_key == text_in("order_key_"), UNDECIDED)
    .order_by(interchange.c.seq)
    .limit(number(1))
)
_EARLIER: Final = Query(
    select(interchange.c.id)
    .where(
        interchange.c.order_key == text_in("order_key_"),
        interchange.c.seq < number_in("seq_"),
        UNDECIDED,
    )
    .limit(number(1))
)


def lock(session: Session, order_key: str) -> None:
    """Hold the lane until the end of the transaction."""
    session.lock(f"order/{order_key}")


def earlier_undecided(session: Session, order_key: str, seq: int) -> bool:
    """Whether something recorded before `seq` still has to be decided."""
    lock(session, order_key)
    return session.first(_EARLIER, order_key_=order_key, seq_=seq) is not None


def announce_next(session: Session, order_key: str) -> None:
    """Put the event of the next decidable interchange; once too often does no harm (claims)."""
    lock(session, order_key)
    row = session.first(_FIRST, order_key_=order_key)
    if row is not None and row[1] == "translated":
        subject, _state, step, revision = row
        OutboxTable(session).put(step, subject, revision, order_key)
