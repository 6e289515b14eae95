"""The mailbox over HTTP: what waits, its content, collected."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from gateway import limits
from gateway.adapters.http import content, cursor, problem, shapes
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.adapters.mailbox import NoContent
from gateway.pipeline.rows import AccountRef, DeliveryRow, Page

Id = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[0-9A-Za-z._-]+$")]


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1/outbox", tags=["outbox"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_outbox(
        account: SignedIn, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> shapes.WaitingPage:
        """What waits for the account's partner, oldest first."""
        return await _page(ports, account, limit, cursor)

    @routes.get(
        "/{delivery}",
        response_class=StreamingResponse,
        responses={200: {"content": {content.OCTETS: {}}}},
    )
    async def read_delivery(account: SignedIn, delivery: Id) -> StreamingResponse:
        """The payload; reading does not collect."""
        row = await _find(ports, account, delivery)
        try:
            file = await ports.mailbox.open(row)
            size = await ports.mailbox.size(row)
        except NoContent:
            raise problem.not_found() from None
        return content.attachment(content.file_chunks(file), size, row.file_name)

    @routes.post("/{delivery}/collected")
    async def collect_delivery(account: SignedIn, delivery: Id) -> shapes.Collected:
        """Take it out of the mailbox; asking twice is as good as once."""
        row = await _find(ports, account, delivery)
        if row.state == "collected" or await ports.mailbox.collect(account.partner, delivery):
            return shapes.Collected(id=delivery, state="collected")
        raise problem.conflict("该投递已不在收件箱中", "the delivery does not wait in the mailbox")

    return routes


async def _page(
    ports: HttpPorts, account: AccountRef, limit: int, given: str | None
) -> shapes.WaitingPage:
    at = cursor.opened(given)
    try:
        page: Page = await ports.mailbox.page(account.partner, limit, at)
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    items = [
        shapes.WaitingDelivery(
            id=row.id,
            event_type=row.event_type,
            file_name=row.file_name,
            content_type=row.content_type,
            size=None if row.body is None else len(row.body),
            created_at=row.created_at,
            test=row.test,
        )
        for row in page.rows
    ]
    return shapes.WaitingPage(items=items, cursor=cursor.sealed(page.cursor))


async def _find(ports: HttpPorts, account: AccountRef, delivery: str) -> DeliveryRow:
    row = await ports.mailbox.find(account.partner, delivery)
    if row is None:
        raise problem.not_found()
    return row
