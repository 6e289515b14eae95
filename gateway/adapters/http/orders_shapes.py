"""The JSON shapes of payment orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.adapters.http.shapes import Shape
from gateway.limits import ORDER_BILLS_MAX

ProviderName = Literal["unionpay", "alipay", "wechatpay", "aggregator", "standard-webhooks"]
_Short = Annotated[str, Field(min_length=1, max_length=100)]


class _Given(BaseModel):
    """What clients send: nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Recipient(_Given):
    """Who gets the posted receipt (S3-19)."""

    name: _Short
    address: Annotated[str, Field(min_length=1, max_length=300)]
    phone: Annotated[str, Field(min_length=1, max_length=30)]
    postcode: Annotated[str, Field(max_length=10)] | None = None


class OrderWanted(_Given):
    """bills: numbers of bills of lading, or ids of goods declarations; all of one payer."""

    bills: Annotated[list[_Short], Field(min_length=1, max_length=ORDER_BILLS_MAX)]
    provider: ProviderName
    invoice_title: _Short
    delivery_method: Literal["pick_up", "post", "electronic"] = "pick_up"
    recipient: Recipient | None = None


class CheckoutWanted(_Given):
    """provider: another platform than the order's."""

    provider: ProviderName | None = None


class Payable(Shape):
    """A bill that can be ordered: approved, and something of it is due; whole fen."""

    declaration: str
    bill_of_lading: str
    region: str
    amount_fen: int


class PayableList(Shape):
    """The pay screen (S3-19)."""

    items: list[Payable]


class OrderLine(Shape):
    """An order in a list; `due_fen`, `paid_fen`, `refunding_fen`, `refunded_fen` sum to its amount.

    held_fen: money that came in and is not the order's, returned_fen: of it, what went back.
    """

    number: str
    partner: str
    account: str
    state: str
    amount_fen: int
    currency: str
    due_fen: int
    paid_fen: int
    refunding_fen: int
    refunded_fen: int
    held_fen: int
    returned_fen: int
    provider: str
    merchant: str | None
    invoice_title: str
    delivery_method: str
    transaction_id: str | None
    created_at: datetime
    checkout_at: datetime | None
    paid_at: datetime | None
    closed_at: datetime | None


class OrderPage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[OrderLine]
    cursor: str | None


class BillOfOrder(Shape):
    """A bill, as it was frozen."""

    declaration: str
    bill_of_lading: str
    amount_fen: int


class RefundOfOrder(Shape):
    """Money on its way back, or gone."""

    id: str
    amount_fen: int
    reason: str
    state: str
    created_at: datetime
    finished_at: datetime | None


class OrderTold(OrderLine):
    """An order whole."""

    recipient: dict[str, str | None]
    bills: list[BillOfOrder]
    refunds: list[RefundOfOrder]


class CheckoutShape(Shape):
    """What the payer's browser sends to the platform; the page shows number, amount and merchant.

    fields: of a form to post; body: of a JSON request instead, with its headers.
    """

    number: str
    amount_fen: int
    merchant_name: str
    provider: str
    method: str
    url: str
    fields: dict[str, str]
    headers: dict[str, str]
    body: str | None
