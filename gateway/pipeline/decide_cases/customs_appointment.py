"""KIND `customs-appointment`: submit (the default), cancel, delete, feed back, explain, query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from gateway.canonical.model import Code, Many, Model
from gateway.findings import Severity
from gateway.pipeline.decide_cases.shape import (
    Answer,
    Bytes,
    Instant,
    Port,
    answer,
    listed,
    member_of,
)
from gateway.rules import appointment_customs as rules
from gateway.rules import customs_form as form
from gateway.rules import customs_life as life
from gateway.rules import customs_request as asked
from gateway.rules.calendar import Calendar, hours_of
from gateway.rules.credit import credit_table
from gateway.rules.customs_application import FORM
from gateway.rules.customs_declarations import NUMBERS
from gateway.rules.verdict import Verdict, ask, conclude

_FLOWS = {
    "import": "1",
    "进口": "1",
    "I": "1",
    1: "1",
    "export": "0",
    "出口": "0",
    "E": "0",
    0: "0",
}
_FLOW_SCHEMA = {"enum": ["1", "0", *_FLOWS]}


def _flow(value: object) -> object:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return _FLOWS.get(value, value)
    return value


def _opening(pair: tuple[str, str]) -> tuple[str, str]:
    hours_of([pair])
    return pair


def _day(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    hours_of(pairs)
    return pairs


Flow = Annotated[form.Flow, BeforeValidator(_flow), WithJsonSchema(_FLOW_SCHEMA)]
Grade = Annotated[str, member_of(credit_table().grades), listed(credit_table().grades)]
Minute = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Day = Annotated[
    Many[Annotated[tuple[Minute, Minute], AfterValidator(_opening)]], AfterValidator(_day)
]
Switch = Literal["WARN", "ERROR"]


class FirmCase(Model):
    """Declarant or consignee; code: what a declaration's firm is compared with."""

    credit: Grade
    qualified: bool = True
    unfed: bool = False
    code: Code | None = None

    def facts(self) -> asked.Firm:
        """As the rules take it."""
        return asked.Firm(self.credit, self.qualified, self.unfed)


class GoodsCase(Model):
    """A line of the goods list; how long the names may be together is a rule, not a shape."""

    name: str
    hs: str


class AttachmentCase(Model):
    """A file by its sizes in bytes."""

    size: Bytes = Field(alias="bytes")
    pages: Many[Bytes] = ()
    name: str | None = None

    def facts(self) -> form.Attachment:
        """As the rules take it."""
        return form.Attachment(self.size, self.pages, self.name)


class DeclarationCase(Model):
    """A declaration number, and what is known of the declaration."""

    number: str
    flag: Flow | None = None
    firm: Code | None = None
    declaring_port: Port | None = None
    entry_exit_port: Port | None = None
    declared: Instant | date | None = Field(default=None, union_mode="left_to_right")

    def facts(self) -> form.Declaration:
        """As the rules take it."""
        return form.Declaration(
            self.number,
            self.flag,
            self.firm,
            self.declaring_port,
            self.entry_exit_port,
            self.declared,
        )


class _Form(Model):
    submitted: Instant
    start: Instant
    declaring_port: Port
    entry_exit_port: Port
    flag: Flow | None = None
    goods: Many[GoodsCase] = ()
    declarations: Many[DeclarationCase] = ()
    attachments: Many[AttachmentCase] = ()
    reason: str = ""
    mismatch: Switch = "WARN"

    def application(self, firm: str | None) -> form.Application:
        """As the rules take it."""
        return form.Application(
            submitted=self.submitted,
            declaring_port=self.declaring_port,
            entry_exit_port=self.entry_exit_port,
            goods=[form.Goods(each.name, each.hs) for each in self.goods],
            attachments=[each.facts() for each in self.attachments],
            declarations=[each.facts() for each in self.declarations],
            flow=self.flag,
            firm=firm,
            reason=self.reason,
            mismatch=Severity.ERROR if self.mismatch == "ERROR" else Severity.WARNING,
        )


