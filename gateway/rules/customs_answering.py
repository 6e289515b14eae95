"""What an answer of customs does to an application: moves it forward, or is kept and flagged.

Source: S2-36, S2-43, H-23, H-24; `customs_life.takes_answer` says which moves are forward.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.rules.customs_life import State, takes_answer
from gateway.rules.verdict import kind

# repeat: says what is so already.  late: about a state that was left, or older than the newest.
# contradictory: forbids or demands what the application is not in.
Flag = Literal["repeat", "late", "contradictory"]

APPLICATION_UNKNOWN = kind(
    "CUSTOMS_APPLICATION_UNKNOWN",
    "没有预录入编号为“{value}”的预约申请",
    "there is no application “{value}”",
)
ANSWERER_FOREIGN = kind(
    "CUSTOMS_ANSWER_FOREIGN",
    "申请“{value}”未发送给本方，不能回执",
    "application “{value}” was not sent to this party, so it cannot answer it",
)
ANSWER_NOT_APPLIED = kind(
    "CUSTOMS_ANSWER_NOT_APPLIED",
    "申请“{value}”现为“{state}”，回执“{answer}”已保存但未生效({flag})",
    "application “{value}” is in “{state}”: answer “{answer}” is kept and not applied ({flag})",
    severity="warning",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An application as an answer meets it.

    before: states it was in earlier.  answered_at: customs' time of the newest answer applied.
    fed_back: its declaration numbers (or its explanation) are with us already.
    """

    state: State
    before: Collection[State] = ()
    answered_at: datetime | None = None
    fed_back: bool = False


def flag_of(standing: Standing, answer: State, answered_at: datetime) -> Flag | None:
    """Why an answer is not applied; None where it moves the state."""
    if answer is standing.state:
        return "repeat"
    if standing.answered_at is not None and answered_at < standing.answered_at:
        return "late"
    if answer is State.CLEARED_UNFED and standing.fed_back:
        return "contradictory"
    if takes_answer(standing.state, answer):
        return None
    return "late" if answer in standing.before else "contradictory"


def marks_unfed(state: State, *, fed_back: bool) -> bool:
    """Whether the end of the five days makes 通关完成未反馈 of it (S2-25, S2-31)."""
    return state is State.BOOKED and not fed_back


def after_feedback(state: State) -> State:
    """What was only waiting for its numbers, or the explanation, is 通关完成."""
    return State.CLEARED if state is State.CLEARED_UNFED else state
