"""Fee declarations over HTTP: filings, manifest declarations, goods declarations, charges."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway import limits
from gateway.adapters.http import problem
from gateway.adapters.http.fee_answers import Item, answered, at_work, paged
from gateway.adapters.http.interchanges import Cursor, Limit
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.money.rows import DeclarationRow
from gateway.rules.declaration_facts import length_ft

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9a-z]+$")]
State = Annotated[str | None, Query(pattern=r"^[a-zA-Z_]{1,20}$")]
Short = Annotated[str, Field(min_length=1, max_length=70)]
Port = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")]
Number = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DangerousBody(_Body):
    """IMDG class and packing group."""

    hazard_class: Short = Field(alias="class")
    packing_group: Annotated[str, Field(max_length=3)] | None = None


class BoxBody(_Body):
    """A container line (S3-12): number, what is in it, and its size type (H-28)."""

    number: Annotated[str, Field(pattern=r"^[A-Z]{4}[0-9]{7}$")]
    size_type: Annotated[str, Field(max_length=4)] | None = None
    laden: bool = True
    merchandise: bool = False
    reefer: bool = False
    dangerous: DangerousBody | None = None


class CargoBody(_Body):
    """A line of goods without a container: name, weight in tonnes, JT code (S3-12)."""

    name: Annotated[str, Field(min_length=1, max_length=400)]
    tonnes: Number | None = None
    jt: Annotated[str, Field(max_length=20)] | None = None
    count: Number | None = None
    unit: Annotated[str, Field(max_length=20)] | None = None


class TransshipmentBody(_Body):
    """中转标识 and 曾缴情况."""

    flag: bool = False
    left_yard: bool = False
    prior_receipt: Annotated[str, Field(max_length=70)] | None = None


class GoodsBody(_Body):
    """A bill: containers or goods without, never both (S3-14: rating refuses both)."""

    load_port: Port
    discharge_port: Port
    containers: Annotated[list[BoxBody], Field(max_length=limits.SETTLEMENT_BILLS_MAX)] = []
    cargo: Annotated[list[CargoBody], Field(max_length=limits.SETTLEMENT_BILLS_MAX)] = []
    transshipment: TransshipmentBody = TransshipmentBody()

    def said(self) -> Item:
        """As the service takes it."""
        facts: Item = {"transshipment": self.transshipment.model_dump()}
        if self.containers:
            facts["containers"] = [_box(each) for each in self.containers]
        if self.cargo:
            facts["cargo"] = [each.model_dump() for each in self.cargo]
        return {"load_port": self.load_port, "discharge_port": self.discharge_port, "facts": facts}


class NewDeclaration(GoodsBody):
    """A new bill under one of the firm's manifest declarations (S3-34)."""

    manifest: Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]
    bill_of_lading: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9*/-]{3,34}$")]


class Copied(_Body):
    """The number of the new bill."""

    bill_of_lading: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9*/-]{3,34}$")]


class NewFiling(_Body):
    """A region to file for, with its ports; operator: "" for the firm."""

    region: Short
    ports: Annotated[list[Port], Field(min_length=1, max_length=50)]
    operator: Annotated[str, Field(max_length=40)] = ""

    @model_validator(mode="after")
    def _each_port_once(self) -> NewFiling:
        if len(set(self.ports)) != len(self.ports):
            raise ValueError("a port stands twice")
        return self


class Why(_Body):
    """Why an approval should be cancelled."""

    reason: Annotated[str, Field(max_length=400)] | None = None


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["fees"], dependencies=DOCUMENTED)
    _lists(routes, ports)
    _moves(routes, ports)

    @routes.post("/filings", status_code=201)
    async def file(account: SignedIn, body: NewFiling) -> Item:
        """Apply for a filing region 备案区域 (S3-03)."""
        filed = at_work(ports.fees).file(account, body.operator, body.region, body.ports)
        row = await answered(filed)
        if row is None:
            raise problem.conflict("该区域已备案或正在备案", "this region is filed for already")
        return asdict(row)

    @routes.post("/declarations", status_code=201)
    async def declare(account: SignedIn, body: NewDeclaration) -> Item:
        """A goods declaration as a draft, rated at once."""
        said = {**body.said(), "bill_of_lading": body.bill_of_lading}
        return await _told(at_work(ports.fees).declare(account, body.manifest, said))

    @routes.get("/declarations/{declaration}")
    async def show(account: SignedIn, declaration: Id) -> Item:
        """One with its charges, in fen."""
        row, charges = await answered(at_work(ports.fees).declaration(account, declaration))
        return {**asdict(row), "charges": [asdict(each) for each in charges]}

    return routes


