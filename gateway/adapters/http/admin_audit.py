"""`/admin/audit`: who changed what; the whole chain is looked at by `gateway audit verify`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from gateway import limits
from gateway.adapters.http import cursor as cursors
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.shapes import Shape
from gateway.adapters.http.signed_in import DOCUMENTED
from gateway.pipeline.audit import AuditEvent

Subject = Annotated[str | None, Query(min_length=1, max_length=200)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST = 2**62


class Event(Shape):
    """One event; detail: before and after, without secrets."""

    event: int
    at: datetime
    who: str
    what: str
    subject: str
    detail: dict[str, Any]


class EventPage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[Event]
    cursor: str | None


def router(ports: HttpPorts) -> APIRouter:
    """Operators look."""
    routes = APIRouter(prefix="/admin/audit", tags=["admin"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_events(
        subject: Subject = None, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> EventPage:
        """What was done, to one subject or at all."""
        at = cursors.opened(cursor)
        if at is not None and not at.isdigit():
            raise cursors.bad_cursor()
        before = _NEWEST if at is None else int(at)
        rows = await ports.store.read(lambda tx: tx.audit.events(subject, before, limit))
        more = str(rows[-1].seq) if len(rows) == limit else None
        return EventPage(items=[_event(row) for row in rows], cursor=cursors.sealed(more))

    return routes


def _event(row: AuditEvent) -> Event:
    return Event(
        event=row.seq,
        at=_EPOCH + timedelta(microseconds=row.at),
        who=row.who,
        what=row.what,
        subject=row.subject,
        detail=json.loads(row.detail),
    )
