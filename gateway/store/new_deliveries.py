"""NEW DELIVERIES: how deliveries enter their lanes, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateway.pipeline.rows import NewDelivery
from gateway.store import delivery_lanes
from gateway.store.instant import maybe_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number
from gateway.store.row_mapping import storable
from gateway.store.schema import delivery
from gateway.store.session import Session

_INSERT: Final = Query(
    insert(delivery).inline().values(attempts=number(0), fence=number(0)).on_conflict_do_nothing(),
    columns_of(delivery, "seq", "attempts", "fence", "last_error", "sent_at", "leased_by"),
)


def add(session: Session, deliveries: Sequence[NewDelivery]) -> None:
    """Insert all of them in their order; one that exists already is left alone."""
    now = session.now()
    # What waits in a mailbox has no lane.  Always in the same order, so that two transactions
    # never wait for each other crosswise.
    lanes = sorted({(each.partner, each.lane) for each in deliveries if not _waits(each)})
    for partner, lane in lanes:
        delivery_lanes.lock(session, partner, lane)
    heads = {each: delivery_lanes.first_state(session, *each) for each in lanes}
    rows = []
    for each in deliveries:
        state, head = _first_state(each, heads)
        rows.append(_values(each, state, head, now))
    added = session.insert(_INSERT, rows)
    session.woke = session.woke or added > 0
    if added < len(rows):
        # One that was there already made room for nobody.
        for partner, lane in lanes:
            delivery_lanes.promote(session, partner, lane)


def _waits(new: NewDelivery) -> bool:
    return new.kind == "mailbox"


def _first_state(new: NewDelivery, heads: dict[tuple[str, str], str | None]) -> tuple[str, int]:
    """(state, head); heads: the states of the first ones of the lanes, which it may become."""
    if _waits(new):
        return "waiting", 0
    lane = new.partner, new.lane
    before = heads[lane]
    if before is None:
        heads[lane] = "due"
        return "due", 1
    return ("blocked" if before == "dead" else "due"), 0


def _values(new: NewDelivery, state: str, head: int, now: int) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (
        *(new.id, new.partner, new.route, f"{new.partner}/{new.route}", new.kind, new.lane),
        *(new.subject_kind, new.subject, new.interchange, new.event_type),
        *(storable(new.file_name), new.content_type, new.body, state),
        *(to_micros(new.due_at), now, new.test, maybe_micros(new.acknowledge_by), head),
    )
