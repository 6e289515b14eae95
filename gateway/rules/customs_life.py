"""The life of a customs application: its states, cancelling, feeding back, explaining, querying.

Source: rules.md F.2 (S2-29 … S2-38, S2-43, S2-45), the aftercare table of G.2, H-9, H-11, H-23,
H-24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from gateway.findings import Finding
from gateway.limits import CUSTOMS_QUERY_DAYS_MAX
from gateway.rules.calendar import PORT_ZONE, Calendar, Hours, days_between
from gateway.rules.customs_application import attachment_findings
from gateway.rules.customs_declarations import NUMBERS
from gateway.rules.customs_form import Application, Attachment
from gateway.rules.registration import check_credit_code, check_customs_code
from gateway.rules.verdict import NOTHING, Clause, Verdict, ask, conclude, kind

# S2-31, H-11: within 5 × 24 h after the start; the last instant is in time.
FEEDBACK_WITHIN = timedelta(days=5)


class State(StrEnum):
    """The states of S2-36.  未受理 is used only for a customs answer of that name (H-23)."""

    DRAFT = "暂存"
    SUBMITTED = "申报"
    NOT_ACCEPTED = "未受理"
    ACCEPTED = "已受理"
    BOOKED = "预约成功"
    RETURNED = "退单"
    CANCELLED = "已取消"
    CLEARED_UNFED = "通关完成未反馈"
    CLEARED = "通关完成"


# S2-29.
CANCELLABLE = frozenset({State.ACCEPTED, State.BOOKED})
# H-24: "审批通过" is 预约成功; what was cleared without feedback still wants it.
FEEDABLE = frozenset({State.BOOKED, State.CLEARED_UNFED})
# What customs may answer in which state; anything else is kept and flagged, never applied.
_ANSWERS: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.NOT_ACCEPTED, State.ACCEPTED, State.BOOKED, State.RETURNED}),
    State.NOT_ACCEPTED: frozenset({State.ACCEPTED, State.BOOKED, State.RETURNED}),
    State.ACCEPTED: frozenset({State.BOOKED, State.RETURNED, State.CANCELLED}),
    State.BOOKED: frozenset({State.CANCELLED, State.CLEARED_UNFED, State.CLEARED}),
    State.CLEARED_UNFED: frozenset({State.CLEARED}),
}

NOT_CANCELLABLE = kind(
    "NOT_CANCELLABLE",
    "状态“{value}”不能取消预约",
    "an application in state “{value}” cannot be cancelled",
    (
        "只有“已受理”“预约成功”可以取消；“暂存”请直接删除",
        "only 已受理 and 预约成功 can be cancelled; a draft (暂存) is deleted instead",
    ),
)
TIME_REACHED = kind(
    "TIME_REACHED",
    "已到预约时间，不能取消",
    "the booked time has come; it cannot be cancelled any more",
)
NOT_DELETABLE = kind(
    "NOT_DELETABLE",
    "只有“暂存”的申请可以删除，现为“{value}”",
    "only drafts (暂存) can be deleted, this one is “{value}”",
)
NOT_APPROVED = kind(
    "NOT_APPROVED",
    "海关审批通过(预约成功)后才可操作，现为“{value}”",
    "only after customs' approval (预约成功); the state is “{value}”",
)
FEEDBACK_LATE = kind(
    "FEEDBACK_LATE",
    "已超过预约时间后 5 天(截止 {deadline})",
    "later than 5 days after the booked time (until {deadline})",
    ("请提交情况说明", "send an explanation (情况说明)"),
)
NO_NUMBERS = kind("NO_DECLARATIONS", "没有报关单号", "no declaration number is given")
EXPLAINED = kind(
    "ALREADY_EXPLAINED",
    "情况说明只能提交一次",
    "an explanation can be sent once only",
)
NO_EXPLANATION = kind(
    "NO_EXPLANATION", "情况说明没有文字也没有附件", "the explanation has neither text nor a file"
)
APPLIED_SPAN = kind(
    "QUERY_SPAN",
    "申请时间查询范围不能超过15天",
    "the span of application time cannot exceed 15 days",
)
BOOKED_SPAN = kind(
    "QUERY_SPAN",
    "预约时间查询范围不能超过15天",
    "the span of booked time cannot exceed 15 days",
)
WORKING_SPAN = kind(
    "QUERY_SPAN",
    "口岸工作时间查询范围不能超过15天",
    "the span of working time cannot exceed 15 days",
)
CONSIGNEE_CODE = kind(
    "CONSIGNEE_CODE",
    "以收发货人查询须填写其 10 位海关编码或 18 位统一社会信用代码",
    "a query as consignee needs its customs code (10) or credit code (18)",
)
REVERSED = kind("QUERY_ORDER", "查询起始日期晚于截止日期", "the query ends before it begins")
NO_WORKING_TIME = kind(
    "CALENDAR_EMPTY",
    "未查询到口岸工作时间，请联系口岸更新工作日历",
    "no working time was found; contact the port to update its calendar",
    severity="warning",
)

DELETE = (Clause("customs-delete", "1", "S2-35"),)
CANCEL = (Clause("customs-cancel", "1", "S2-29, S2-30, H-23"),)
_FEEDBACK = Clause("customs-feedback", "1", "S2-31, H-11, H-24")
FEEDBACK = (_FEEDBACK, *(check.clause for check in NUMBERS))
EXPLAIN = (Clause("customs-explain", "1", "S2-32, S2-45, H-24"),)
QUERY = (Clause("customs-query", "1", "S2-33, S2-34, S2-37, H-9"),)
Span = Literal["applied", "booked", "working"]
Side = Literal["A", "B"]
_SPANS = {"applied": APPLIED_SPAN, "booked": BOOKED_SPAN, "working": WORKING_SPAN}


def decide_delete(state: State) -> Verdict:
    """Drafts only (S2-35)."""
    found = NOTHING if state is State.DRAFT else (NOT_DELETABLE.at(value=state),)
    return conclude(found, DELETE, ("可以删除", "may be deleted"))


def decide_cancel(state: State, start: datetime, now: datetime) -> Verdict:
    """已受理 or 预约成功, and before the booked time (S2-29, S2-30; B1 … B3)."""
    found = []
    if state not in CANCELLABLE:
        found.append(NOT_CANCELLABLE.at(value=state))
    if now >= start:
        found.append(TIME_REACHED.at())
    return conclude(found, CANCEL, ("可以取消预约", "may be cancelled"))


def feedback_deadline(start: datetime) -> datetime:
    """The last instant to feed declaration numbers back (S2-31, H-11)."""
    return start.astimezone(PORT_ZONE) + FEEDBACK_WITHIN


def decide_feedback(form: Application, state: State, start: datetime, now: datetime) -> Verdict:
    """After approval, within 5 days after the start, and the numbers fit the application."""
    found: list[Finding] = []
    deadline = feedback_deadline(start)
    if state not in FEEDABLE:
        found.append(NOT_APPROVED.at(value=state))
    if now > deadline:
        found.append(FEEDBACK_LATE.at(deadline=f"{deadline:%Y-%m-%d %H:%M:%S}"))
    if not form.declarations:
        found.append(NO_NUMBERS.at())
    found += ask(NUMBERS, form)
    return conclude(found, FEEDBACK, ("报关单号已反馈", "the declaration numbers are fed back"))


@dataclass(frozen=True, slots=True)
class Explanation:
    """情况说明: free text, one PDF, or both; `sent_before` if one was sent already."""

    text: str = ""
    attachments: Sequence[Attachment] = ()
    sent_before: bool = False


def decide_explain(explanation: Explanation, state: State) -> Verdict:
    """After approval, once, at most one PDF within the bounds of attachments (S2-32, S2-45)."""
    found: list[Finding] = []
    if state not in FEEDABLE:
        found.append(NOT_APPROVED.at(value=state))
    if explanation.sent_before:
        found.append(EXPLAINED.at())
    if not explanation.text.strip() and not explanation.attachments:
        found.append(NO_EXPLANATION.at())
    found += attachment_findings(explanation.attachments, 1)
    return conclude(found, EXPLAIN, ("情况说明可以提交", "the explanation may be sent"))


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for applications: A as 申请企业, B as 收发货人 with its code (S2-33)."""

    side: Side
    code: str | None = None


