"""`/v1/firm`: a firm's own record, services, contact, approvals and permissions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import administered, own_firm, read, write
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.firm import Contact
from gateway.pipeline.firms import accounts
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.approvals import ask_terminal
from gateway.pipeline.firms.permission import may_partner
from gateway.pipeline.firms.registration import replace_contact
from gateway.pipeline.rows import AccountRef
from gateway.rules.permission_tables import tables

Terminal = Annotated[str, Query(max_length=20, pattern=r"^[A-Z0-9]*$")]


def router(ports: HttpPorts) -> APIRouter:
    """The firm's own record."""
    routes = APIRouter(prefix="/v1/firm", tags=["firm"], dependencies=DOCUMENTED)

    @routes.get("")
    async def show_firm(account: SignedIn) -> shapes.FirmShape:
        """The firm as it stands, and the steps of its life."""
        return await read(ports, lambda act: _shown(act, account))

    @routes.put("/services")
    async def subscribe_services(account: SignedIn, wanted: shapes.Services) -> shapes.FirmShape:
        """Subscribe; only the administrator may (S0-27)."""

        def work(act: Act) -> None:
            accounts.subscribe(act, administered(act, account).code, wanted.services)

        await write(ports, account.account, work)
        return await read(ports, lambda act: _shown(act, account))

    @routes.put("/contact", status_code=204)
    async def put_contact(account: SignedIn, contact: Contact) -> None:
        """Who stands behind the account that asks (S0-22); it is shown masked from then on."""

        def work(act: Act) -> None:
            code = own_firm(act, account).code
            replace_contact(act, code, account.account, contact, ports.firms.personal)

        await write(ports, account.account, work)

    @routes.get("/permissions")
    async def list_permissions(account: SignedIn, terminal: Terminal = "") -> shapes.PermissionList:
        """What this account may do now, function by function, and by which table."""
        return await read(ports, lambda act: _permissions(act, account, terminal))

    _add_approvals(ports, routes)
    return routes


def _add_approvals(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/approvals")
    async def list_own_approvals(account: SignedIn) -> shapes.ApprovalPage:
        """What terminals said about the firm."""
        rows = await ports.store.read(lambda tx: tx.firms.approvals(account.partner))
        return shapes.ApprovalPage(items=[shapes.approval(row) for row in rows])

    @routes.post("/approvals", status_code=201)
    async def ask_for_approval(account: SignedIn, wish: shapes.TerminalWish) -> shapes.Approval:
        """Ask a terminal to confirm the firm (S0-40); asking again changes nothing."""
        row = await write(
            ports,
            account.account,
            lambda act: ask_terminal(act, administered(act, account), wish.terminal),
        )
        return shapes.approval(row)


def _shown(act: Act, account: AccountRef) -> shapes.FirmShape:
    partner = own_firm(act, account)
    contact = act.tx.firms.contact(partner.code, account.account)
    return shapes.firm_shape(
        partner,
        partner.is_administrator(account.account),
        contact.shown if contact else None,
        act.tx.firms.states(partner.code),
    )


def _permissions(act: Act, account: AccountRef, terminal: str) -> shapes.PermissionList:
    partner = own_firm(act, account)
    asked = [
        (function, may_partner(partner, account, function, terminal))
        for function in tables().functions
    ]
    return shapes.PermissionList(
        items=[
            shapes.Permission(
                function=function,
                outcome=verdict.outcome,
                codes=verdict.codes,
                explanation=verdict.explanation,
            )
            for function, verdict in asked
        ]
    )
