"""LETTERS: rows of dead letters, opened once per (stage, subject, revision) and then counted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update

from gateway.limits import DEAD_LETTER_ERROR_CHARACTERS_MAX, DEAD_LETTER_TRACE_CHARACTERS_MAX
from gateway.pipeline.rows import AttemptRow
from gateway.store.instant import to_micros
from gateway.store.query import Query, insert, text_in, word
from gateway.store.row_mapping import storable
from gateway.store.schema import OPEN_LETTER, dead_letter
from gateway.store.session import Session

_c = dead_letter.c
_insert = insert(dead_letter).values(state=word("open"))
_OPEN: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["stage", "subject", "revision"],
        index_where=OPEN_LETTER,
        set_={
            name: _insert.excluded[name]
            for name in ("code", "error", "trace", "last_at", "attempts")
        },
    ).returning(_c.seq),
    (
        *("stage", "subject", "revision", "partner", "lane", "code", "error", "trace"),
        *("first_at", "last_at", "attempts"),
    ),
)
_CLOSE: Final = Query(
    update(dead_letter).where(
        _c.stage == word("deliver"), _c.subject == text_in("subject_"), OPEN_LETTER
    ),
    ("state", "owner"),
)


def open_letter(session: Session, at: int, **letter: object) -> int:
    """Open or refresh; returns its number.  Texts are cut to their limits."""
    error = storable(str(letter.pop("error")))[:DEAD_LETTER_ERROR_CHARACTERS_MAX]
    # The end of a trace says what happened.
    trace = storable(str(letter.pop("trace")))[-DEAD_LETTER_TRACE_CHARACTERS_MAX:]
    number = session.scalar(_OPEN, **letter, error=error, trace=trace, first_at=at, last_at=at)
    return int(number)


def open_for_delivery(
    session: Session, delivery: str, place: tuple[str, str], tries: list[AttemptRow]
) -> int:
    """A delivery that was refused, or whose tries are used up.

    place: its partner and lane.  tries: oldest first; the last one decides.
    """
    partner, lane = place
    attempt = tries[-1]
    return open_letter(
        session,
        to_micros(attempt.at),
        stage="deliver",
        subject=delivery,
        revision=revision_of(delivery),
        partner=partner,
        lane=lane,
        code="DELIVERY_REFUSED" if attempt.outcome == "refused" else "DELIVERY_EXHAUSTED",
        error=attempt.detail,
        trace="\n".join(map(_line, tries)),
        attempts=attempt.number,
    )


def _line(attempt: AttemptRow) -> str:
    status = "" if attempt.status is None else f" {attempt.status}"
    return f"{attempt.at.isoformat()} {attempt.number} {attempt.outcome}{status} {attempt.detail}"


def close_of_delivery(session: Session, delivery: str, state: str) -> None:
    """The open letter of a delivery, if there is one, is settled by what was done to it."""
    session.run(_CLOSE, subject_=delivery, state=state, owner=session.owner)


def revision_of(delivery: str) -> int:
    """The last part of `{message}-{leg}-{revision}`."""
    revision = delivery.rpartition("-")[2]
    return int(revision) if revision.isdigit() else 1
