"""DEAD LETTERS: events and deliveries that need a person; nothing is dropped."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, or_, select, update

from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import DeadLetter, Page
from gateway.store import audit, delivery_lanes, order_lanes
from gateway.store.instant import from_micros
from gateway.store.letters import open_letter
from gateway.store.query import Query, number, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, reader, selected
from gateway.store.schema import (
    OPEN_LETTER,
    UNDECIDED,
    dead_letter,
    delivery,
    document,
    interchange,
    one_of,
)
from gateway.store.session import Session

_c = dead_letter.c
_i = interchange.c
_d = delivery.c
_columns = selected(dead_letter, DeadLetter, id=_c.seq)
_by_seq = _c.seq == number_in("seq_")
_FIND: Final = Query(select(*_columns).where(_by_seq))


def _page_query(state: str | None) -> Query:
    query: Select[Any] = select(*_columns).where(_c.seq < number_in("before_"))
    if state is not None:
        query = query.where(one_of(_c.state, state))
    return Query(query.order_by(_c.seq.desc()).limit(number_in("limit_")))


_PAGES: Final = {state: _page_query(state) for state in (None, "open", "replayed", "skipped")}
# The same settlement once more is no contradiction: a resend has already said `replayed`.
_SETTLE: Final = Query(
    update(dead_letter).where(_by_seq, or_(OPEN_LETTER, _c.state == text_in("state_"))),
    ("state", "owner", "note"),
)
_INTERCHANGE: Final = Query(
    select(_i.partner, _i.order_key).where(_i.id == text_in("id_")).with_for_update()
)
_OF_DOCUMENT: Final = Query(
    select(_i.partner, _i.order_key)
    .select_from(interchange.join(document, document.c.interchange == _i.id))
    .where(document.c.id == text_in("id_"))
)
_OF_DELIVERY: Final = Query(select(_d.partner, _d.lane).where(_d.id == text_in("id_")))
_KILL: Final = Query(
    update(interchange)
    .where(_i.id == text_in("id_"), UNDECIDED)
    .values(state=word("dead"), live=number(0)),
    (),
)
_REVIVE: Final = Query(
    update(delivery)
    .where(_d.id == text_in("id_"), one_of(_d.state, "dead"))
    .values(state=word("due"), attempts=number(0), head=number(0)),
    ("due_at",),
)
_SKIP: Final = Query(
    update(delivery)
    .where(_d.id == text_in("id_"), one_of(_d.state, "dead"))
    .values(state=word("skipped"), head=number(0)),
    (),
)
_row = reader(DeadLetter, first_at=from_micros, last_at=from_micros)
_END: Final = 2**62


class DeadLetterTable:
    """The port `DeadLetters`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def bury(  # the port's
        self,
        stage: str,
        subject: str,
        revision: int,
        error: BaseException,
        trace: str,
        attempts: int,
    ) -> int:
        session = self._session
        interchange = session.first(_INTERCHANGE, id_=subject)
        owner = interchange or session.first(_OF_DOCUMENT, id_=subject)
        owner = owner or session.first(_OF_DELIVERY, id_=subject) or ("", "")
        number = open_letter(
            session,
            session.now(),
            stage=stage,
            subject=subject,
            revision=revision,
            partner=owner[0],
            lane=owner[1],
            code=type(error).__name__,
            error=error,
            trace=trace,
            attempts=attempts,
        )
        if interchange is not None:
            self._kill(subject, str(interchange[1]))
        return number

    def _kill(self, interchange: str, order_key: str) -> None:
        order_lanes.lock(self._session, order_key)
        if self._session.run(_KILL, id_=interchange):
            order_lanes.announce_next(self._session, order_key)

    def page(self, state: str | None, cursor: str | None, limit: int) -> Page:
        query = _PAGES.get(state)
        if query is None:
            return Page()
        before = _END if cursor is None else int(cursor)
        found = [_row(row) for row in self._session.fetch(query, before_=before, limit_=limit)]
        return Page(found, str(found[-1].id) if len(found) == limit else None)

    def find(self, dead_letter: int) -> DeadLetter | None:
        row = self._session.first(_FIND, seq_=dead_letter)
        return None if row is None else _row(row)

    def settle(self, dead_letter: int, state: str, by: str, note: str | None) -> None:
        """Raises LookupError for an unknown letter, Stale for one that is settled otherwise."""
        session = self._session
        letter = self.find(dead_letter)
        if letter is None:
            raise LookupError(f"no dead letter {dead_letter}")
        note = maybe_storable(note)
        if not session.run(
            _SETTLE, seq_=dead_letter, state=state, state_=state, owner=by, note=note
        ):
            raise Stale(f"dead letter {dead_letter} is settled")
        audit.record(
            session,
            by,
            f"dead-letter.{state}",
            letter.subject,
            {"dead_letter": dead_letter, "stage": letter.stage, "note": note},
        )
        if letter.stage == "deliver":
            self._move_delivery(letter, state)

    def _move_delivery(self, letter: DeadLetter, state: str) -> None:
        session = self._session
        delivery_lanes.lock(session, letter.partner, letter.lane)
        if state == "replayed":
            session.run(_REVIVE, id_=letter.subject, due_at=session.now())
        else:
            session.run(_SKIP, id_=letter.subject)
        delivery_lanes.unblock(session, letter.partner, letter.lane)
