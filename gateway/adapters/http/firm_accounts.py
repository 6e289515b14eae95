"""`/v1/firm/accounts`: sub-accounts, by the firm's administrator (S0-25, S0-26)."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Path, Query

from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import administered, own_firm, read, write
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.firm import SubAccount
from gateway.canonical.partner import Account, Partner
from gateway.pipeline.api_key import new_api_key
from gateway.pipeline.firms import accounts
from gateway.pipeline.firms.act import Act

Login = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]


def router(ports: HttpPorts) -> APIRouter:
    """The accounts of the firm that asks."""
    routes = APIRouter(prefix="/v1/firm", tags=["firm"], dependencies=DOCUMENTED)
    _add_making(ports, routes)
    _add_changing(ports, routes)
    return routes


def _add_making(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/accounts")
    async def list_accounts(account: SignedIn) -> shapes.AccountList:
        """All accounts, for the administrator."""
        return await read(ports, lambda act: _accounts(act, administered(act, account)))

    @routes.post("/accounts", status_code=201)
    async def add_account(account: SignedIn, form: SubAccount) -> shapes.AccountKey:
        """A sub-account within the firm's services; its key is shown once (S0-26, S0-28)."""
        key = new_api_key()

        def work(act: Act) -> Account:
            code = administered(act, account).code
            return accounts.add_account(act, code, form, key, ports.firms.personal)

        made = await write(ports, account.account, work)
        return shapes.AccountKey(login=made.name, api_key=key.text)


def _add_changing(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.put("/accounts/{login}/services")
    async def grant_services(
        account: SignedIn, login: Login, wanted: shapes.Services
    ) -> shapes.AccountShape:
        """What a sub-account may use."""

        def work(act: Act) -> shapes.AccountShape:
            code = administered(act, account).code
            changed = accounts.grant(act, code, login, wanted.services)
            return _account(act, own_firm(act, account), changed)

        return await write(ports, account.account, work)

    @routes.post("/accounts/{login}/keys", status_code=201)
    async def rotate_key(
        account: SignedIn, login: Login, keep: Annotated[bool, Query()] = False
    ) -> shapes.AccountKey:
        """A new key, shown once; the old ones end at once unless `keep` is given."""
        key = new_api_key()

        def work(act: Act) -> Account:
            code = administered(act, account).code
            return accounts.rotate_key(act, code, login, key, keep=keep)

        made = await write(ports, account.account, work)
        return shapes.AccountKey(login=made.name, api_key=key.text)

    @routes.delete("/accounts/{login}", status_code=204)
    async def remove_account(account: SignedIn, login: Login) -> None:
        """Take a sub-account away."""
        await write(
            ports,
            account.account,
            lambda act: accounts.remove_account(act, administered(act, account).code, login),
        )


def _accounts(act: Act, partner: Partner) -> shapes.AccountList:
    return shapes.AccountList(items=[_account(act, partner, each) for each in partner.accounts])


def _account(act: Act, partner: Partner, account: Account) -> shapes.AccountShape:
    contact = act.tx.firms.contact(partner.code, account.name)
    return shapes.AccountShape(
        login=account.name,
        administrator=partner.is_administrator(account.name),
        services=account.services,
        api_keys=len(account.api_keys),
        ssh_keys=len(account.ssh_keys),
        contact=json.loads(contact.shown) if contact else None,
    )