def _lists(routes: APIRouter, ports: HttpPorts) -> None:
    default = limits.HTTP_PAGE_DEFAULT

    @routes.get("/filings")
    async def list_filings(
        account: SignedIn, limit: Limit = default, cursor: Cursor = None
    ) -> Item:
        """The firm's filings."""
        fees = at_work(ports.fees)
        return await paged(lambda at: fees.filings(account, at, limit), cursor)

    @routes.get("/manifest-declarations")
    async def list_manifests(
        account: SignedIn, limit: Limit = default, cursor: Cursor = None
    ) -> Item:
        """Manifest declarations."""
        fees = at_work(ports.fees)
        return await paged(lambda at: fees.manifests(account, at, limit), cursor)

    @routes.get("/declarations")
    async def list_declarations(
        account: SignedIn, state: State = None, limit: Limit = default, cursor: Cursor = None
    ) -> Item:
        """Goods declarations."""
        fees = at_work(ports.fees)
        return await paged(lambda at: fees.declarations(account, at, limit, state), cursor)

    @routes.get("/charges")
    async def list_charges(
        account: SignedIn, state: State = None, limit: Limit = default, cursor: Cursor = None
    ) -> Item:
        """我的缴费: the lines that are due, ordered and paid, in fen."""
        fees = at_work(ports.fees)
        return await paged(lambda at: fees.charges(account, at, limit, state), cursor)


def _moves(routes: APIRouter, ports: HttpPorts) -> None:
    """A declaration's way; what its state does not allow is a 409 with the reason."""

    @routes.post("/declarations/{declaration}/copy", status_code=201)
    async def copy(account: SignedIn, declaration: Id, body: Copied) -> Item:
        """A draft with the same lines, for another bill."""
        fees = at_work(ports.fees)
        return await _told(fees.copy(account, declaration, body.bill_of_lading))

    @routes.put("/declarations/{declaration}")
    async def change(account: SignedIn, declaration: Id, body: GoodsBody) -> Item:
        """New lines for a draft or a rejected one."""
        return await _told(at_work(ports.fees).change(account, declaration, body.said()))

    @routes.delete("/declarations/{declaration}")
    async def delete(account: SignedIn, declaration: Id) -> Item:
        """A draft goes."""
        return await _told(at_work(ports.fees).delete(account, declaration))

    @routes.post("/declarations/{declaration}/submit")
    async def submit(account: SignedIn, declaration: Id) -> Item:
        """Hand in to the authority."""
        return await _told(at_work(ports.fees).submit(account, declaration))

    @routes.post("/declarations/{declaration}/withdraw")
    async def withdraw(account: SignedIn, declaration: Id) -> Item:
        """提交取消, while the authority has not decided."""
        return await _told(at_work(ports.fees).withdraw(account, declaration))

    @routes.post("/declarations/{declaration}/cancel")
    async def cancel(account: SignedIn, declaration: Id, body: Why) -> Item:
        """Ask the authority to cancel its approval."""
        return await _told(at_work(ports.fees).cancel(account, declaration, body.reason))


async def _told(call: Awaitable[DeclarationRow]) -> Item:
    return asdict(await answered(call))


def _box(body: BoxBody) -> dict[str, Any]:
    feet = length_ft(body.size_type)
    told = body.model_dump(by_alias=True)
    return {**told, "length_ft": None if feet is None else str(feet)}
