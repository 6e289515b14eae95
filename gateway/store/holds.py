"""HOLDS: documents that wait for a fact; releasing them puts the events of their re-decision."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, delete, select

from gateway.pipeline.rows import HoldRow
from gateway.store.instant import maybe_micros
from gateway.store.outbox import OutboxTable
from gateway.store.query import Query, columns_of, insert, text_in
from gateway.store.row_mapping import storable
from gateway.store.schema import document, hold, interchange
from gateway.store.session import Session

_insert = insert(hold).inline()
_PLACE: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["document", "fact_kind", "fact_key"],
        set_={"until_at": _insert.excluded.until_at},
    ),
    columns_of(hold),
)
_RELEASE: Final = Query(
    delete(hold)
    .where(hold.c.fact_kind == text_in("kind_"), hold.c.fact_key == text_in("key_"))
    .returning(hold.c.document)
)
_SUBJECT: Final = Query(
    select(document.c.revision, interchange.c.order_key)
    .select_from(
        document.join(
            interchange,
            and_(
                interchange.c.id == document.c.interchange,
                interchange.c.attempt == document.c.attempt,
            ),
        )
    )
    .where(document.c.id == text_in("id_"))
)


class HoldTable:
    """The port `Holds`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def place(self, hold: HoldRow) -> None:
        self._session.run(
            _PLACE,
            document=hold.document,
            fact_kind=hold.fact_kind,
            fact_key=storable(hold.fact_key),
            until_at=maybe_micros(hold.until),
        )

    def release(self, fact_kind: str, fact_key: str) -> list[str]:
        """The events are (decide, document, its revision + 1, the lane of its interchange)."""
        session = self._session
        rows = session.fetch(_RELEASE, kind_=fact_kind, key_=storable(fact_key))
        released = sorted(str(row[0]) for row in rows)
        for each in released:
            subject = session.first(_SUBJECT, id_=each)
            if subject is not None:
                revision, order_key = subject
                OutboxTable(session).put("decide", each, revision + 1, order_key)
        return released
