"""ANSWERS of customs: an accepted document `customs_answer` moves the state of its application.

Before: who may answer, and about what.  After: the move, or the answer is kept and flagged; nothing
is ever applied backwards (S2-43).
"""

from __future__ import annotations

from datetime import datetime

from gateway.findings import Finding
from gateway.pipeline.counsel import Adviser, Effect, Matter
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.deadlines import forget_deadlines, has_answered, set_deadlines
from gateway.pipeline.customs.moves import moved, note, state_of
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.parts import Said, is_refused, parts_of, ruling_of
from gateway.pipeline.customs.rows import AnswerRow, ApplicationRow
from gateway.pipeline.customs.telling import hears, tell_firm
from gateway.rules.customs_answering import (
    ANSWER_NOT_APPLIED,
    ANSWERER_FOREIGN,
    APPLICATION_UNKNOWN,
    Flag,
    Standing,
    flag_of,
)
from gateway.rules.customs_life import State
from gateway.rules.decision import Ruling
from gateway.telemetry.events import emit

DOCUMENT = "customs_answer"


def answer_adviser(office: Office) -> Adviser:
    """Asked before an answer is accepted."""
    return Adviser("customs-answer", "1", lambda matter: _ruling(office, matter), _DOCUMENTS)


def answer_effect(office: Office) -> Effect:
    """Done once it is."""
    return Effect(_DOCUMENTS, lambda matter: _apply(office, matter))


_DOCUMENTS = frozenset({DOCUMENT})


def _ruling(office: Office, matter: Matter) -> Ruling:
    return ruling_of(
        matter, ((ordinal, _faults(office, matter, said)) for ordinal, said in parts_of(matter))
    )


def _faults(office: Office, matter: Matter, said: Said) -> list[Finding]:
    row = matter.tx.customs.applications.find(said["number"])
    if row is None or row.submitted_at is None:
        return [APPLICATION_UNKNOWN.at(value=said["number"])]
    if not hears(office.directory.partner(matter.document.partner), row):
        return [ANSWERER_FOREIGN.at(value=row.number)]
    flag = _flag(matter, row, said)
    if flag is None:
        return []
    answer = said["state"]
    return [ANSWER_NOT_APPLIED.at(value=row.number, state=row.state, answer=answer, flag=flag)]


def _flag(matter: Matter, row: ApplicationRow, said: Said) -> Flag | None:
    history = matter.tx.customs.records.history(row.number)
    standing = Standing(
        state=state_of(row),
        before={State(each.state) for each in history},
        answered_at=row.answered_at,
        fed_back=has_answered(row),
    )
    return flag_of(standing, State(said["state"]), _at(said))


def _at(said: Said) -> datetime:
    return datetime.fromisoformat(said["answered_at"])


def _apply(office: Office, matter: Matter) -> None:
    for ordinal, said in parts_of(matter):
        _take(office, matter, ordinal, said)


def _take(office: Office, matter: Matter, ordinal: int, said: Said) -> None:
    """Once per part: a decision may be made again.  One that was left out is not taken."""
    tx, now = matter.tx, matter.now
    tx.customs.applications.lock(said["number"])
    row = tx.customs.applications.find(said["number"])
    if row is None or is_refused(_faults(office, matter, said)):
        return
    flag = _flag(matter, row, said)
    document = matter.document.id
    kept = AnswerRow(
        document=document if ordinal == 1 else f"{document}#{ordinal}",
        application=row.number,
        partner=matter.document.partner,
        state=said["state"],
        answered_at=_at(said),
        received_at=now,
        application_number=said.get("application_number"),
        reason=said.get("reason") or "",
        applied=flag is None,
        flag=flag,
    )
    if not tx.customs.records.answer(kept):
        return
    if flag is not None:
        emit("customs_answer_not_applied", "warning", application=row.number, flag=flag)
        note(tx, row, "answer_kept", kept.partner, now, {"answer": kept.state, "flag": flag})
        return
    _move(office, matter, row, kept)


def _move(office: Office, matter: Matter, row: ApplicationRow, answer: AnswerRow) -> None:
    tx, now = matter.tx, matter.now
    after = moved(
        tx,
        row,
        "answered",
        answer.partner,
        now,
        {"reason": answer.reason, "document": answer.document},
        state=answer.state,
        answered_at=answer.answered_at,
        application_number=answer.application_number or row.application_number,
    )
    if state_of(after) is State.BOOKED:
        set_deadlines(office, tx, after, now)
    else:
        forget_deadlines(tx, row.number)
    words = (
        f"海关回执：{after.state}；预约时间 {forms.shown(after.start_at)}；{answer.reason}".rstrip(
            "；"
        ),
        f"customs answered {after.state}: {answer.reason}".rstrip(": "),
    )
    tell_firm(office, tx, after, "answered", now, words)
