"""Slots 集港预约池 and plans 集港计划: what a terminal publishes, what fleets choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from gateway import limits
from gateway.adapters.http import appointments_shapes as shapes
from gateway.adapters.http import cursor, problem
from gateway.adapters.http.appointments import Terminal, Way, paged, rejected
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.gate import pools, windows
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.rows import SlotFilter, SlotRow
from gateway.pipeline.ports import Clock, Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.appointment_gate import GATE_RULES
from gateway.rules.verdict import conclude

Instant = Annotated[AwareDatetime | None, Query()]
_SEE = ("information_query", "export_gate_in", "import_pickup", "terminal_back_office")
_DEFAULT_DAYS = 7


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["gate slots"], dependencies=DOCUMENTED)

    @routes.get("/slots")
    async def list_slots(
        account: SignedIn,
        wanted: Annotated[Span, Depends()],
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.SlotPage:
        """In order of start; without a span the next seven days."""
        return await _slots(ports, account, wanted, limit, cursor)

    @routes.post("/slots", status_code=201)
    async def publish_slots(account: SignedIn, body: shapes.PoolPublication) -> shapes.Published:
        """By the terminal: new slots, or quota, end and release of known ones anew."""
        _must_run(ports.desk, account, body.terminal)
        parts = [each.part() for each in body.slots]
        slots, found = pools.slots_of(ports.desk, body.terminal, account.partner, parts)
        if found:
            raise rejected(422, conclude(found, (), ("", "")))
        remarks = await ports.store.write(lambda tx: pools.publish(tx, slots))
        findings = [each.as_json() for each in remarks]
        return shapes.Published(published=len(slots), findings=findings)

    _plans(routes, ports)
    return routes


@dataclass(frozen=True)
class Span:
    """Slots that start in [since, until), at most GATE_QUERY_DAYS_MAX days."""

    since: Instant = None
    until: Instant = None
    terminal: Terminal = None
    direction: Way = None

    def filter(self, clock: Clock) -> SlotFilter:
        """Raises Problem 422 for a span that is too long or backwards."""
        since = self.since or self._default(clock)
        until = self.until or since + timedelta(days=_DEFAULT_DAYS)
        if not timedelta(0) <= until - since <= timedelta(days=limits.GATE_QUERY_DAYS_MAX):
            most = limits.GATE_QUERY_DAYS_MAX
            raise problem.invalid(
                "until", f"查询范围不能超过 {most} 天", f"the span may be {most} days at most"
            )
        return SlotFilter(since, until, self.terminal, self.direction)

    def _default(self, clock: Clock) -> datetime:
        """Slots that are running count, too."""
        now = clock.now().astimezone(UTC)
        return now.replace(minute=0, second=0, microsecond=0)


def _plans(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.get("/gate-plans")
    async def list_plans(
        account: SignedIn,
        terminal: Terminal = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.VoyagePage:
        """Windows and cut-offs of voyages, from schedule and plan; newest first."""
        return await _voyages(ports, account, terminal, limit, cursor)

    @routes.post("/gate-plans", status_code=201)
    async def publish_plan(account: SignedIn, body: shapes.PlanPublication) -> shapes.Published:
        """By the terminal: from when until when it takes the boxes of a voyage."""
        _must_run(ports.desk, account, body.terminal)

        def write(tx: Tx) -> None:
            for part in (each.part() for each in body.voyages):
                windows.from_plan(tx, body.terminal, part, gone=False, by=account.partner)
                tx.gate.fact("schedule", part.voyage.strip(), source=account.partner)

        await ports.store.write(write)
        return shapes.Published(published=len(body.voyages), findings=[])


async def _slots(
    ports: HttpPorts, account: AccountRef, wanted: Span, limit: int, given: str | None
) -> shapes.SlotPage:
    _must_see(ports.desk, account)
    span = wanted.filter(ports.clock)
    page = await paged(ports, given, lambda tx, at: tx.gate.slots.page(span, at, limit))
    return shapes.SlotPage(
        items=[_slot(row) for row in page.rows], cursor=cursor.sealed(page.cursor)
    )


async def _voyages(
    ports: HttpPorts, account: AccountRef, terminal: str | None, limit: int, given: str | None
) -> shapes.VoyagePage:
    _must_see(ports.desk, account)
    page = await paged(ports, given, lambda tx, at: tx.gate.calls.page(terminal, at, limit))
    items = [shapes.VoyageWindow.model_validate(row) for row in page.rows]
    return shapes.VoyagePage(items=items, cursor=cursor.sealed(page.cursor))


def _slot(row: SlotRow) -> shapes.Slot:
    return shapes.Slot(
        id=row.id,
        terminal=row.terminal,
        direction=row.direction,
        box=row.box,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        quota=row.quota,
        used=row.used,
        left=row.quota - row.used,
        released_at=row.released_at,
    )


def _must_see(desk: Desk, account: AccountRef) -> None:
    verdict = desk.may(account, *_SEE)
    if verdict.outcome != "accept":
        raise rejected(403, verdict)


def _must_run(desk: Desk, account: AccountRef, terminal: str) -> None:
    found = desk.runs_terminal(account, terminal)
    if found:
        raise rejected(403, conclude(found, GATE_RULES, ("", "")))
