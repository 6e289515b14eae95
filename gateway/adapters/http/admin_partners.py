"""`/admin/partners`: operators create, review, activate and suspend firms, rotate their keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field

from gateway import limits
from gateway.adapters.http import cursor as cursors
from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import read, write
from gateway.adapters.http.firm_papers import Id, found, sent
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.shapes import Shape
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.enterprise import (
    CreditCode,
    CreditGrade,
    CustomsCode,
    EnterpriseType,
    Service,
    TaxpayerNumber,
)
from gateway.canonical.firm import SubAccount
from gateway.canonical.model import Code, Many, Model, Text
from gateway.canonical.partner import Agreement, Partner, PartnerCode, Poll, Route
from gateway.pipeline.api_key import new_api_key
from gateway.pipeline.firms import accounts, fleet, life
from gateway.pipeline.firms.act import Act, change, firm
from gateway.pipeline.firms.terms import audited

Firm = Annotated[str, Path(pattern=r"^[A-Z0-9]{2,20}$")]
Login = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Move = Literal["review", "return", "approve", "suspend", "resume"]


class Reason(Model):
    """Why it is done; it stands on record, and the firm reads it."""

    why: shapes.Why = ""


class Change(Model):
    """Terms to be replaced; what is absent stays."""

    name: Text | None = None
    stage: Literal["production", "test"] | None = None
    roles: Many[Text] | None = None
    identities: Many[Code] | None = None
    types: Many[EnterpriseType] | None = None
    services: Many[Service] | None = None
    payment_enabled: bool | None = None
    credit_code: CreditCode | None = None
    taxpayer_number: TaxpayerNumber | None = None
    customs_codes: Many[CustomsCode] | None = None
    credit_grades: Many[CreditGrade] | None = None
    terminal_approved: Many[PartnerCode] | None = None
    agreements: Many[Agreement] | None = None
    routes: Many[Route] | None = None
    polls: Many[Poll] | None = None


class CardStep(Model):
    """What is done with a card that a fleet applied for; number: printed on it."""

    step: Literal["issue", "refuse", "cancel"]
    number: Annotated[str, Field(min_length=1, max_length=40)] | None = None


class PartnerLine(Shape):
    """A partner in a list."""

    code: str
    name: str
    state: str
    stage: str
    managed_by: str
    types: tuple[str, ...]


class PartnerPage(Shape):
    """In order of their codes; `cursor` continues, null at the end."""

    items: list[PartnerLine]
    cursor: str | None


class PartnerShape(Shape):
    """A partner with its life; terms: the partner file without defaults, hashes cut down."""

    terms: dict[str, Any]
    history: list[shapes.Step]
    papers: list[shapes.Paper]
    approvals: list[shapes.Approval]


def router(ports: HttpPorts) -> APIRouter:
    """The routes of operators."""
    routes = APIRouter(prefix="/admin/partners", tags=["admin"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_partners(
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
        state: Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")] = None,
    ) -> PartnerPage:
        """All partners in force, or those of a state."""
        after = cursors.opened(cursor) or ""
        known = sorted(ports.directory.partners(), key=lambda each: each.code)
        rows = [p for p in known if p.code > after and state in (None, p.state)][:limit]
        more = rows[-1].code if len(rows) == limit else None
        items = [PartnerLine.model_validate(row) for row in rows]
        return PartnerPage(items=items, cursor=cursors.sealed(more))

    @routes.post("", status_code=201)
    async def create_partner(account: SignedIn, partner: Partner) -> PartnerShape:
        """A partner as its file would have it; it is managed here from then on."""
        made = await write(ports, account.account, lambda act: life.create(act, partner))
        return await _shown(ports, made.code)

    @routes.get("/{code}")
    async def show_partner(code: Firm) -> PartnerShape:
        """One partner."""
        return await _shown(ports, code)

    @routes.patch("/{code}")
    async def change_partner(account: SignedIn, code: Firm, wanted: Change) -> PartnerShape:
        """Replace terms of a partner that is managed here; 409 for one of a file."""
        values = wanted.model_dump(exclude_unset=True)

        await write(ports, account.account, lambda act: change(act, code, lambda _: values))
        return await _shown(ports, code)

    @routes.delete("/{code}", status_code=204)
    async def discard_registration(
        account: SignedIn, code: Firm, why: Annotated[str, Query(max_length=500)] = ""
    ) -> None:
        """Give up a registration that was never activated."""
        await write(ports, account.account, lambda act: life.discard(act, code, why))

    _add_steps(ports, routes)
    _add_accounts(ports, routes)
    _add_belongings(ports, routes)
    return routes


def _add_steps(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.post("/{code}/steps/{step}")
    async def take_step(account: SignedIn, code: Firm, step: Move, reason: Reason) -> PartnerShape:
        """Review, return, approve, suspend, resume (S0-23); the firm is told."""
        await write(ports, account.account, lambda act: life.take_step(act, code, step, reason.why))
        return await _shown(ports, code)


def _add_accounts(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.post("/{code}/accounts", status_code=201)
    async def add_account(account: SignedIn, code: Firm, form: SubAccount) -> shapes.AccountKey:
        """A sub-account; its key is shown once."""
        key = new_api_key()
        made = await write(
            ports,
            account.account,
            lambda act: accounts.add_account(act, code, form, key, ports.firms.personal),
        )
        return shapes.AccountKey(login=made.name, api_key=key.text)

    @routes.post("/{code}/accounts/{login}/keys", status_code=201)
    async def rotate_key(
        account: SignedIn, code: Firm, login: Login, keep: Annotated[bool, Query()] = False
    ) -> shapes.AccountKey:
        """A new key, shown once; the old ones end at once unless `keep` is given."""
        key = new_api_key()
        made = await write(
            ports,
            account.account,
            lambda act: accounts.rotate_key(act, code, login, key, keep=keep),
        )
        return shapes.AccountKey(login=made.name, api_key=key.text)

    @routes.delete("/{code}/accounts/{login}", status_code=204)
    async def remove_account(account: SignedIn, code: Firm, login: Login) -> None:
        """Take a sub-account away."""
        await write(ports, account.account, lambda act: accounts.remove_account(act, code, login))


def _add_belongings(ports: HttpPorts, routes: APIRouter) -> None:
    @routes.get("/{code}/papers/{paper}", response_class=Response)
    async def read_paper(code: Firm, paper: Id) -> Response:
        """A qualification document of the firm."""
        row, scan = await read(ports, lambda act: found(act, code, paper))
        return sent(row, scan)

    @routes.get("/{code}/cards")
    async def list_cards(
        code: Firm, limit: Limit = limits.HTTP_PAGE_DEFAULT, cursor: Cursor = None
    ) -> shapes.CardPage:
        """Smart cards of the firm."""
        after = cursors.opened(cursor) or ""
        rows = await read(ports, lambda act: act.tx.firms.fleet.cards(code, after, limit))
        more = rows[-1].id if len(rows) == limit else None
        return shapes.CardPage(
            items=[shapes.card(row) for row in rows], cursor=cursors.sealed(more)
        )

    @routes.post("/{code}/cards/{card}")
    async def decide_card(account: SignedIn, code: Firm, card: Id, given: CardStep) -> shapes.Card:
        """Issue, refuse or cancel a smart card."""
        row = await write(
            ports,
            account.account,
            lambda act: fleet.decide_card(act, code, card, given.step, given.number),
        )
        return shapes.card(row)


async def _shown(ports: HttpPorts, code: str) -> PartnerShape:
    def work(act: Act) -> PartnerShape:
        partner = firm(act, code)
        firms = act.tx.firms
        return PartnerShape(
            terms=audited(partner) or {},
            history=[shapes.Step.model_validate(each) for each in firms.states(code)],
            papers=[shapes.Paper.model_validate(each) for each in firms.papers(code)],
            approvals=[shapes.approval(each) for each in firms.approvals(code)],
        )

    return await read(ports, work)
