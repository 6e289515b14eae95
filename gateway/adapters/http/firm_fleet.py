"""`/v1/firm/trucks`, `/drivers`, `/cards`: the fleet of the firm that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path

from gateway import limits
from gateway.adapters.http import cursor as cursors
from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import own_firm, permitted, read, write
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.firm import Driver
from gateway.pipeline.firms import fleet
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.ports import Fleet
from gateway.pipeline.rows import AccountRef

Id = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[0-9a-z]+$")]
Row = TypeVar("Row")
_DRIVERS, _CARDS = "driver_filing", "smart_card"


def router(ports: HttpPorts) -> APIRouter:
    """Trucks, drivers and cards; only fleets have them."""
    routes = APIRouter(prefix="/v1/firm", tags=["firm"], dependencies=DOCUMENTED)
    _add_trucks(ports, routes)
    _add_drivers(ports, routes)
    _add_cards(ports, routes)
    return routes


def _add_trucks(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/trucks")
    async def list_trucks(
        account: SignedIn, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> shapes.TruckPage:
        """The trucks of the fleet."""
        rows, more = await _page(
            ports, account, cursor, limit, lambda fleet, after: fleet.trucks(*after)
        )
        return shapes.TruckPage(items=[shapes.truck(row) for row in rows], cursor=more)

    @routes.post("/trucks", status_code=201)
    async def add_truck(account: SignedIn, wanted: shapes.Plate) -> shapes.Truck:
        """Add a truck; one that is on the list is answered as it stands."""
        row = await write(
            ports,
            account.account,
            lambda act: fleet.add_truck(act, permitted(act, account, _DRIVERS), wanted.plate),
        )
        return shapes.truck(row)

    @routes.delete("/trucks/{truck}", status_code=204)
    async def remove_truck(account: SignedIn, truck: Id) -> None:
        """Take a truck off the list."""

        def work(act: Act) -> None:
            fleet.remove_truck(act, permitted(act, account, _DRIVERS).code, truck)

        await write(ports, account.account, work)


def _add_drivers(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/drivers")
    async def list_drivers(
        account: SignedIn, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> shapes.DriverPage:
        """The drivers that are filed; names and numbers masked."""
        rows, more = await _page(
            ports, account, cursor, limit, lambda fleet, after: fleet.drivers(*after)
        )
        return shapes.DriverPage(items=[shapes.driver(row) for row in rows], cursor=more)

    @routes.post("/drivers", status_code=201)
    async def file_driver(account: SignedIn, driver: Driver) -> shapes.FiledDriver:
        """File a driver (S0-20); one with the same identity number is answered as it stands."""

        def work(act: Act) -> shapes.FiledDriver:
            firm = permitted(act, account, _DRIVERS)
            return shapes.driver(fleet.file_driver(act, firm, driver, ports.firms.personal))

        return await write(ports, account.account, work)

    @routes.delete("/drivers/{driver}", status_code=204)
    async def remove_driver(account: SignedIn, driver: Id) -> None:
        """Take a driver off the list; the personal data are erased after their time."""

        def work(act: Act) -> None:
            code = permitted(act, account, _DRIVERS).code
            fleet.remove_driver(act, code, driver, ports.firms.drivers_kept)

        await write(ports, account.account, work)


def _add_cards(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/cards")
    async def list_cards(
        account: SignedIn, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> shapes.CardPage:
        """我的智能卡."""
        rows, more = await _page(
            ports, account, cursor, limit, lambda fleet, after: fleet.cards(*after)
        )
        return shapes.CardPage(items=[shapes.card(row) for row in rows], cursor=more)

    @routes.post("/cards", status_code=201)
    async def apply_for_card(account: SignedIn, wish: shapes.CardWish) -> shapes.Card:
        """Apply for a smart card for a truck or a driver."""

        def work(act: Act) -> shapes.Card:
            firm = permitted(act, account, _CARDS)
            return shapes.card(fleet.apply_card(act, firm, wish.truck, wish.driver))

        return await write(ports, account.account, work)


async def _page(
    ports: HttpPorts,
    account: AccountRef,
    cursor: str | None,
    limit: int,
    ask: Callable[[Fleet, tuple[str, str, int]], list[Any]],
) -> tuple[list[Any], str | None]:
    """A page of the firm's own rows, and the cursor that continues it."""
    after = cursors.opened(cursor) or ""

    def look(act: Act) -> list[Any]:
        firm = own_firm(act, account)
        return ask(act.tx.firms.fleet, (firm.code, after, limit))

    rows = await read(ports, look)
    more = rows[-1].id if len(rows) == limit else None
    return rows, cursors.sealed(more)
