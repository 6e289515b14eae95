"""Attachments of an application: a PDF as raw body in, the same bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import StreamingResponse

from gateway import limits
from gateway.adapters.http import content, problem
from gateway.adapters.http import customs_appointments_shapes as shapes
from gateway.adapters.http.customs_appointments_access import active, desk, done
from gateway.adapters.http.customs_appointments_problems import problem_of
from gateway.adapters.http.intake_route import content_type_of, shown_file_name
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import SignedIn
from gateway.pipeline import refusal
from gateway.pipeline.customs.papers import Purpose

# The edge lets larger bodies through here, and only here.
UPLOADS = r"/v1/customs-appointments/YTG[0-9]{15}/attachments"
Number = Annotated[str, Path(pattern=r"^YTG[0-9]{15}$")]
Id = Annotated[int, Path(ge=1, le=2**62)]
Name = Annotated[
    str, Header(alias="X-Filename", min_length=1, max_length=1020, description="percent-encoded")
]
_PDF = {
    "requestBody": {
        "required": True,
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class _Places:
    """So many uploads are held in memory at once; one more is told to come again."""

    def __init__(self) -> None:
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One place; raises Refusal where none is free."""
        if self._taken >= limits.CUSTOMS_UPLOADS_MAX:
            raise refusal.overloaded()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def add(routes: APIRouter, ports: HttpPorts) -> None:
    """The routes below an application."""
    places = _Places()

    @routes.post("/{number}/attachments", status_code=201, openapi_extra=_PDF)
    async def attach(
        request: Request,
        account: SignedIn,
        number: Number,
        _name: Name,
        purpose: Annotated[Purpose, Query()] = "application",
    ) -> shapes.Attachment:
        """Add a PDF: at most 5, each 4 MiB, each page 200 KiB; the same again is the same."""
        active(ports, account)
        content_type_of(request.scope)
        name = shown_file_name(request.scope)
        try:
            with places.taken():
                body = await request.body()
                act = await desk(ports).attach(account, number, purpose, name, body)
        except refusal.Refusal as why:
            raise problem.of_refusal(why) from None
        if act.end != "done" or act.id is None:
            raise problem_of(act)
        found = await desk(ports).attachment(account, number, act.id)
        if found is None:
            raise problem.not_found()
        return shapes.attachment_of(found[0])

    @routes.get(
        "/{number}/attachments/{attachment}",
        response_class=StreamingResponse,
        responses={200: {"content": {content.OCTETS: {}}}},
    )
    async def read_attachment(
        account: SignedIn, number: Number, attachment: Id
    ) -> StreamingResponse:
        """The bytes of a PDF."""
        found = await desk(ports).attachment(account, number, attachment)
        if found is None:
            raise problem.not_found()
        row, chunks = found
        return content.attachment(chunks(), row.size, row.name)

    @routes.delete("/{number}/attachments/{attachment}")
    async def detach(account: SignedIn, number: Number, attachment: Id) -> shapes.Appointment:
        """Take a PDF away again, while it may still change."""
        active(ports, account)
        return done(await desk(ports).detach(account, number, attachment))
