"""Queries about interchanges, always within the account's own partner."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from gateway import limits
from gateway.adapters.http import content, cursor, journey, problem, shapes
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef, InterchangeRow, Page

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9a-z]+$")]
Limit = Annotated[int, Query(ge=1, le=limits.HTTP_PAGE_MAX)]
Cursor = Annotated[str | None, Query(max_length=limits.HTTP_CURSOR_CHARACTERS_MAX)]
State = Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")]
PartnerCode = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{2,20}$")]


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["interchanges"], dependencies=DOCUMENTED)

    @routes.get("/interchanges")
    async def list_interchanges(
        account: SignedIn,
        state: State = None,
        partner: PartnerCode = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.InterchangePage:
        """Newest first."""
        return await _page(ports, whose(account, partner), state, limit, cursor)

    @routes.get("/interchanges/{interchange}")
    async def show_interchange(account: SignedIn, interchange: Id) -> shapes.Interchange:
        """State, findings, documents with their decisions, deliveries."""

        def read(tx: Tx) -> shapes.Interchange | None:
            row = journey.visible(tx, account, interchange)
            return None if row is None else journey.told(tx, row)

        found = await ports.store.read(read)
        if found is None:
            raise problem.not_found()
        return found

    @routes.get(
        "/interchanges/{interchange}/raw",
        response_class=StreamingResponse,
        responses={200: {"content": {content.OCTETS: {}}}},
    )
    async def raw_interchange(account: SignedIn, interchange: Id) -> StreamingResponse:
        """The bytes as they came."""
        row = await ports.store.read(lambda tx: journey.visible(tx, account, interchange))
        if row is None:
            raise problem.not_found()
        return _raw(ports, row)

    return routes


async def _page(
    ports: HttpPorts, partner: str | None, state: str | None, limit: int, given: str | None
) -> shapes.InterchangePage:
    at = cursor.opened(given)
    try:
        page: Page = await ports.store.read(
            lambda tx: tx.interchanges.page(partner, at, limit, state)
        )
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    return shapes.InterchangePage(
        items=[shapes.InterchangeLine.model_validate(row) for row in page.rows],
        cursor=cursor.sealed(page.cursor),
    )


def whose(account: AccountRef, partner: str | None) -> str | None:
    """The partner that a query is filtered by; None (all) for operators alone."""
    if account.operator:
        return partner
    if partner not in (None, account.partner):
        raise problem.forbidden()
    return account.partner


def _raw(ports: HttpPorts, row: InterchangeRow) -> StreamingResponse:
    if row.inline is not None:
        return content.attachment((row.inline,), row.size, row.name)
    if row.archive_ref is None:
        raise problem.not_found()
    return content.attachment(ports.store.archive.read(row.archive_ref), row.size, row.name)
