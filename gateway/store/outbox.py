"""OUTBOX: events for the runners, written in the transaction that makes them true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select

from gateway.pipeline.rows import OutboxRow
from gateway.store.instant import from_micros
from gateway.store.query import Query, insert, number_in, text_in, word
from gateway.store.row_mapping import reader, selected
from gateway.store.schema import NEW_EVENT, claim, outbox
from gateway.store.session import Session

_PUT: Final = Query(
    insert(outbox).inline().values(state=word("new")),
    ("stage", "subject", "revision", "lane", "created_at"),
)
_TAKE: Final = Query(
    select(*selected(outbox, OutboxRow, id=outbox.c.seq))
    .where(NEW_EVENT)
    .order_by(outbox.c.seq)
    .limit(number_in("limit_"))
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

    def take(self, limit: int) -> list[OutboxRow]:
        return [_row(row) for row in self._session.fetch(_TAKE, limit_=limit)]

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
