"""Shapes of customs appointments over HTTP; instants of the service are UTC, of the form +08:00."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from gateway.adapters.http.shapes import Shape
from gateway.canonical.customs_application import CustomsDeclaration, Number
from gateway.canonical.model import Many, Model
from gateway.limits import (
    CUSTOMS_BATCH_MAX,
    CUSTOMS_DECLARATIONS_TAKEN_MAX,
    CUSTOMS_EXPLANATION_CHARACTERS_MAX,
)
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.desk import Dossier
from gateway.pipeline.customs.office import Act
from gateway.pipeline.customs.rows import ApplicationRow, AttachmentRow
from gateway.rules.customs_life import feedback_deadline


class FeedbackBody(Model):
    """Declaration numbers of an approved application: all of them, each time."""

    declarations: Annotated[
        Many[CustomsDeclaration], Field(max_length=CUSTOMS_DECLARATIONS_TAKEN_MAX)
    ]


class ExplanationBody(Model):
    """情况说明: text; a PDF is uploaded before, with purpose = explanation."""

    text: Annotated[str, Field(max_length=CUSTOMS_EXPLANATION_CHARACTERS_MAX)] = ""


class BatchBody(Model):
    """Drafts to delete."""

    numbers: Annotated[Many[Number], Field(min_length=1, max_length=CUSTOMS_BATCH_MAX)]


class AppointmentLine(Shape):
    """An application in a list (S2-46); start and end to the second, +08:00."""

    number: str
    state: str
    revision: int
    reference: str | None
    application_number: str | None
    declarant: str | None
    consignee: str | None
    applied_at: datetime
    start: str | None
    end: str | None
    test: bool


class AppointmentPage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[AppointmentLine]
    cursor: str | None


class Appointment(AppointmentLine):
    """An application; feedback_until: the last instant to feed numbers back, once approved.

    decision: about the last submission.  repeat: nothing new was done.  findings: warnings beside
    the acceptance.
    """

    partner: str
    account: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    answered_at: datetime | None
    fed_back_at: datetime | None
    explained_at: datetime | None
    feedback_until: str | None
    form: dict[str, Any]
    decision: dict[str, Any]
    repeat: bool = False
    findings: list[dict[str, Any]] = Field(default_factory=list)


class Attachment(Shape):
    """A PDF; pages: bytes of each page written alone."""

    id: int
    purpose: str
    name: str
    size: int
    sha256: str
    pages: list[int]
    created_at: datetime


class FedBack(Shape):
    """A declaration number with what did not fit."""

    declaration: dict[str, Any]
    findings: list[dict[str, Any]]
    fed_back_at: datetime


class Explained(Shape):
    """The explanation."""

    text: str
    explained_at: datetime


class CustomsSaid(Shape):
    """An answer of customs; flag: why it was kept and not applied."""

    state: str
    answered_at: datetime
    received_at: datetime
    reason: str
    applied: bool
    flag: str | None


class Happened(Shape):
    """A line of history; state: the one after it."""

    at: datetime
    event: str
    state: str
    who: str


class AppointmentDossier(Appointment):
    """An application with everything that belongs to it."""

    attachments: list[Attachment]
    declarations: list[FedBack]
    explanation: Explained | None
    answers: list[CustomsSaid]
    history: list[Happened]


class DeletedDrafts(Shape):
    """deleted: gone now; unknown: not there (any more), or not this account's."""

    deleted: list[str]
    unknown: list[str]


class WorkingDay(Shape):
    """One opening of a working day; a day with a break stands twice."""

    date: date
    open: str
    close: str


class PortWorkingTime(Shape):
    """Working time of a port; days off are not shown (S2-37).

    zh, en: what the single window says where nothing was found.
    """

    port: str
    name: str
    days: list[WorkingDay]
    zh: str
    en: str


class GoodsCode(Shape):
    """A line of the classification list."""

    code: str
    name: str


class GoodsCodes(Shape):
    """Codes that begin with the prefix, in order; more: there are others."""

    items: list[GoodsCode]
    more: bool


def line_of(row: ApplicationRow) -> dict[str, Any]:
    """The members of a line."""
    return {
        "number": row.number,
        "state": row.state,
        "revision": row.revision,
        "reference": row.reference,
        "application_number": row.application_number,
        "declarant": (row.form.get("declarant") or {}).get("name"),
        "consignee": (row.form.get("consignee") or {}).get("name"),
        "applied_at": row.applied_at,
        "start": forms.shown(row.start_at),
        "end": forms.shown(forms.end_of(row.start_at)),
        "test": row.test,
    }


def appointment_of(act: Act) -> Appointment:
    """The answer to an act that was done."""
    row = act.application
    assert row is not None
    found = act.verdict.findings if act.verdict else ()
    told = [finding.as_json() for finding in found]
    return Appointment(**_members(row), repeat=act.repeat, findings=told)


def _members(row: ApplicationRow) -> dict[str, Any]:
    approved = row.state in ("预约成功", "通关完成未反馈") and row.start_at is not None
    until = feedback_deadline(row.start_at) if approved and row.start_at else None
    return line_of(row) | {
        "partner": row.partner,
        "account": row.account,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "submitted_at": row.submitted_at,
        "answered_at": row.answered_at,
        "fed_back_at": row.fed_back_at,
        "explained_at": row.explained_at,
        "feedback_until": forms.shown(until),
        "form": row.form,
        "decision": row.decision,
    }


def dossier_of(found: Dossier) -> AppointmentDossier:
    """Everything about one application."""
    said = found.explanation
    return AppointmentDossier(
        **_members(found.application),
        attachments=[attachment_of(file) for file in found.attachments],
        declarations=[FedBack.model_validate(each) for each in found.declarations],
        explanation=Explained.model_validate(said) if said else None,
        answers=[CustomsSaid.model_validate(each) for each in found.answers],
        history=[Happened.model_validate(each) for each in found.history],
    )


def attachment_of(row: AttachmentRow) -> Attachment:
    """One PDF."""
    return Attachment(
        id=row.seq,
        purpose=row.purpose,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        pages=list(row.pages),
        created_at=row.created_at,
    )
