"""The JSON shapes of firms and what belongs to them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.adapters.http.shapes import Shape
from gateway.canonical.enterprise import CreditGrade, Service
from gateway.canonical.model import Many, Model
from gateway.canonical.partner import Partner, PartnerCode
from gateway.pipeline.firms.rows import ApprovalRow, CardRow, DriverRow, StateRow, TruckRow

Why = Annotated[str, Field(max_length=500)]


class Step(Shape):
    """One step of a firm's life."""

    state: str
    at: datetime
    why: str


class FirmShape(Shape):
    """A firm's own record.  contact: masked; administrator: whether the asking account is."""

    code: str
    name: str
    state: str
    managed_by: str
    types: tuple[str, ...]
    services: tuple[str, ...]
    credit_code: str | None
    taxpayer_number: str | None
    customs_codes: tuple[str, ...]
    credit_grades: tuple[CreditGrade, ...]
    terminal_approved: tuple[str, ...]
    payment_enabled: bool
    documents: list[str]
    administrator: bool
    contact: dict[str, str] | None
    history: list[Step]


def firm_shape(
    partner: Partner, administrator: bool, contact: str | None, steps: list[StateRow]
) -> FirmShape:
    """From the stored firm."""
    own = {
        name: getattr(partner, name)
        for name in FirmShape.model_fields
        if name in type(partner).model_fields
    }
    return FirmShape(
        **own,
        documents=[each.document for each in partner.agreements],
        administrator=administrator,
        contact=None if contact is None else json.loads(contact),
        history=[Step(state=each.state, at=each.at, why=each.why) for each in steps],
    )


class Registered(Shape):
    """The answer to a registration: the key of its first account is shown once."""

    firm: str
    account: str
    state: str
    api_key: str


class AccountShape(Shape):
    """An account of a firm; contact: masked."""

    login: str
    administrator: bool
    services: tuple[str, ...]
    api_keys: int
    ssh_keys: int
    contact: dict[str, str] | None = None


class AccountKey(Shape):
    """A new key; it is shown once."""

    login: str
    api_key: str


class AccountList(Shape):
    """All accounts of a firm."""

    items: list[AccountShape]


class Services(Model):
    """Some of the seven services (S0-17)."""

    services: Many[Service]


class Plate(Model):
    """A truck to be added."""

    plate: Annotated[str, Field(min_length=1, max_length=20)]


class TerminalWish(Model):
    """The terminal whose approval a firm asks for."""

    terminal: PartnerCode


class Answer(Model):
    """A terminal's answer to a firm."""

    answer: Literal["approved", "refused", "withdrawn"]
    why: Why = ""


class CardWish(Model):
    """A smart card for one of the firm's trucks or drivers, by id."""

    truck: Annotated[str, Field(max_length=40)] | None = None
    driver: Annotated[str, Field(max_length=40)] | None = None


class Approval(Shape):
    """A terminal's word about a firm."""

    firm: str
    terminal: str
    state: str
    requested_at: datetime
    decided_at: datetime | None
    why: str | None
    name: str | None = None
    types: tuple[str, ...] = ()


class ApprovalPage(Shape):
    """In order of the firm's code; `cursor` continues, null at the end."""

    items: list[Approval]
    cursor: str | None = None


class Paper(Shape):
    """A qualification document without its bytes."""

    id: str
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str


class PaperList(Shape):
    """All documents of a firm, oldest first."""

    items: list[Paper]


class Truck(Shape):
    """A truck of the fleet."""

    id: str
    plate: str
    added_at: datetime


class TruckPage(Shape):
    """In order of id; `cursor` continues, null at the end."""

    items: list[Truck]
    cursor: str | None


class FiledDriver(Shape):
    """A driver of the fleet; name and numbers masked."""

    id: str
    name: str
    identity: str
    licence: str
    mobile: str
    filed_at: datetime


class DriverPage(Shape):
    """In order of id; `cursor` continues, null at the end."""

    items: list[FiledDriver]
    cursor: str | None


class Card(Shape):
    """A smart card."""

    id: str
    truck: str | None
    driver: str | None
    number: str | None
    state: str
    applied_at: datetime
    decided_at: datetime | None


class CardPage(Shape):
    """In order of id; `cursor` continues, null at the end."""

    items: list[Card]
    cursor: str | None


class Permission(Shape):
    """One function: whether this account may use it now, and why."""

    function: str
    outcome: str
    codes: tuple[str, ...]
    explanation: dict[str, str]


class PermissionList(Shape):
    """Every function of the role tables."""

    items: list[Permission]


def approval(row: ApprovalRow, partner: Partner | None = None) -> Approval:
    """partner: the firm, where the terminal has to know who asks."""
    return Approval(
        firm=row.partner,
        terminal=row.terminal,
        state=row.state,
        requested_at=row.requested_at,
        decided_at=row.decided_at,
        why=row.why,
        name=partner.name if partner else None,
        types=partner.types if partner else (),
    )


def truck(row: TruckRow) -> Truck:
    """From its row."""
    return Truck(id=row.id, plate=row.plate, added_at=row.added_at)


def driver(row: DriverRow) -> FiledDriver:
    """From its row: masked, as it was when it was filed."""
    shown: dict[str, Any] = json.loads(row.shown)
    return FiledDriver(id=row.id, filed_at=row.filed_at, **shown)


def card(row: CardRow) -> Card:
    """From its row."""
    return Card.model_validate(row)
