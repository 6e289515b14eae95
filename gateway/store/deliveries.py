"""DELIVERIES: everything that goes out, every try, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select, update

from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import AttemptRow, DeliveryRow, NewDelivery, Page, TimerRow
from gateway.store import audit, delivery_lanes, delivery_leases, letters, new_deliveries
from gateway.store.delivery_leases import columns, row_of
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, reader, selected, storable
from gateway.store.schema import WAITING, delivery, delivery_attempt, one_of
from gateway.store.session import Row, Session
from gateway.store.timers import TimerTable

# The timer that fires when a receiver owes us its word for too long; its key is the delivery.
ACKNOWLEDGEMENT_TIMER: Final = "acknowledgement_overdue"

_c = delivery.c
_a = delivery_attempt.c
_by_id = _c.id == text_in("id_")
_FIND: Final = Query(select(*columns).where(_by_id))
_NUMBERED: Final = Query(select(*columns).where(_c.seq == number_in("seq_")))
_PLACE: Final = Query(
    select(_c.seq, _c.partner, _c.lane, _c.state, _c.fence, _c.acknowledge_by, _c.kind).where(
        _by_id
    )
)
_OF_INTERCHANGE: Final = Query(
    select(*columns).where(_c.interchange == text_in("id_")).order_by(_c.seq)
)
_WAITING: Final = Query(
    select(*columns)
    .where(_c.partner == text_in("partner_"), _c.seq > number_in("after_"), WAITING)
    .order_by(_c.seq)
    .limit(number_in("limit_"))
)
_COLLECT: Final = Query(
    update(delivery)
    .where(_by_id, _c.partner == text_in("partner_"), WAITING)
    .values(state=word("collected")),
    ("sent_at",),
)
# `state` as given; a delivery that is no longer leased under this fence is left alone.
_FINISH: Final = Query(
    update(delivery).where(_by_id, _c.fence == number_in("fence_"), one_of(_c.state, "leased")),
    ("state", "attempts", "due_at", "last_error", "sent_at", "head"),
)
# The receiver's word came before its answer was recorded.
_SENT_LATE: Final = Query(
    update(delivery).where(
        _by_id,
        _c.fence == number_in("fence_"),
        one_of(_c.state, "confirmed", "refused"),
        _c.sent_at.is_(None),
    ),
    ("attempts", "sent_at"),
)
_INSERT_ATTEMPT: Final = Query(
    insert(delivery_attempt).inline(), columns_of(delivery_attempt, "seq")
)
_ATTEMPTS: Final = Query(
    select(*selected(delivery_attempt, AttemptRow, duration_seconds=_a.duration))
    .where(_a.delivery == text_in("id_"))
    .order_by(_a.seq)
)
_ACKNOWLEDGE: Final = Query(
    update(delivery)
    .where(
        _by_id,
        or_(
            one_of(_c.state, "leased", "sent", "collected"),
            and_(one_of(_c.state, "due"), _c.attempts > number(0)),
        ),
    )
    .values(head=number(0)),
    ("state", "last_error"),
)
_SUPERSEDE: Final = Query(
    update(delivery)
    .where(_by_id, one_of(_c.state, "due", "blocked", "dead", "waiting"))
    .values(state=word("superseded"), head=number(0)),
    (),
)
_COPIED: Final = (
    *("partner", "route", "kind", "lane", "subject_kind", "subject", "interchange"),
    *("event_type", "file_name", "content_type", "body", "test", "acknowledge_by"),
)
_COPY: Final = Query(select(_c.created_at, *(_c[name] for name in _COPIED)).where(_by_id))
_attempt = reader(AttemptRow, at=from_micros, duration_seconds=lambda micros: micros / 1_000_000)


class DeliveryTable:
    """The port `Deliveries`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, deliveries: Sequence[NewDelivery]) -> None:
        new_deliveries.add(self._session, deliveries)

    def lease_due(
        self, now: datetime, until: datetime, owner: str, limit: int
    ) -> list[DeliveryRow]:
        return delivery_leases.lease_due(self._session, now, until, owner, limit)

    def next_due(self) -> datetime | None:
        return delivery_leases.next_due(self._session)

    def finish(
        self, delivery: str, fence: int, attempt: AttemptRow, due_at: datetime | None
    ) -> None:
        session = self._session
        place = self._place(delivery)
        partner, lane = place[1], place[2]
        delivery_lanes.lock(session, partner, lane)
        sent = attempt.outcome == "sent"
        again = attempt.outcome == "retry" and due_at is not None
        at = to_micros(attempt.at)
        done = session.run(
            _FINISH,
            id_=delivery,
            fence_=fence,
            state="sent" if sent else "due" if again else "dead",
            attempts=attempt.number,
            due_at=to_micros(due_at) if due_at is not None and again else at,
            last_error=None if sent else storable(attempt.detail),
            sent_at=at if sent else None,
            head=int(again),
        )
        if not done:
            self._finish_late(delivery, fence, attempt)
            return
        self._record(attempt)
        if sent:
            self._await_word(delivery, place[5])
            delivery_lanes.promote(session, partner, lane)
        elif again:
            session.woke = True
        else:
            tries = self.attempts(delivery)
            letters.open_for_delivery(session, delivery, (partner, lane), tries)
            delivery_lanes.block(session, partner, lane)

    def _finish_late(self, delivery: str, fence: int, attempt: AttemptRow) -> None:
        known = attempt.outcome == "sent" and self._session.run(
            _SENT_LATE,
            id_=delivery,
            fence_=fence,
            attempts=attempt.number,
            sent_at=to_micros(attempt.at),
        )
        if not known:
            raise Stale(f"lease {fence} of delivery {delivery} has been succeeded")
        self._record(attempt)

    def _record(self, attempt: AttemptRow) -> None:
        self._session.run(
            _INSERT_ATTEMPT,
            delivery=attempt.delivery,
            number=attempt.number,
            at=to_micros(attempt.at),
            outcome=attempt.outcome,
            detail=storable(attempt.detail),
            status=attempt.status,
            duration=round(attempt.duration_seconds * 1_000_000),
        )

    def _await_word(self, delivery: str, acknowledge_by: int | None) -> None:
        if acknowledge_by is not None:
            timer = TimerRow(ACKNOWLEDGEMENT_TIMER, delivery, from_micros(acknowledge_by))
            TimerTable(self._session).set(timer)

    def _place(self, delivery: str) -> Row:
        row = self._session.first(_PLACE, id_=delivery)
        if row is None:
            raise LookupError(f"no delivery {delivery}")
        return row

    def find(self, delivery: str) -> DeliveryRow | None:
        row = self._session.first(_FIND, id_=delivery)
        return None if row is None else row_of(row)

    def numbered(self, seq: int) -> DeliveryRow | None:
        row = self._session.first(_NUMBERED, seq_=seq)
        return None if row is None else row_of(row)

    def attempts(self, delivery: str) -> list[AttemptRow]:
        return [_attempt(row) for row in self._session.fetch(_ATTEMPTS, id_=delivery)]

    def of_interchange(self, interchange: str) -> list[DeliveryRow]:
        return [row_of(row) for row in self._session.fetch(_OF_INTERCHANGE, id_=interchange)]

    def waiting(self, partner: str, limit: int, cursor: str | None = None) -> Page:
        after = 0 if cursor is None else int(cursor)
        rows = self._session.fetch(_WAITING, partner_=partner, after_=after, limit_=limit)
        found = [row_of(row) for row in rows]
        return Page(found, str(found[-1].seq) if len(found) == limit else None)

    def collect(self, partner: str, delivery: str) -> bool:
        session = self._session
        if not session.run(_COLLECT, id_=delivery, partner_=partner, sent_at=session.now()):
            return False
        self._await_word(delivery, self._place(delivery)[5])
        return True

    def acknowledge(self, delivery: str, accepted: bool, detail: str) -> bool:
        """Also of one that is not known to be sent: a word about it proves that it arrived."""
        session = self._session
        place = session.first(_PLACE, id_=delivery)
        if place is None:
            return False
        _seq, partner, lane, *_rest = place
        delivery_lanes.lock(session, partner, lane)
        news = session.run(
            _ACKNOWLEDGE,
            id_=delivery,
            state="confirmed" if accepted else "refused",
            last_error=None if accepted else maybe_storable(detail),
        )
        if not news:
            return False
        TimerTable(session).cancel(ACKNOWLEDGEMENT_TIMER, delivery)
        delivery_lanes.promote(session, partner, lane)
        return True

    def resend(self, delivery: str) -> str:
        """An open one is superseded; raises Stale while it is leased, LookupError if unknown."""
        session = self._session
        place = self._place(delivery)
        partner, lane = place[1], place[2]
        delivery_lanes.lock(session, partner, lane)
        state = self._place(delivery)[3]
        if session.run(_SUPERSEDE, id_=delivery):
            letters.close_of_delivery(session, delivery, "replayed")
            if state == "dead":
                delivery_lanes.unblock(session, partner, lane)
            else:
                delivery_lanes.promote(session, partner, lane)
        elif self._place(delivery)[3] == "leased":
            raise Stale(f"delivery {delivery} is being sent")
        again = self._again(delivery)
        self.add([again])
        audit.record(session, session.owner, "delivery.resent", delivery, {"as": again.id})
        return again.id

    def _again(self, delivery: str) -> NewDelivery:
        message, _, revision = delivery.rpartition("-")
        following = int(revision) + 1
        while self._session.first(_PLACE, id_=f"{message}-{following}"):
            following += 1
        row = self._session.first(_COPY, id_=delivery)
        assert row is not None
        created_at, *values = row
        copied = dict(zip(_COPIED, values, strict=True))
        by = copied.pop("acknowledge_by")
        now = self._session.now()
        return NewDelivery(
            **{**copied, "test": bool(copied["test"])},
            id=f"{message}-{following}",
            due_at=from_micros(now),
            # As long from now as the first one had.
            acknowledge_by=None if by is None else from_micros(now + by - created_at),
        )
