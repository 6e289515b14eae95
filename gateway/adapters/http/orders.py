"""Payment orders over HTTP: what can be paid, order, check out, close; always one's own firm's."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Header, Path, Query, Response

from gateway import limits
from gateway.adapters.http import cursor, problem
from gateway.adapters.http import orders_shapes as shapes
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import Problem
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.money.orders import NewOrder, NotPermitted, OrderDesk, OrderRefused
from gateway.pipeline.money.provider import KeysUnavailable
from gateway.pipeline.money.rows import OrderRow
from gateway.pipeline.ports import Tx
from gateway.pipeline.receive import check_key
from gateway.pipeline.rows import AccountRef, Page

T = TypeVar("T")
Number = Annotated[str, Path(pattern=r"^PO[0-9]{8,40}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
State = Annotated[str | None, Query(pattern=r"^[A-Z_]{1,20}$")]
# Not what was asked for, but not the request's fault: somebody else was faster, or it is too late.
_CONFLICTS = frozenset({"BILL_ORDERED", "PAID", "NOT_PAYABLE", "KEY_REUSED"})


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1/orders", tags=["orders"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_orders(
        account: SignedIn,
        state: State = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.OrderPage:
        """The payer's list, newest first; operators see everybody's."""
        return await _page(ports, account, state, limit, cursor)

    @routes.get("/payable")
    async def list_payable(account: SignedIn) -> shapes.PayableList:
        """Approved bills with something due, that are in no order."""
        bills = await told(desk(ports).payable(account))
        return shapes.PayableList(items=[shapes.Payable.model_validate(each) for each in bills])

    @routes.post("", status_code=201)
    async def make_order(
        account: SignedIn,
        body: shapes.OrderWanted,
        response: Response,
        idempotency_key: Key = None,
    ) -> shapes.OrderLine:
        """Freezes the amount; the same key makes the same order."""
        if idempotency_key is not None:
            check_key(idempotency_key)
        wanted = NewOrder(
            bills=tuple(dict.fromkeys(body.bills)),
            provider=body.provider,
            invoice_title=body.invoice_title,
            delivery_method=body.delivery_method,
            recipient=body.recipient.model_dump() if body.recipient else {},
            idempotency_key=idempotency_key,
        )
        order = await told(desk(ports).create(account, wanted))
        response.headers["location"] = f"/v1/orders/{order.number}"
        return shapes.OrderLine.model_validate(order)

    @routes.get("/{number}")
    async def show_order(account: SignedIn, number: Number) -> shapes.OrderTold:
        """With its bills and refunds."""
        return await ports.store.read(lambda tx: whole(tx, visible(tx, account, number)))

    _acts(routes, ports)
    return routes


def _acts(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.post("/{number}/checkout")
    async def check_out(
        account: SignedIn, number: Number, body: shapes.CheckoutWanted | None = None
    ) -> shapes.CheckoutShape:
        """What the chosen platform needs, signed."""
        chosen = body.provider if body else None
        try:
            found = await told(desk(ports).checkout(account, number, chosen))
        except KeysUnavailable:
            raise problem.unavailable() from None
        if found is None:
            raise problem.not_found()
        order, made = found.order, found.checkout
        return shapes.CheckoutShape(
            number=order.number,
            amount_fen=order.amount_fen,
            merchant_name=found.merchant_name,
            provider=order.provider,
            method=made.method,
            url=made.url,
            fields=dict(made.fields),
            headers=dict(made.headers),
            body=made.body,
        )

    @routes.post("/{number}/close")
    async def close_order(account: SignedIn, number: Number) -> shapes.OrderLine:
        """Its bills can be ordered anew; what is paid for it after that goes back by itself."""
        found = await told(desk(ports).close(account, number))
        if found is None:
            raise problem.not_found()
        return shapes.OrderLine.model_validate(found)


def desk(ports: HttpPorts) -> OrderDesk:
    """Raises Problem 404 where this process has no money to do with."""
    if ports.money is None:
        raise problem.not_found()
    return ports.money.orders


async def told(work: Awaitable[T]) -> T:
    """What the service says, its refusals as problems."""
    try:
        return await work
    except NotPermitted as refused:
        raise _forbidden(refused) from None
    except OrderRefused as refused:
        raise refusal(refused) from None


def refusal(refused: OrderRefused) -> Problem:
    """409 or 422, with the reason in both languages."""
    status = 409 if refused.code in _CONFLICTS else 422
    return Problem(status, refused.code, refused.zh, refused.en, fields=refused.fields)


def _forbidden(refused: NotPermitted) -> Problem:
    verdict = refused.verdict
    zh, en = verdict.explanation["zh"], verdict.explanation["en"]
    findings = [finding.as_json() for finding in verdict.findings]
    fields: dict[str, object] = {"codes": list(verdict.codes), "findings": findings}
    return Problem(403, "NOT_PERMITTED", zh, en, fields=fields)


def visible(tx: Tx, account: AccountRef, number: str) -> OrderRow:
    """The order if it is the account's firm's; raises Problem 404."""
    orders = tx.money.orders
    row = orders.find(number) if account.operator else orders.visible(account.partner, number)
    if row is None:
        raise problem.not_found()
    return row


def whole(tx: Tx, row: OrderRow) -> shapes.OrderTold:
    """With its bills and refunds."""
    line = shapes.OrderLine.model_validate(row).model_dump()
    bills = tx.money.orders.bills(row.number)
    refunds = tx.money.refunds.of_order(row.number)
    return shapes.OrderTold(
        **line,
        recipient=row.recipient,
        bills=[shapes.BillOfOrder.model_validate(each) for each in bills],
        refunds=[shapes.RefundOfOrder.model_validate(each) for each in refunds],
    )


async def _page(
    ports: HttpPorts, account: AccountRef, state: str | None, limit: int, given: str | None
) -> shapes.OrderPage:
    at = cursor.opened(given)
    partner = None if account.operator else account.partner
    try:
        page: Page = await ports.store.read(
            lambda tx: tx.money.orders.page(partner, at, limit, state)
        )
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    items = [shapes.OrderLine.model_validate(row) for row in page.rows]
    return shapes.OrderPage(items=items, cursor=cursor.sealed(page.cursor))
