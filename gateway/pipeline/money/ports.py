"""What the steps and jobs ask of the store about money, and of the payment providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.pipeline.money.rows import (
    BillDue,
    BookRow,
    BookRun,
    CallRow,
    ChargeRow,
    DeclarationRow,
    EventRow,
    FilingRow,
    ManifestRow,
    OrderBill,
    OrderRow,
    OwnMove,
    RefundRow,
    SettlementRow,
    WorkRow,
)
from gateway.pipeline.rows import Page
from gateway.rules.payment_event import PaymentEvent


class Filings(Protocol):
    """Filings 备案."""

    def add(self, row: FilingRow) -> bool:
        """False where one of this partner, account and region exists."""

    def find(self, id_: str) -> FilingRow | None: ...

    def of(self, partner: str, account: str, region: str) -> FilingRow | None: ...

    def change(self, row: FilingRow) -> None:
        """Record `row`, whose revision is one more than the stored one; raises Stale."""

    def page(self, partner: str | None, cursor: str | None, limit: int) -> Page: ...


class Manifests(Protocol):
    """Manifest declarations."""

    def add(self, row: ManifestRow) -> bool:
        """False where one of this partner, kind, vessel, voyage and region exists."""

    def find(self, id_: str) -> ManifestRow | None: ...

    def of(
        self, partner: str, kind: str, vessel: str, voyage: str, region: str
    ) -> ManifestRow | None: ...

    def change(self, row: ManifestRow) -> None:
        """Record `row`, whose revision is one more than the stored one; raises Stale."""

    def page(self, partner: str | None, cursor: str | None, limit: int) -> Page: ...


class Declarations(Protocol):
    """Goods declarations, one a bill."""

    def add(self, row: DeclarationRow) -> bool:
        """False where this manifest declaration has the bill already."""

    def find(self, id_: str) -> DeclarationRow | None: ...

    def of_manifest(self, manifest: str) -> list[DeclarationRow]:
        """In order of recording."""

    def of_bill(self, bill_of_lading: str) -> list[DeclarationRow]:
        """Of all partners and kinds, in order of recording."""

    def change(self, row: DeclarationRow) -> None:
        """Record `row`, whose revision is one more than the stored one; raises Stale."""

    def paid(self, id_: str) -> bool:
        """An approved bill is paid 已收费 from now on (S3-21); false where it was already."""

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page: ...


class Charges(Protocol):
    """What is due for bills."""

    def add(self, rows: Sequence[ChargeRow]) -> None:
        """Insert; a line of a declaration's revision that exists is left alone."""

    def of_declaration(self, declaration: str) -> list[ChargeRow]: ...

    def of_order(self, order: str) -> list[ChargeRow]: ...

    def void(self, declaration: str) -> int:
        """`due` → `void` (rated again); what is ordered or paid stays.  How many."""

    def bills_due(self, payer: str, declarations: Sequence[str] | None = None) -> list[BillDue]:
        """Approved or paid bills of a payer with charges that are due; None: all of them."""

    def order(self, order: str, declaration: str) -> int:
        """`due` → `ordered`; how many fen."""

    def release(self, order: str) -> int:
        """`ordered` → `due` (the order was closed); how many."""

    def paid(self, order: str, at: datetime) -> int:
        """`ordered` (or `due` again, where the order was closed) → `paid`; how many."""

    def page(
        self, payer: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page: ...


class Orders(Protocol):
    """Payment orders.  Whoever changes one holds its lock."""

    def next_number(self, day: str) -> str:
        """`PO` + day (YYYYMMDD) + a running number of at least six digits."""

    def add(self, row: OrderRow, bills: Sequence[OrderBill]) -> None:
        """Insert with its bills; raises BillTaken where one is in an open order, or KeyTaken."""

    def lock(self, number: str) -> None:
        """Nobody else changes this order or adds an event of it until the end."""

    def find(self, number: str) -> OrderRow | None: ...

    def visible(self, partner: str, number: str) -> OrderRow | None:
        """As `find`, but only for its own partner."""

    def by_key(self, partner: str, idempotency_key: str) -> OrderRow | None: ...

    def bills(self, number: str) -> list[OrderBill]: ...

    def change(self, row: OrderRow, *, open_: bool) -> None:
        """Record state, ledger and times; open_: whether its bills are still bound to it."""

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        """Newest first; partner None only for operators."""


class BillTaken(Exception):
    """A bill is in another open order."""


class KeyTaken(Exception):
    """The idempotency key belongs to an order that was made in this very moment."""


class PaymentEvents(Protocol):
    """What happened to money, in the order in which it was committed."""

    def add(self, row: EventRow) -> bool:
        """False where this provider's event id is known."""

    def find(self, provider: str, event_id: str) -> EventRow | None: ...

    def of_order(self, number: str, limit: int) -> list[EventRow]:
        """The first ones, without raw bodies and headers."""

    def waiting(self, number: str) -> list[EventRow]:
        """Those that are not folded yet, without raw bodies and headers."""

    def folded(self, number: str) -> None:
        """All events of the order."""

    def effect(
        self, number: str, key: str, kind: str, amount_fen: int | None, reference: str | None
    ) -> bool:
        """Record the key of an effect; false where it was recorded before."""


class Refunds(Protocol):
    """Refunds."""

    def add(self, row: RefundRow) -> bool:
        """False where its id is known."""

    def find(self, id_: str) -> RefundRow | None: ...

    def of_order(self, number: str) -> list[RefundRow]: ...

    def change(self, row: RefundRow) -> None:
        """Record state, the provider's number and when it ended."""


class Calls(Protocol):
    """Calls to providers."""

    def put(self, kind: str, subject: str, provider: str, due_at: datetime) -> None:
        """Due at the latest then; a leased one is left alone."""

    def lease_due(self, now: datetime, until: datetime, owner: str, limit: int) -> list[CallRow]:
        """Due calls, and leased ones whose lease is over; fence + 1 each."""

    def next_due(self) -> datetime | None: ...

    def finish(
        self, call: CallRow, state: str, due_at: datetime | None, error: str | None = None
    ) -> None:
        """`done`, `dead`, or `due` again at due_at; raises Stale for an old fence."""

    def find(self, kind: str, subject: str) -> CallRow | None: ...


class Settlements(Protocol):
    """Receipts of 补退清算."""

    def add(self, row: SettlementRow) -> bool:
        """False where an unsettled one of this partner, bill, order and kind exists."""

    def find(self, id_: str) -> SettlementRow | None: ...

    def of_bill(self, bill_of_lading: str) -> list[SettlementRow]: ...

    def of_refund(self, refund: str) -> SettlementRow | None: ...

    def of_extra(self, order: str) -> list[SettlementRow]:
        """Receipts that this order collects."""

    def change(self, row: SettlementRow) -> None:
        """Record `row`, whose revision is one more than the stored one; raises Stale."""

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page: ...


class WorkItems(Protocol):
    """Work for people."""

    def add(self, row: WorkRow) -> bool:
        """False where its key is known."""

    def find(self, seq: int) -> WorkRow | None: ...

    def of_order(self, order: str) -> list[WorkRow]:
        """In order of recording, resolved ones too."""

    def keep(self, order: str, rows: Sequence[WorkRow], at: datetime) -> None:
        """Exactly these are open of the order's items that a fold makes.

        Those that are missing are added, those that later events have answered are resolved; what
        a person has resolved stays so.
        """

    def resolve(self, seq: int, by: str, note: str, at: datetime) -> bool:
        """False where it is not open."""

    def take(self, seq: int, owner: str) -> bool:
        """Its owner from now on; false where it is not open."""

    def page(
        self, cursor: str | None, limit: int, state: str | None = None, kind: str | None = None
    ) -> Page:
        """Newest first."""


class Books(Protocol):
    """Reconciliations."""

    def own_moves(self, provider: str, since: datetime, until: datetime) -> list[OwnMove]:
        """Payments and refunds of ours that a platform's file of that time should tell."""

    def add(self, run: BookRun, rows: Sequence[BookRow]) -> bool:
        """False where this file was imported for this day."""

    def find(self, run: str) -> BookRun | None: ...

    def of_file(self, provider: str, day: str, sha256: str) -> BookRun | None: ...

    def rows(self, run: str, outcome: str | None = None) -> list[BookRow]: ...

    def page(self, cursor: str | None, limit: int) -> Page: ...


class Money(Protocol):
    """The ledger and what feeds it, inside one transaction."""

    @property
    def filings(self) -> Filings: ...
    @property
    def manifests(self) -> Manifests: ...
    @property
    def declarations(self) -> Declarations: ...
    @property
    def charges(self) -> Charges: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def events(self) -> PaymentEvents: ...
    @property
    def refunds(self) -> Refunds: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def settlements(self) -> Settlements: ...
    @property
    def work(self) -> WorkItems: ...
    @property
    def books(self) -> Books: ...


# ---- The providers


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider answers: events in our words.

    known: whether it knows the order at all.  number: its own number of a refund.
    """

    known: bool
    events: Sequence[PaymentEvent] = ()
    number: str | None = None


class ProviderRefused(Exception):
    """The provider says no for good (its code, never its text); trying again is no use."""


class PaymentClient(Protocol):
    """Calls to one provider, made with no transaction open; raises TransientError to try again."""

    async def query(self, order: OrderRow, now: datetime) -> Told:
        """What became of an order and its refunds."""

    async def refund(self, order: OrderRow, refund: RefundRow, now: datetime) -> Told:
        """Ask for a refund under our number, as often as needed; raises ProviderRefused."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the payer's browser or app sends to the chosen platform, signed by us.

    fields: of a form (method POST) or of a query (GET); body: of a JSON request instead.
    """

    method: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


class Till(Protocol):
    """Signs what a payer needs at one provider; no I/O."""

    def checkout(self, order: OrderRow, now: datetime) -> Checkout:
        """Raises KeysUnavailable where we cannot sign now."""
