"""`/admin/work-items`: money that needs a person; taken, then resolved with a note."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from gateway import limits
from gateway.adapters.http import cursor, problem, shapes
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.orders import refusal
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.money.orders import OrderRefused
from gateway.pipeline.money.refunding import Back, refund
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import Page

Id = Annotated[int, Path(ge=1, le=2**62)]
State = Annotated[str | None, Query(pattern=r"^(open|resolved)$")]
Kind = Annotated[str | None, Query(pattern=r"^[A-Z_]{1,40}$")]
Note = Annotated[str, Query(min_length=1, max_length=500)]
Number = Annotated[str, Path(pattern=r"^PO[0-9]{8,40}$")]
Fen = Annotated[int, Query(ge=1, le=limits.AMOUNT_FEN_MAX)]
Transaction = Annotated[str | None, Query(min_length=1, max_length=200)]


class WorkItemShape(shapes.Shape):
    """One thing to look at; owner: a queue, then who took it."""

    id: int = Field(validation_alias="seq")
    key: str
    kind: str
    owner: str
    state: str
    partner: str | None
    payment_order: str | None
    bill_of_lading: str | None
    provider: str | None
    reference: str | None
    amount_fen: int | None
    detail: dict[str, Any]
    note: str | None
    resolved_by: str | None
    created_at: datetime
    resolved_at: datetime | None


class WorkItemPage(shapes.Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[WorkItemShape]
    cursor: str | None


class RefundAsked(shapes.Shape):
    """A refund on its way."""

    id: str
    payment_order: str
    amount_fen: int
    state: str


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/admin", tags=["admin"], dependencies=DOCUMENTED)

    @routes.get("/work-items")
    async def list_work_items(
        state: State = "open",
        kind: Kind = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> WorkItemPage:
        """Newest first."""
        return await _page(ports, state, kind, limit, cursor)

    @routes.post("/work-items/{item}/take")
    async def take(account: SignedIn, item: Id) -> WorkItemShape:
        """It is this operator's from now on."""
        done = await ports.store.write(lambda tx: tx.money.work.take(item, account.account))
        return await _moved(ports, item, done=done)

    @routes.post("/work-items/{item}/resolve")
    async def resolve(account: SignedIn, item: Id, note: Note) -> WorkItemShape:
        """Done, and how."""
        now = ports.clock.now()
        done = await ports.store.write(
            lambda tx: tx.money.work.resolve(item, account.account, note, now)
        )
        return await _moved(ports, item, done=done)

    @routes.post("/orders/{number}/refunds", status_code=202)
    async def refund_order(
        account: SignedIn, number: Number, amount_fen: Fen, transaction: Transaction = None
    ) -> RefundAsked:
        """Pay back on an officer's word: of the order, or of money that is held (transaction)."""
        if ports.money is None:
            raise problem.not_found()
        office = ports.money.office
        back = Back(amount_fen, "OFFICER", account.account, transaction=transaction)

        def write(tx: Tx) -> RefundAsked:
            row = refund(tx, number, back, office, ports.clock.now())
            return RefundAsked.model_validate(row)

        try:
            return await ports.store.write(write)
        except OrderRefused as refused:
            raise refusal(refused) from None

    return routes


async def _moved(ports: HttpPorts, item: int, *, done: bool) -> WorkItemShape:
    row = await ports.store.read(lambda tx: tx.money.work.find(item))
    if row is None:
        raise problem.not_found()
    if not done:
        raise problem.conflict("该事项已处理", "the item is resolved")
    return WorkItemShape.model_validate(row)


async def _page(
    ports: HttpPorts, state: str | None, kind: str | None, limit: int, given: str | None
) -> WorkItemPage:
    at = cursor.opened(given)
    try:
        page: Page = await ports.store.read(lambda tx: tx.money.work.page(at, limit, state, kind))
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    items = [WorkItemShape.model_validate(row) for row in page.rows]
    return WorkItemPage(items=items, cursor=cursor.sealed(page.cursor))
