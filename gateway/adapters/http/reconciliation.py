"""`/admin/reconciliations`: a platform's settlement file in, the report out."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request

from gateway import limits
from gateway.adapters.http import cursor, problem, shapes
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.orders_shapes import ProviderName
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import Problem
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.money.reconciling import DayFile, read_day, reconcile
from gateway.pipeline.money.rows import BookRow, BookRun
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import Page
from gateway.rules.settlement_file import BadFile

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9a-z]+$")]
Outcome = Annotated[Literal["matched", "missing", "surplus", "different"] | None, Query()]
Name = Annotated[str, Query(max_length=200)]
Provider = Annotated[ProviderName, Query()]


class RunShape(shapes.Shape):
    """A day of a platform; the sums are payments less refunds, in fen."""

    id: str
    provider: str
    day: str
    file_name: str
    file_sha256: str
    matched: int
    missing: int
    surplus: int
    different: int
    platform_fen: int
    own_fen: int
    imported_by: str
    imported_at: datetime


class RowShape(shapes.Shape):
    """A row of the platform's file, of our ledger, or of both."""

    ordinal: int
    kind: str
    outcome: str
    payment_order: str
    reference: str
    transaction_id: str
    platform_fen: int | None
    own_fen: int | None
    fee_fen: int | None
    file_line: int | None
    occurred: str | None


class RunTold(RunShape):
    """With its rows."""

    rows: list[RowShape]


class RunPage(shapes.Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[RunShape]
    cursor: str | None


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/admin/reconciliations", tags=["admin"], dependencies=DOCUMENTED)

    @routes.post("", status_code=201)
    async def import_day(
        account: SignedIn, request: Request, provider: Provider, day: date, name: Name = "day.csv"
    ) -> RunShape:
        """The file as the body; the same file again is the same report."""
        file = DayFile(provider, day, name, await request.body(), account.account)
        try:
            told = await asyncio.to_thread(read_day, file)
        except BadFile as bad:
            raise Problem(422, "BAD_FILE", "对账文件无法读取", str(bad)) from None
        run = await ports.store.write(lambda tx: reconcile(tx, told, ports.clock.now()))
        return RunShape.model_validate(run)

    @routes.get("")
    async def list_days(limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None) -> RunPage:
        """Newest first."""
        return await _page(ports, limit, cursor)

    @routes.get("/{run}")
    async def show_day(run: Id, outcome: Outcome = None) -> RunTold:
        """All rows, or those of one outcome."""
        found, rows = await _read(ports, run, outcome)
        told = RunShape.model_validate(found).model_dump()
        return RunTold(**told, rows=[RowShape.model_validate(row) for row in rows])

    return routes


async def _read(ports: HttpPorts, run: str, outcome: str | None) -> tuple[BookRun, list[BookRow]]:
    def read(tx: Tx) -> tuple[BookRun | None, list[BookRow]]:
        return tx.money.books.find(run), tx.money.books.rows(run, outcome)

    found, rows = await ports.store.read(read)
    if found is None:
        raise problem.not_found()
    return found, rows


async def _page(ports: HttpPorts, limit: int, given: str | None) -> RunPage:
    at = cursor.opened(given)
    try:
        page: Page = await ports.store.read(lambda tx: tx.money.books.page(at, limit))
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    items = [RunShape.model_validate(row) for row in page.rows]
    return RunPage(items=items, cursor=cursor.sealed(page.cursor))
