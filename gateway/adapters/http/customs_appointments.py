"""`/v1/customs-appointments`: applications for clearance by appointment 预约通关."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, Field

from gateway import limits
from gateway.adapters.http import cursor, problem
from gateway.adapters.http import customs_appointments_papers as papers
from gateway.adapters.http import customs_appointments_shapes as shapes
from gateway.adapters.http.customs_appointments_access import active, checked, desk, done
from gateway.adapters.http.customs_appointments_problems import of_batch, of_verdict
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.customs_application import CustomsForm
from gateway.pipeline.customs.asking import Days, Search
from gateway.pipeline.customs.office import Act
from gateway.pipeline.rows import AccountRef

PREFIX = "/v1/customs-appointments"
Number = Annotated[str, Path(pattern=r"^YTG[0-9]{15}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class ListQuery(BaseModel):
    """The query form (S2-33): side A 申请企业 or B 收发货人 with its code; spans of days."""

    side: Literal["A", "B"] = "A"
    code: Annotated[str | None, Field(pattern=r"^[0-9A-Z]{1,18}$")] = None
    state: Annotated[str | None, Field(max_length=10)] = None
    number: Annotated[str | None, Field(max_length=20)] = None
    reference: Annotated[str | None, Field(max_length=70)] = None
    applied_from: date | None = None
    applied_to: date | None = None
    booked_from: date | None = None
    booked_to: date | None = None
    limit: Annotated[int, Field(ge=1, le=limits.HTTP_PAGE_MAX)] = limits.HTTP_PAGE_DEFAULT
    cursor: Annotated[str | None, Field(max_length=limits.HTTP_CURSOR_CHARACTERS_MAX)] = None

    def search(self, at: str | None) -> Search:
        """As the service takes it; at: the opened cursor."""
        return Search(
            side=self.side,
            code=self.code,
            state=self.state,
            number=self.number,
            reference=self.reference,
            applied=_span("applied_from", self.applied_from, self.applied_to),
            booked=_span("booked_from", self.booked_from, self.booked_to),
            cursor=at,
            limit=self.limit,
        )


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PREFIX, tags=["customs appointments"], dependencies=DOCUMENTED)
    _drafts(routes, ports)
    _queries(routes, ports)
    _acts(routes, ports)
    papers.add(routes, ports)
    return routes


def _drafts(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.post("", status_code=201)
    async def create_appointment(
        account: SignedIn, form: CustomsForm, response: Response, key: Key = None
    ) -> shapes.Appointment:
        """Save a draft (暂存); it gets its pre-entry number (预录入编号)."""
        active(ports, account)
        act = await desk(ports).create(account, _plain(form), checked(key))
        return _created(act, response)

    @routes.put("/{number}")
    async def change_appointment(
        account: SignedIn, number: Number, form: CustomsForm
    ) -> shapes.Appointment:
        """The draft's form anew."""
        active(ports, account)
        return done(await desk(ports).change(account, number, _plain(form)))

    @routes.post("/{number}/copy", status_code=201)
    async def copy_appointment(
        account: SignedIn, number: Number, response: Response, key: Key = None
    ) -> shapes.Appointment:
        """A new draft with the same form; reference, numbers and attachments are not copied."""
        active(ports, account)
        return _created(await desk(ports).copy(account, number, checked(key)), response)

    @routes.delete("/{number}")
    async def delete_appointment(account: SignedIn, number: Number) -> shapes.DeletedDrafts:
        """Delete a draft."""
        found = await _delete(ports, account, [number])
        if found.unknown:
            raise problem.not_found()
        return found

    @routes.post("/delete")
    async def delete_appointments(
        account: SignedIn, batch: shapes.BatchBody
    ) -> shapes.DeletedDrafts:
        """Delete drafts, all or none; asking again finds them unknown."""
        return await _delete(ports, account, list(batch.numbers))


def _queries(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.get("")
    async def list_appointments(
        account: SignedIn, asked: Annotated[ListQuery, Query()]
    ) -> shapes.AppointmentPage:
        """Newest first; spans of at most 15 days, without any the last 15 days."""
        return await _page(ports, account, asked)

    @routes.get("/{number}")
    async def read_appointment(account: SignedIn, number: Number) -> shapes.AppointmentDossier:
        """One application with its attachments, numbers, answers of customs and history."""
        found = await desk(ports).open(account, number)
        if found is None:
            raise problem.not_found()
        return shapes.dossier_of(found)


def _acts(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.post("/{number}/submit")
    async def submit_appointment(
        account: SignedIn, number: Number, key: Key = None
    ) -> shapes.Appointment:
        """暂存 → 申报, and customs are told; one that was submitted is answered as it stands."""
        active(ports, account)
        return done(await desk(ports).submit(account, number, checked(key)))

    @routes.post("/{number}/cancel")
    async def cancel_appointment(
        account: SignedIn, number: Number, key: Key = None
    ) -> shapes.Appointment:
        """取消预约: 已受理 or 预约成功, before the booked time."""
        active(ports, account)
        return done(await desk(ports).cancel(account, number, checked(key)))

    @routes.post("/{number}/feedback")
    async def feed_back(
        account: SignedIn, number: Number, body: shapes.FeedbackBody, key: Key = None
    ) -> shapes.Appointment:
        """反馈报关单号: all numbers at once, within 5 days after the booked time."""
        active(ports, account)
        given = [each.model_dump(mode="json", exclude_none=True) for each in body.declarations]
        return done(await desk(ports).feed_back(account, number, given, checked(key)))

    @routes.post("/{number}/explanation")
    async def explain(
        account: SignedIn, number: Number, body: shapes.ExplanationBody, key: Key = None
    ) -> shapes.Appointment:
        """情况说明, once: text, the PDF uploaded before, or both."""
        active(ports, account)
        return done(await desk(ports).explain(account, number, body.text, checked(key)))


def _created(act: Act, response: Response) -> shapes.Appointment:
    answer = done(act)
    response.headers["location"] = f"{PREFIX}/{answer.number}"
    return answer


def _plain(form: CustomsForm) -> dict[str, object]:
    """The form as it is kept: what was not said is not there."""
    return form.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


async def _delete(
    ports: HttpPorts, account: AccountRef, numbers: list[str]
) -> shapes.DeletedDrafts:
    active(ports, account)
    ended = await desk(ports).delete(account, numbers)
    if ended.refusals:
        raise of_batch(ended.refusals)
    return shapes.DeletedDrafts(deleted=list(ended.numbers), unknown=list(ended.unknown))


def _span(name: str, first: date | None, last: date | None) -> Days | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise problem.invalid(name, "查询范围须有起始和截止日期", "a span has two ends")
    return first, last


async def _page(ports: HttpPorts, account: AccountRef, asked: ListQuery) -> shapes.AppointmentPage:
    at = cursor.opened(asked.cursor)
    try:
        found = await desk(ports).search(account, asked.search(at))
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    if found.verdict.outcome == "reject":
        raise of_verdict(found.verdict)
    items = [shapes.AppointmentLine(**shapes.line_of(row)) for row in found.rows]
    return shapes.AppointmentPage(items=items, cursor=cursor.sealed(found.cursor))
