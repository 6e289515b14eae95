"""What crosses the port of money: plain frozen values.  Amounts are whole fen, instants UTC.

States are in gateway/store/money/*schema.py; those of an order in gateway/rules/payment_ledger,
those of a receipt in gateway/rules/settlement_life.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filing 备案 of a firm (account "") or of one of its operators with a region (S3-03, 04).

    ports: LOCODEs of the region; rights: what was applied for.
    """

    id: str
    partner: str
    account: str
    region: str
    ports: list[str]
    rights: list[str]
    state: str
    revision: int
    created_at: datetime
    authority_number: str | None = None
    reason: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A manifest declaration 舱单申报 (S3-06, 07): one ship's call of one declarant and kind.

    ship_at and ship_time: the same instant, and as written with the port's zone.  departed_at: the
    actual departure, from which the 72 hours count.
    """

    id: str
    partner: str
    account: str
    document: str | None
    kind: str
    vessel: str
    voyage: str
    region: str
    direction: str
    trade: str
    ship_at: datetime | None
    ship_time: str | None
    departed_at: datetime | None
    facts: dict[str, Any]
    state: str
    revision: int
    created_at: datetime
    authority_number: str | None = None
    reason: str | None = None
    submitted_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """A goods declaration 货物申报: one bill of lading under one manifest declaration (S3-34).

    partner: the declarant; payer: who pays.  facts: what rating takes.  authority_fen: what the
    authority's own platform rated (H-32).
    """

    id: str
    manifest: str
    partner: str
    account: str
    document: str | None
    bill_of_lading: str
    kind: str
    payer: str
    region: str
    load_port: str
    discharge_port: str
    direction: str
    trade: str
    ship_at: datetime | None
    ship_time: str | None
    goods_form: str
    facts: dict[str, Any]
    state: str
    revision: int
    created_at: datetime
    authority_number: str | None = None
    authority_fen: int | None = None
    reason: str | None = None
    submitted_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A line of a rating; partner: the payer.  quantity and rate: decimals as text.

    revision and line: which revision of the declaration was rated, and the place among its lines.
    settlement: the receipt 补收差额 that it collects.
    """

    id: str
    declaration: str
    bill_of_lading: str
    partner: str
    tariff: str
    tariff_row: str
    tariff_version: str
    basis: str
    quantity: str
    rate: str
    amount_fen: int
    reason: str
    state: str
    revision: int
    line: int
    created_at: datetime
    payment_order: str | None = None
    settlement: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BillDue:
    """A bill that can be ordered: approved, and something of it is due.

    amount_fen: the sum of its charges that are due.
    """

    declaration: str
    bill_of_lading: str
    payer: str
    region: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class OrderBill:
    """A bill of an order, as it was frozen."""

    declaration: str
    bill_of_lading: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A payment order 支付单; partner: the payer.  The first four fen amounts sum to amount_fen."""

    number: str
    partner: str
    account: str
    amount_fen: int
    currency: str
    provider: str
    merchant: str | None
    invoice_title: str
    delivery_method: str
    recipient: dict[str, Any]
    state: str
    due_fen: int
    created_at: datetime
    paid_fen: int = 0
    refunding_fen: int = 0
    refunded_fen: int = 0
    held_fen: int = 0
    returned_fen: int = 0
    transaction_id: str | None = None
    revision: int = 1
    idempotency_key: str | None = None
    request_sha256: str | None = None
    checkout_at: datetime | None = None
    paid_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened to an order's money.  provider: `local` for our own.

    payment_order: as the event names it, "" where it names none.  event: as rules read it.
    raw and headers: the callback as it came.
    """

    provider: str
    event_id: str
    payment_order: str
    kind: str
    event: dict[str, Any]
    content_sha256: str
    received_at: datetime
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    folded: bool = False


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money on its way back; id is the number that the provider is given.

    reason: LATE_PAID, SETTLEMENT, EXEMPTION or OFFICER.
    """

    id: str
    payment_order: str
    partner: str
    provider: str
    amount_fen: int
    reason: str
    state: str
    requested_by: str
    created_at: datetime
    settlement: str | None = None
    transaction_id: str | None = None
    provider_refund: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call to a provider: kind `query` of an order or `refund` of a refund's id."""

    kind: str
    subject: str
    provider: str
    state: str
    attempts: int
    due_at: datetime
    fence: int
    leased_by: str | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A receipt of 补退清算; payment_order: the order that collected, "" for 补收差额."""

    id: str
    partner: str
    bill_of_lading: str
    declaration: str | None
    clean_declaration: str | None
    payment_order: str
    kind: str
    amount_fen: int
    reason: str
    state: str
    revision: int
    created_at: datetime
    authority_number: str | None = None
    note: str | None = None
    refund: str | None = None
    extra_order: str | None = None
    applied_at: datetime | None = None
    decided_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """Work for a person.  key: recorded once; owner: the queue, then who took it."""

    key: str
    kind: str
    owner: str
    created_at: datetime
    partner: str | None = None
    payment_order: str | None = None
    bill_of_lading: str | None = None
    provider: str | None = None
    reference: str | None = None
    amount_fen: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    state: str = "open"
    note: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row of a reconciliation: what the platform says, what we have; None: nothing."""

    run: str
    ordinal: int
    kind: str
    outcome: str
    payment_order: str
    reference: str
    transaction_id: str
    platform_fen: int | None
    own_fen: int | None
    fee_fen: int | None = None
    file_line: int | None = None
    occurred: str | None = None


@dataclass(frozen=True, slots=True)
class BookRun:
    """A reconciliation of one platform's day; the sums are of payments less refunds."""

    id: str
    provider: str
    day: str
    file_name: str
    file_sha256: str
    matched: int
    missing: int
    surplus: int
    different: int
    platform_fen: int
    own_fen: int
    imported_by: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class OwnMove:
    """A payment or refund of ours as a settlement file would tell it."""

    kind: str
    payment_order: str
    reference: str
    transaction_id: str
    amount_fen: int
    at: datetime
