"""OUTBOX: events for the runners, written in the transaction that makes them true."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from gateway.pipeline.rows import OutboxRow
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, insert, number_in, text_in, word
from gateway.store.row_mapping import reader, selected
from gateway.store.schema import BEGUN_EVENT, NEW_EVENT, claim, one_of, outbox
from gateway.store.session import Session

_PUT: Final = Query(
    insert(outbox).inline().values(state=word("new")),
    ("stage", "subject", "revision", "lane", "created_at"),
)


class _Waiting:
    """New events in order of their numbers: whole, or the numbers alone, which an index holds."""

    def __init__(self, which: ColumnElement[bool]) -> None:
        after = outbox.c.seq > number_in("after_")
        self.rows = self._query(selected(outbox, OutboxRow, id=outbox.c.seq), which, after)
        self.numbers = self._query([outbox.c.seq], which)

    @staticmethod
    def _query(columns: list[Any], *where: ColumnElement[bool]) -> Query:
        ordered = select(*columns).where(*where).order_by(outbox.c.seq)
        return Query(ordered.limit(number_in("limit_")))


_NEW: Final = _Waiting(NEW_EVENT)
_BEGUN: Final = _Waiting(BEGUN_EVENT)
# For a published row `created_at` is when it was published: it is late from then on.
_PUBLISHED: Final = Query(
    update(outbox)
    .where(outbox.c.seq == number_in("seq_"), NEW_EVENT)
    .values(state=word("published")),
    ("created_at",),
)
_REQUEUE: Final = Query(
    update(outbox)
    .where(one_of(outbox.c.state, "published"), outbox.c.created_at < number_in("before_"))
    .values(state=word("new")),
    ("created_at",),
)
_DONE: Final = Query(delete(outbox).where(outbox.c.seq == number_in("seq_")))
_CLAIM: Final = Query(
    insert(claim).inline().on_conflict_do_nothing(),
    ("stage", "subject", "revision", "claimed_at"),
)
_CLAIMED: Final = Query(
    select(claim.c.claimed_at).where(
        claim.c.stage == text_in("stage_"),
        claim.c.subject == text_in("subject_"),
        claim.c.revision == number_in("revision_"),
    )
)
_BACKLOG: Final = Query(
    select(outbox.c.stage, func.count()).where(NEW_EVENT).group_by(outbox.c.stage)
)
# Of the events that are taken, every so many belong to subjects that have not begun, if such wait.
FIRST_STEPS_SHARE: Final = 4
_row = reader(OutboxRow, created_at=from_micros)


class OutboxTable:
    """The port `Outbox`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, stage: str, subject: str, revision: int, lane: str) -> None:
        session = self._session
        session.woke = True
        session.run(
            _PUT,
            stage=stage,
            subject=subject,
            revision=revision,
            lane=lane,
            created_at=session.now(),
        )

    def take(self, limit: int, after: int = 0) -> list[OutboxRow]:
        return [_row(row) for row in self._session.fetch(_NEW.rows, limit_=limit, after_=after)]

    def take_fresh(self, limit: int, known: Collection[int]) -> list[OutboxRow]:
        begun = self._fresh(_BEGUN, limit - limit // FIRST_STEPS_SHARE, known)
        known = {*known, *(row.id for row in begun)}
        return begun + self._fresh(_NEW, limit - len(begun), known)

    def _fresh(self, waiting: _Waiting, limit: int, known: Collection[int]) -> list[OutboxRow]:
        """The first that are not known; of those that are, no more than the number is read."""
        found = self._session.fetch(waiting.numbers, limit_=limit + len(known))
        numbers = [row[0] for row in found]
        fresh = [each for each in numbers if each not in known][:limit]
        if not fresh:
            return []
        first, last = fresh[0], fresh[-1]
        rows = self._session.fetch(
            waiting.rows,
            after_=first - 1,
            limit_=numbers.index(last) - numbers.index(first) + 1,
        )
        # The id stands first (OutboxRow).
        return [_row(row) for row in rows if row[0] not in known]

    def published(self, ids: Sequence[int]) -> None:
        now = self._session.now()
        self._session.many(_PUBLISHED, [{"seq_": each, "created_at": now} for each in ids])

    def requeue(self, before: datetime) -> int:
        session = self._session
        late = session.run(_REQUEUE, before_=to_micros(before), created_at=session.now())
        session.woke = session.woke or bool(late)
        return late

    def done(self, ids: Sequence[int]) -> None:
        self._session.many(_DONE, [{"seq_": each} for each in ids])

    def claim(self, stage: str, subject: str, revision: int) -> bool:
        session = self._session
        return bool(
            session.run(
                _CLAIM,
                stage=stage,
                subject=subject,
                revision=revision,
                claimed_at=session.now(),
            )
        )

    def claimed(self, stage: str, subject: str, revision: int) -> bool:
        """Whether that step has been recorded."""
        found = self._session.first(_CLAIMED, stage_=stage, subject_=subject, revision_=revision)
        return found is not None

    def backlog(self) -> dict[str, int]:
        return {str(stage): int(count) for stage, count in self._session.fetch(_BACKLOG)}
