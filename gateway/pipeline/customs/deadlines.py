"""DEADLINES: the five days after the booked time, by timers on the injected clock (S2-31, H-11).

A day before the end the firm is told; where nothing was fed back the end makes 通关完成未反馈 of it,
which bars new applications of both firms (S2-25).  The last instant itself is in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.pipeline.customs import forms
from gateway.pipeline.customs.moves import moved, state_of
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.rows import ApplicationRow
from gateway.pipeline.customs.telling import tell_firm
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import TimerRow
from gateway.pipeline.timers import Handler
from gateway.rules.customs_answering import marks_unfed
from gateway.rules.customs_life import State, feedback_deadline

SOON = "customs_feedback_soon"
OVER = "customs_feedback_over"
_WHO = "clock"
_INSTANT = timedelta(microseconds=1)


def set_deadlines(office: Office, tx: Tx, row: ApplicationRow, now: datetime) -> None:
    """Customs have approved: the clock runs from the booked time."""
    if row.start_at is None or has_answered(row):
        return
    over = feedback_deadline(row.start_at)
    tx.timers.set(TimerRow(SOON, row.number, max(now, over - office.terms.warned)))
    tx.timers.set(TimerRow(OVER, row.number, over + _INSTANT))


def forget_deadlines(tx: Tx, number: str) -> None:
    """Nothing is owed any more."""
    tx.timers.cancel(SOON, number)
    tx.timers.cancel(OVER, number)


def has_answered(row: ApplicationRow) -> bool:
    """Whether the firm has fed its numbers back, or explained."""
    return row.fed_back_at is not None or row.explained_at is not None


def timers(office: Office) -> Mapping[str, Handler]:
    """The handlers of this service's timers."""

    def soon(tx: Tx, timer: TimerRow) -> None:
        _soon(office, tx, timer.key)

    def over(tx: Tx, timer: TimerRow) -> None:
        _over(office, tx, timer.key)

    return {SOON: soon, OVER: over}


def _soon(office: Office, tx: Tx, number: str) -> None:
    row = _owing(tx, number)
    if row is None:
        return
    now = office.clock.now()
    until = forms.shown(feedback_deadline(row.start_at)) if row.start_at else ""
    after = moved(tx, row, "reminded", _WHO, now, {"until": until})
    words = (
        f"请在 {until} 前反馈报关单号，逾期只能提交情况说明",
        f"feed the declaration numbers back by {until}; later only an explanation is taken",
    )
    tell_firm(office, tx, after, "reminded", now, words)


def _over(office: Office, tx: Tx, number: str) -> None:
    row = _owing(tx, number)
    if row is None:
        return
    now = office.clock.now()
    after = moved(tx, row, "overdue", _WHO, now, state=State.CLEARED_UNFED.value)
    words = (
        "预约时间后 5 天内未反馈报关单号，请提交情况说明；在此之前不能新增预约",
        "no declaration number was fed back within 5 days: explain; until then no new application",
    )
    tell_firm(office, tx, after, "overdue", now, words)


def _owing(tx: Tx, number: str) -> ApplicationRow | None:
    """The application, where it is approved and nothing was fed back."""
    tx.customs.applications.lock(number)
    row = tx.customs.applications.find(number)
    if row is None or not marks_unfed(state_of(row), fed_back=has_answered(row)):
        return None
    return row
