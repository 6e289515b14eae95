"""`/metrics` and `/admin` on a loopback listener; `/admin` needs an operator's key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import limits
from gateway.adapters.http import cursor, problem, shapes
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.ports import Tx
from gateway.pipeline.replay import NotReplayable, replay_dead_letter, skip_dead_letter
from gateway.pipeline.rows import Page

Id = Annotated[int, Path(ge=1, le=2**62)]
State = Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")]
Settle = Callable[[Tx], str | None]
Note = Annotated[str | None, Query(max_length=200)]


class DeadLetterShape(shapes.Shape):
    """What needs a person; the trace stays in the database."""

    id: int
    stage: str
    subject: str
    revision: int
    partner: str
    lane: str
    code: str
    error: str
    first_at: datetime
    last_at: datetime
    attempts: int
    state: str
    owner: str | None
    note: str | None


class DeadLetterPage(shapes.Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[DeadLetterShape]
    cursor: str | None


class Settled(shapes.Shape):
    """What became of a dead letter; subject: what is on its way again."""

    id: int
    state: str
    subject: str | None


def metrics_router() -> APIRouter:
    """For the collector on this machine."""
    routes = APIRouter(tags=["admin"])

    @routes.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Prometheus text."""
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return routes


def router(ports: HttpPorts) -> APIRouter:
    """Dead letters."""
    routes = APIRouter(prefix="/admin/dead-letters", tags=["admin"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_dead_letters(
        state: State = "open",
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> DeadLetterPage:
        """Newest first."""
        return await _page(ports, state, limit, cursor)

    @routes.post("/{letter}/replay")
    async def replay(account: SignedIn, letter: Id, note: Note = None) -> Settled:
        """Run our history again from the step that failed."""
        subject = await _settle(
            ports, letter, lambda tx: replay_dead_letter(tx, letter, account.account, note)
        )
        return Settled(id=letter, state="replayed", subject=subject)

    @routes.post("/{letter}/skip")
    async def skip(account: SignedIn, letter: Id, note: Note = None) -> Settled:
        """Give it up on record; its lane goes on."""
        await _settle(ports, letter, lambda tx: skip_dead_letter(tx, letter, account.account, note))
        return Settled(id=letter, state="skipped", subject=None)

    return routes


async def _settle(ports: HttpPorts, letter: int, settle: Settle) -> str | None:
    def write(tx: Tx) -> tuple[bool, str | None]:
        if tx.dead_letters.find(letter) is None:
            return False, None
        return True, settle(tx)

    try:
        known, subject = await ports.store.write(write)
    except NotReplayable:
        raise problem.conflict("该死信已处理", "the dead letter is not open") from None
    if not known:
        raise problem.not_found()
    return subject


async def _page(
    ports: HttpPorts, state: str | None, limit: int, given: str | None
) -> DeadLetterPage:
    at = cursor.opened(given)
    try:
        page: Page = await ports.store.read(lambda tx: tx.dead_letters.page(state, at, limit))
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    items = [DeadLetterShape.model_validate(row, from_attributes=True) for row in page.rows]
    return DeadLetterPage(items=items, cursor=cursor.sealed(page.cursor))
