"""DELIVERY LEASES: which due deliveries may be worked on now, a few per route at once.

While leased, `due_at` is the end of the lease: an expired lease is simply due again, under a higher
fence, and whoever comes back late is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, ScalarSelect, func, select, update

from gateway.limits import DELIVERY_SLOTS_PER_ROUTE
from gateway.pipeline.rows import DeliveryRow
from gateway.store.instant import from_micros, maybe_instant, to_micros
from gateway.store.query import Query, number, number_in, text_in, word
from gateway.store.row_mapping import reader, selected
from gateway.store.schema import HEAD, LEASED, delivery, one_of
from gateway.store.session import Session

_c = delivery.c
columns: Final = selected(delivery, DeliveryRow)
row_of: Final = reader(
    DeliveryRow,
    due_at=from_micros,
    created_at=from_micros,
    sent_at=maybe_instant,
    test=bool,
)


def _ways() -> CTE:
    """Each route with a leasable head once, jumping from one to the next along the index."""
    first = select(func.min(_c.way).label("way")).where(HEAD)
    step = first.cte("ways", recursive=True)
    following = select(func.min(_c.way)).where(HEAD, _c.way > step.c.way).scalar_subquery()
    return step.union_all(select(following).where(step.c.way.is_not(None))).alias("w")


_w = _ways()
_leased_now: ScalarSelect[Any] = (
    select(func.count())
    .where(LEASED, _c.way == _w.c.way, _c.due_at > number_in("now_"))
    .scalar_subquery()
)
_next_due: ScalarSelect[Any] = (
    select(func.min(_c.due_at))
    .where(HEAD, one_of(_c.state, "due"), _c.way == _w.c.way)
    .scalar_subquery()
)
_next_end: ScalarSelect[Any] = (
    select(func.min(_c.due_at)).where(LEASED, _c.way == _w.c.way).scalar_subquery()
)
_ROUTES: Final = Query(
    select(_w.c.way, _leased_now, _next_due, _next_end).where(_w.c.way.is_not(None))
)
_PICK: Final = Query(
    select(_c.seq.label("row"), *columns)
    .where(HEAD, _c.way == text_in("way_"), _c.due_at <= number_in("now_"))
    .order_by(_c.due_at, _c.seq)
    .limit(number_in("limit_"))
    .with_for_update(skip_locked=True)
)
_LEASE: Final = Query(
    update(delivery)
    .where(_c.seq == number_in("seq_"))
    .values(state=word("leased"), fence=_c.fence + number(1)),
    ("due_at", "leased_by"),
)
_FENCE: Final = [column.key for column in columns].index("fence")
_STATE: Final = [column.key for column in columns].index("state")
_DUE_AT: Final = [column.key for column in columns].index("due_at")


def lease_due(
    session: Session, now: datetime, until: datetime, owner: str, limit: int
) -> list[DeliveryRow]:
    """See the port."""
    # Two processes that lease at once would both count the free slots.
    session.lock("delivery-leases")
    now_, until_ = to_micros(now), to_micros(until)
    leased: list[DeliveryRow] = []
    for way, busy, _due, _end in session.fetch(_ROUTES, now_=now_):
        free = min(DELIVERY_SLOTS_PER_ROUTE - busy, limit - len(leased))
        if free > 0:
            leased += _lease_of(session, way, free, (now_, until_, owner))
    return leased


def _lease_of(
    session: Session, way: str, free: int, terms: tuple[int, int, str]
) -> list[DeliveryRow]:
    now, until, owner = terms
    rows = [list(row) for row in session.fetch(_PICK, way_=way, now_=now, limit_=free)]
    session.many(_LEASE, [{"seq_": row[0], "due_at": until, "leased_by": owner} for row in rows])
    found = []
    for _seq, *values in rows:
        values[_STATE] = "leased"
        values[_FENCE] += 1
        values[_DUE_AT] = until
        found.append(row_of(values))
    return found


def next_due(session: Session) -> datetime | None:
    """When something can be leased: of a route without free slots, when a lease ends."""
    times = []
    for _way, busy, due, end in session.fetch(_ROUTES, now_=session.now()):
        times += [end] if busy >= DELIVERY_SLOTS_PER_ROUTE else [due, end]
    known = [time for time in times if time is not None]
    return from_micros(min(known)) if known else None
