"""Receipts of 补退清算 over HTTP, and what officers do with fees."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path

from gateway import limits
from gateway.adapters.http.declarations import State
from gateway.adapters.http.fee_answers import Item, answered, at_work, paged
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9a-z]+$")]


def router(ports: HttpPorts) -> APIRouter:
    """For the declarant."""
    routes = APIRouter(prefix="/v1/settlements", tags=["fees"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_settlements(
        account: SignedIn,
        state: State = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> Item:
        """退还差额, 补收差额, 全额退款: the firm's receipts, in fen."""
        fees = at_work(ports.fees)
        return await paged(lambda at: fees.settlements(account, at, limit, state), cursor)

    @routes.post("/{settlement}/apply")
    async def apply(account: SignedIn, settlement: Id) -> Item:
        """Apply for what the receipt says (S3-28, S3-29)."""
        return asdict(await answered(at_work(ports.fees).apply(account, settlement)))

    return routes


def admin_router(ports: HttpPorts) -> APIRouter:
    """For officers of the fee desk."""
    routes = APIRouter(prefix="/admin/fees", tags=["admin"], dependencies=DOCUMENTED)

    @routes.post("/manifest-declarations/{manifest}/settle")
    async def settle(manifest: Id) -> Item:
        """Settle a call whose clean manifest came late."""
        codes = await answered(at_work(ports.fees).settle_anyway(manifest))
        return {"id": manifest, "codes": list(codes)}

    @routes.post("/declarations/{declaration}/exempt")
    async def exempt(declaration: Id) -> Item:
        """Receipts for what a paid bill paid too much by the tariff of today (2020-14)."""
        made = await answered(at_work(ports.fees).exempt(declaration))
        return {"items": [asdict(each) for each in made]}

    return routes
