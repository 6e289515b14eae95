"""Breaches 违约信息 of gate appointments, and until when a firm is suspended."""

from __future__ import annotations

from fastapi import APIRouter

from gateway import limits
from gateway.adapters.http import appointments_shapes as shapes
from gateway.adapters.http import cursor
from gateway.adapters.http.appointments import Terminal, paged, whose
from gateway.adapters.http.interchanges import Cursor, Limit, PartnerCode
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.rows import AccountRef


def router(ports: HttpPorts) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/v1", tags=["gate appointments"], dependencies=DOCUMENTED)

    @routes.get("/appointment-breaches")
    async def list_breaches(
        account: SignedIn,
        terminal: Terminal = None,
        partner: PartnerCode = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.BreachPage:
        """违约信息: a firm's own, a terminal's at its gate; newest first."""
        return await _breach_page(ports, account, (partner, terminal), limit, cursor)

    return routes


async def _breach_page(
    ports: HttpPorts,
    account: AccountRef,
    asked: tuple[str | None, str | None],
    limit: int,
    given: str | None,
) -> shapes.BreachPage:
    partner, terminal = whose(ports.desk, account, *asked)
    page = await paged(
        ports, given, lambda tx, at: tx.gate.breaches.page(partner, terminal, at, limit)
    )
    until = await ports.store.read(
        lambda tx: tx.gate.breaches.suspended_until(partner) if partner else None
    )
    return shapes.BreachPage(
        items=[shapes.Breach.model_validate(row) for row in page.rows],
        cursor=cursor.sealed(page.cursor),
        suspended_until=until if until and until > ports.clock.now() else None,
    )