def decide_query(span: Span, first: date, last: date, asker: Asker | None = None) -> Verdict:
    """`to - from` is at most 15 days (S2-34, S2-37, H-9; B9)."""
    found = []
    if last < first:
        found.append(REVERSED.at())
    if (last - first).days > CUSTOMS_QUERY_DAYS_MAX:
        found.append(_SPANS[span].at())
    if asker is not None and asker.side == "B" and not _is_firm_code(asker.code or ""):
        found.append(CONSIGNEE_CODE.at(value=asker.code or ""))
    return conclude(found, QUERY, ("可以查询", "may be queried"))


def _is_firm_code(code: str) -> bool:
    return check_customs_code(code) is None or check_credit_code(code) is None


def working_time(calendar: Calendar, first: date, last: date) -> list[tuple[date, Hours]]:
    """Working days of a port with their hours, both ends included; days off are not shown (S2-37).

    The caller has asked `decide_query`; an empty list is told as NO_WORKING_TIME.
    """
    days = ((day, calendar.hours(day)) for day in days_between(first, last))
    return [(day, hours) for day, hours in days if hours]


def takes_answer(state: State, answer: State) -> bool:
    """Whether an answer of customs moves the state forward (S2-43).

    A late or contradictory one does not: it is kept and flagged, never applied backwards.
    """
    return answer in _ANSWERS.get(state, frozenset())
