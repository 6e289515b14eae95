"""`/v1/approvals`: a terminal answers the firms that asked it (S0-38 … S0-40)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path

from gateway import limits
from gateway.adapters.http import cursor as cursors
from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import permitted, read, write
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.approvals import answer_firm
from gateway.pipeline.firms.rows import ApprovalRow

Firm = Annotated[str, Path(pattern=r"^[A-Z0-9]{2,20}$")]
State = Literal["requested", "approved", "refused", "withdrawn"]
_BACK_OFFICE = "terminal_back_office"


def router(ports: HttpPorts) -> APIRouter:
    """For the accounts of terminals."""
    routes = APIRouter(prefix="/v1/approvals", tags=["terminal"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_approvals(
        account: SignedIn,
        state: State = "requested",
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.ApprovalPage:
        """Firms that asked this terminal, in order of their code."""
        after = cursors.opened(cursor) or ""

        def work(act: Act) -> list[ApprovalRow]:
            terminal = permitted(act, account, _BACK_OFFICE).code
            return act.tx.firms.asked_of(terminal, state, after, limit)

        rows = await read(ports, work)
        items = [shapes.approval(row, ports.directory.partner(row.partner)) for row in rows]
        more = rows[-1].partner if len(rows) == limit else None
        return shapes.ApprovalPage(items=items, cursor=cursors.sealed(more))

    @routes.post("/{firm}")
    async def answer_approval(
        account: SignedIn, firm: Firm, given: shapes.Answer
    ) -> shapes.Approval:
        """Confirm, refuse or withdraw; functions of the firm here open and close by themselves."""

        def work(act: Act) -> ApprovalRow:
            terminal = permitted(act, account, _BACK_OFFICE).code
            return answer_firm(act, terminal, firm, given.answer, given.why)

        return shapes.approval(await write(ports, account.account, work))

    return routes