class SubmitCase(_Form):
    """An application is submitted.  calendars: port → day → openings; `[]` is a closed day."""

    event: Literal["submit"] = "submit"
    profile: asked.Profile = "s2"
    declarant: FirmCase
    consignee: FirmCase
    calendars: dict[Port, dict[date, Day]] = Field(default_factory=dict)
    situation: asked.Situation | None = None

    def request(self) -> asked.Request:
        """As the rules take it."""
        return asked.Request(
            submitted=self.submitted,
            start=self.start,
            declaring_port=self.declaring_port,
            entry_exit_port=self.entry_exit_port,
            declarant=self.declarant.facts(),
            consignee=self.consignee.facts(),
            calendars={port: _calendar(days) for port, days in self.calendars.items()},
            profile=self.profile,
            situation=self.situation,
        )


class CancelCase(Model):
    """取消预约."""

    event: Literal["cancel"]
    state: life.State
    start: Instant
    now: Instant


class DeleteCase(Model):
    """删除 of a draft."""

    event: Literal["delete"]
    state: life.State


class FeedbackCase(_Form):
    """反馈报关单号; firm: the code of the application's 收发货人."""

    event: Literal["feedback"]
    state: life.State
    now: Instant
    firm: Code | None = None


class ExplainCase(Model):
    """情况说明."""

    event: Literal["explain"]
    state: life.State
    text: str = ""
    attachments: Many[AttachmentCase] = ()
    sent_before: bool = False


class QueryCase(Model):
    """A span of days; `span` says of what.  side, code: who asks for applications (S2-33)."""

    event: Literal["query"]
    span: life.Span = "applied"
    side: life.Side | None = None
    code: Code | None = None
    first: date = Field(alias="from")
    last: date = Field(alias="to")


class CustomsAnswer(Answer):
    """end, deadline, calendar_day: of an application; state: after a cancellation.

    deadline: the last instant to submit, or to feed back; null where it was not reached.
    """

    end: datetime | None = None
    deadline: datetime | None = None
    calendar_day: date | None = None
    state: life.State | None = None


Case = SubmitCase | CancelCase | DeleteCase | FeedbackCase | ExplainCase | QueryCase


def decide(case: Case) -> CustomsAnswer:
    """One decision about an application."""
    if isinstance(case, SubmitCase):
        return _submit(case)
    if isinstance(case, CancelCase):
        verdict = life.decide_cancel(case.state, case.start, case.now)
        return _moved(verdict, case.state, life.State.CANCELLED)
    if isinstance(case, FeedbackCase):
        return _feedback(case)
    return answer(CustomsAnswer, _plain(case))


def _calendar(days: Mapping[date, tuple[tuple[str, str], ...]]) -> Calendar:
    return Calendar({day: hours_of(pairs) for day, pairs in days.items()})


def _submit(case: SubmitCase) -> CustomsAnswer:
    request = case.request()
    found, timed = rules.examine(request)
    checks = (*FORM, *NUMBERS)
    found += ask(checks, case.application(case.consignee.code))
    clauses = (*rules.clauses(case.profile), *(check.clause for check in checks))
    return answer(
        CustomsAnswer,
        conclude(found, clauses, ("预约时间符合规定", "the time satisfies customs' rules")),
        end=request.end,
        deadline=timed.deadline,
        calendar_day=timed.calendar_day,
    )


def _moved(verdict: Verdict, before: life.State, after: life.State) -> CustomsAnswer:
    state = after if verdict.outcome == "accept" else before
    return answer(CustomsAnswer, verdict, state=state)


def _feedback(case: FeedbackCase) -> CustomsAnswer:
    verdict = life.decide_feedback(case.application(case.firm), case.state, case.start, case.now)
    return answer(CustomsAnswer, verdict, deadline=life.feedback_deadline(case.start))


def _plain(case: DeleteCase | ExplainCase | QueryCase) -> Verdict:
    if isinstance(case, DeleteCase):
        return life.decide_delete(case.state)
    if isinstance(case, QueryCase):
        asker = life.Asker(case.side, case.code) if case.side else None
        return life.decide_query(case.span, case.first, case.last, asker)
    files = [each.facts() for each in case.attachments]
    return life.decide_explain(life.Explanation(case.text, files, case.sent_before), case.state)
