"""ORDERS: a payer collects approved bills, picks a platform, pays; or closes what is not paid.

The amount is frozen when the order is made (S3-19, S3-20); a bill is in one open order at most (an
index decides races); an extra charge is a new order, never a change of an old one (S3-29).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.limits import AMOUNT_FEN_MAX, ORDER_BILLS_MAX, PAYMENT_QUERY_SECONDS
from gateway.pipeline.firms.permission import may
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.callbacks import digest
from gateway.pipeline.money.ledger import Office, refold
from gateway.pipeline.money.ports import BillTaken, Checkout, KeyTaken, Till
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import BillDue, EventRow, OrderBill, OrderRow
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.rules.payment_ledger import State
from gateway.rules.verdict import Verdict

FUNCTION: Final = "pay_fees"
# Order numbers carry the port's day.
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_UNPAID: Final = frozenset({State.CREATED, State.PENDING, State.AMOUNT_MISMATCH})
DELIVERY_METHODS: Final = ("pick_up", "post", "electronic")


@dataclass(eq=False)
class OrderRefused(Exception):
    """An order that cannot be made or moved; `code` is stable."""

    code: str
    zh: str
    en: str
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(eq=False)
class NotPermitted(Exception):
    """The account may not pay fees; the verdict says why."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a payer asks for.  bills: numbers of bills of lading, or ids of declarations."""

    bills: Sequence[str]
    provider: str
    invoice_title: str
    delivery_method: str = "pick_up"
    recipient: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None

    def sha256(self) -> str:
        """Of all that is asked for, without the key."""
        told = [sorted(self.bills), self.provider, self.invoice_title, self.delivery_method]
        text = json.dumps([told, dict(self.recipient)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """An order at its platform; merchant_name is shown to the payer (S3-20)."""

    order: OrderRow
    merchant_name: str
    checkout: Checkout


class OrderDesk:
    """Makes, shows, closes and checks out orders."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        office: Office,
        providers: Providers,
        tills: Mapping[str, Till],
    ) -> None:
        self._store = store
        self._clock = clock
        self._office = office
        self._providers = providers
        self._tills = tills

    async def payable(self, account: AccountRef) -> list[BillDue]:
        """Approved bills of the account's firm that can be ordered now."""

        def read(tx: Tx) -> list[BillDue]:
            _permit(tx, account)
            return tx.money.charges.bills_due(account.partner)

        return await self._store.read(read)

    async def create(self, account: AccountRef, wanted: NewOrder) -> OrderRow:
        """The order; the same one for the same key.  Raises OrderRefused, NotPermitted."""
        create = partial(self._create, account, wanted)
        try:
            try:
                return await self._store.write(create)
            except KeyTaken:
                return await self._store.write(create)
        except BillTaken as taken:
            raise OrderRefused(
                "BILL_ORDERED",
                "提单已在另一张未完成的订单中",
                "a bill is in another open order",
                {"bill_of_lading": str(taken)},
            ) from None

    async def close(self, account: AccountRef, number: str) -> OrderRow | None:
        """Closed, unless it is paid (raises OrderRefused); None where it is not the account's."""
        return await self._store.write(partial(self._close, account, number))

    async def checkout(
        self, account: AccountRef, number: str, provider: str | None = None
    ) -> CheckedOut | None:
        """Ready to be paid at its platform, or at another one; None where it is not theirs."""
        order = await self._store.write(partial(self._checkout, account, number, provider))
        if order is None:
            return None
        made = self._tills[order.provider].checkout(order, self._clock.now())
        return CheckedOut(order, self._providers.terms(order.provider).merchant_name, made)

    def _create(self, account: AccountRef, wanted: NewOrder, tx: Tx) -> OrderRow:
        _permit(tx, account)
        key = wanted.idempotency_key
        if key:
            # The second of two at once finds the order of the first.
            tx.money.orders.lock(f"key/{account.partner}/{key}")
        known = tx.money.orders.by_key(account.partner, key) if key else None
        if known is not None:
            return _same(known, wanted)
        self._check(wanted)
        bills = _chosen(tx, account.partner, wanted.bills)
        now = self._clock.now()
        number = tx.money.orders.next_number(f"{now.astimezone(_ZONE):%Y%m%d}")
        fen = sum(bill.amount_fen for bill in bills)
        if fen > AMOUNT_FEN_MAX:
            raise OrderRefused("TOO_MUCH", "订单金额超过上限", "the amount exceeds every order's")
        order = OrderRow(
            number=number,
            partner=account.partner,
            account=account.account,
            amount_fen=fen,
            currency="CNY",
            provider=wanted.provider,
            merchant=self._providers.terms(wanted.provider).merchant,
            invoice_title=wanted.invoice_title,
            delivery_method=wanted.delivery_method,
            recipient=dict(wanted.recipient),
            state=State.CREATED.value,
            due_fen=fen,
            created_at=now,
            idempotency_key=key,
            request_sha256=wanted.sha256() if key else None,
        )
        return self._add(tx, order, bills)

    @staticmethod
    def _add(tx: Tx, order: OrderRow, bills: Sequence[BillDue]) -> OrderRow:
        taken = [OrderBill(b.declaration, b.bill_of_lading, b.amount_fen) for b in bills]
        tx.money.orders.add(order, taken)
        for bill in taken:
            if tx.money.charges.order(order.number, bill.declaration) != bill.amount_fen:
                # Rated anew in this very moment: the amount must not differ from the charges.
                raise BillTaken(bill.bill_of_lading)
        return order

    def _check(self, wanted: NewOrder) -> None:
        if wanted.provider not in self._providers.names():
            raise OrderRefused("NO_SUCH_PROVIDER", "未开通该支付平台", "no such payment platform")
        if wanted.delivery_method == "post" and not wanted.recipient:
            raise OrderRefused(
                "RECIPIENT_MISSING", "邮寄票据需填写收件信息", "a posted receipt needs a recipient"
            )
        if not 0 < len(set(wanted.bills)) <= ORDER_BILLS_MAX:
            raise OrderRefused(
                "BILLS", f"请选择1至{ORDER_BILLS_MAX}份提单", f"1 to {ORDER_BILLS_MAX} bills"
            )

    def _close(self, account: AccountRef, number: str, tx: Tx) -> OrderRow | None:
        order = _locked(tx, account, number)
        if order is None or order.closed_at is not None:
            return order
        now = self._clock.now()
        happened(tx, order.number, PaymentEvent(Kind.CLOSE), now)
        fresh = refold(tx, order, self._office, now)
        if fresh.due_fen == 0:
            raise OrderRefused("PAID", "订单已支付，不能关闭", "the order is paid")
        return fresh

    def _checkout(
        self, account: AccountRef, number: str, provider: str | None, tx: Tx
    ) -> OrderRow | None:
        _permit(tx, account)
        order = _locked(tx, account, number)
        if order is None:
            return None
        chosen = provider or order.provider
        if chosen not in self._tills or chosen not in self._providers.names():
            raise OrderRefused("NO_SUCH_PROVIDER", "未开通该支付平台", "no such payment platform")
        if order.state not in _UNPAID or order.closed_at is not None:
            raise OrderRefused("NOT_PAYABLE", "订单已支付或已关闭", "the order is paid or closed")
        now = self._clock.now()
        terms = self._providers.terms(chosen)
        moved = replace(
            order, provider=chosen, merchant=terms.merchant, checkout_at=order.checkout_at or now
        )
        if order.checkout_at is None:
            happened(tx, order.number, PaymentEvent(Kind.CHECKOUT), now)
        fresh = refold(tx, moved, self._office, now)
        wait = terms.query_after_seconds or PAYMENT_QUERY_SECONDS[0]
        tx.money.calls.put("query", number, chosen, now + timedelta(seconds=wait))
        return fresh


def _permit(tx: Tx, account: AccountRef) -> None:
    verdict = may(tx, account, FUNCTION)
    if verdict.outcome != "accept":
        raise NotPermitted(verdict)


def _same(known: OrderRow, wanted: NewOrder) -> OrderRow:
    if known.request_sha256 != wanted.sha256():
        raise OrderRefused(
            "KEY_REUSED", "幂等键已用于另一请求", "the key was used for another request"
        )
    return known


def _chosen(tx: Tx, payer: str, names: Sequence[str]) -> list[BillDue]:
    """The bills of these names; all must be due, of this payer and of one region (S3-31)."""
    due = tx.money.charges.bills_due(payer)
    wanted = set(names)
    bills = [bill for bill in due if wanted & {bill.declaration, bill.bill_of_lading}]
    found = {name for bill in bills for name in (bill.declaration, bill.bill_of_lading)}
    if missing := sorted(wanted - found):
        raise OrderRefused(
            "NOT_DUE",
            "提单不存在、未通过认定或没有应缴金额",
            "a bill is unknown, not approved, or nothing of it is due",
            {"bills": missing},
        )
    if len({bill.region for bill in bills}) > 1:
        raise OrderRefused(
            "REGIONS_DIFFER",
            "一张订单的提单须属同一备案区域",
            "the bills of one order belong to one filing region",
        )
    return bills


def _locked(tx: Tx, account: AccountRef, number: str) -> OrderRow | None:
    tx.money.orders.lock(number)
    if account.operator:
        return tx.money.orders.find(number)
    return tx.money.orders.visible(account.partner, number)


def happened(tx: Tx, number: str, event: PaymentEvent, now: datetime) -> None:
    """Record an event of our own about an order, whose lock the caller holds."""
    told = dict(event.as_json())
    tx.money.events.add(
        EventRow(
            "local", f"{event.kind}:{new_id()}", number, event.kind.value, told, digest(event), now
        )
    )
