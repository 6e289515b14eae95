"""CALLING: queries and refunds at providers, as a job between transactions (house.md 3).

A call is a leased row: lease, call with no transaction open, record under its fence.  A call that
was made but not recorded is made again under the same number, which the provider knows.  Orders
that are due too long are asked after, so that a lost callback is found; what a provider will never
do, or has not done for a day, becomes work for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from gateway.limits import (
    PAYMENT_CALL_LEASE_SECONDS,
    PAYMENT_CALL_RETRY_SECONDS,
    PAYMENT_CALLS_PER_ROUND_MAX,
    PAYMENT_QUERY_SECONDS,
)
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.money.callbacks import record
from gateway.pipeline.money.ports import PaymentClient, ProviderRefused, Told
from gateway.pipeline.money.rows import CallRow, OrderRow, RefundRow
from gateway.pipeline.money.work import of_order
from gateway.pipeline.ports import Clock, Stale, Store, TransientError, Tx
from gateway.pipeline.rounds import rounds
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.rules.payment_ledger import State
from gateway.telemetry.events import emit, emit_seldom

_TICK_SECONDS = 1.0
_WAITING = frozenset({State.CREATED, State.PENDING})


class CallJob:
    """Makes the calls that are due, about once a second."""

    def __init__(
        self, store: Store, clock: Clock, clients: Mapping[str, PaymentClient], owner: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._clients = clients
        self._owner = owner

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        await rounds(self.once, _TICK_SECONDS, stopping, "payment_calls_wait", at_once=True)

    async def once(self) -> int:
        """Make what is due now; how many."""
        now = self._clock.now()
        until = now + timedelta(seconds=PAYMENT_CALL_LEASE_SECONDS)
        if not await self._store.read(lambda tx: _is_due(tx, now)):
            return 0
        calls = await self._store.write(
            lambda tx: tx.money.calls.lease_due(
                now, until, self._owner, PAYMENT_CALLS_PER_ROUND_MAX
            )
        )
        await asyncio.gather(*(self._make(call) for call in calls))
        return len(calls)

    async def _make(self, call: CallRow) -> None:
        """One call, to an end that is on record."""
        crash_point(f"{call.kind}.leased")
        try:
            end = await self._ask(call)
        except ProviderRefused as refused:
            emit("payment_call_refused", "warning", call=call.kind, code=str(refused))
            end = partial(self._refused, call, str(refused))
        except TransientError as error:
            emit_seldom("payment_call_waits", f"{call.provider}:{type(error).__name__}")
            end = partial(self._later, call, f"{type(error).__name__}: {error}"[:300])
        except Exception as error:  # noqa: BLE001 - a platform's answer is not ours to trust
            emit("payment_call_failed", "error", call=call.kind, error=type(error).__name__)
            end = partial(self._later, call, type(error).__name__)
        try:
            await self._store.write(end)
        except Stale:
            emit_seldom("payment_call_stale", call.kind)
        crash_point(f"{call.kind}.recorded")

    async def _ask(self, call: CallRow) -> partial[None]:
        """The answer, as what is to be recorded."""
        if call.kind == "refund":
            return await self._ask_refund(call)
        order = await self._store.read(lambda tx: tx.money.orders.find(call.subject))
        if order is None:
            return partial(_done, call)
        told = await self._client(call).query(order, self._clock.now())
        crash_point("query.answered")
        return partial(self._queried, call, told)

    async def _ask_refund(self, call: CallRow) -> partial[None]:
        def read(tx: Tx) -> tuple[RefundRow | None, OrderRow | None]:
            row = tx.money.refunds.find(call.subject)
            return row, tx.money.orders.find(row.payment_order) if row else None

        row, order = await self._store.read(read)
        if row is None or order is None or row.state not in {"requested", "sent"}:
            return partial(_done, call)
        told = await self._client(call).refund(order, row, self._clock.now())
        crash_point("refund.called")
        return partial(self._refund_told, call, told)

    def _client(self, call: CallRow) -> PaymentClient:
        client = self._clients.get(call.provider)
        if client is None:
            raise TransientError(f"{call.provider} is not set up")
        return client

    def _queried(self, call: CallRow, told: Told, tx: Tx) -> None:
        for event in told.events:
            record(tx, call.provider, event, self._clock)
        order = tx.money.orders.find(call.subject)
        if order is not None and _contradicts(order, call, told):
            event = PaymentEvent(
                Kind.QUERY_CONTRADICTS,
                provider=call.provider,
                event_id=f"contradicts:{order.number}",
                order=order.number,
            )
            record(tx, call.provider, event, self._clock)
        paid = any(event.kind is Kind.PAYMENT_SUCCEEDED for event in told.events)
        waiting = order is not None and order.state in _WAITING and not paid
        if waiting and call.attempts < len(PAYMENT_QUERY_SECONDS):
            wait = PAYMENT_QUERY_SECONDS[call.attempts]
            tx.money.calls.finish(call, "due", self._in(wait))
        else:
            tx.money.calls.finish(call, "done", None)

    def _refund_told(self, call: CallRow, told: Told, tx: Tx) -> None:
        row = tx.money.refunds.find(call.subject)
        if row is None:
            return
        tx.money.orders.lock(row.payment_order)
        for event in told.events:
            record(tx, call.provider, event, self._clock)
        row = tx.money.refunds.find(call.subject) or row
        state = "sent" if row.state == "requested" else row.state
        number = told.number or row.provider_refund
        tx.money.refunds.change(replace(row, state=state, provider_refund=number))
        if told.events or row.state not in {"requested", "sent"}:
            tx.money.calls.finish(call, "done", None)
        elif call.attempts < len(PAYMENT_QUERY_SECONDS):
            # Its callback may be lost, too: asked again, it tells the state of what it has.
            wait = self._in(PAYMENT_QUERY_SECONDS[call.attempts])
            tx.money.calls.finish(call, "due", wait)
        else:
            tx.money.calls.finish(call, "dead", None, "no end in sight")
            self._work(tx, call, "no end in sight")
        crash_point("refund.before_commit")

    def _refused(self, call: CallRow, code: str, tx: Tx) -> None:
        """It will never be done: a refund is closed, so that its fen are paid again."""
        tx.money.calls.finish(call, "dead", None, code)
        row = tx.money.refunds.find(call.subject) if call.kind == "refund" else None
        if row is None:
            self._work(tx, call, code)
            return
        event = PaymentEvent(
            Kind.REFUND_CLOSED,
            provider=call.provider,
            event_id=f"refused:{row.id}",
            order=row.payment_order,
            amount_fen=row.amount_fen,
            refund=row.id,
        )
        record(tx, call.provider, event, self._clock)

    def _later(self, call: CallRow, error: str, tx: Tx) -> None:
        if call.attempts <= len(PAYMENT_CALL_RETRY_SECONDS):
            wait = PAYMENT_CALL_RETRY_SECONDS[call.attempts - 1]
            tx.money.calls.finish(call, "due", self._in(wait), error)
            return
        tx.money.calls.finish(call, "dead", None, error)
        self._work(tx, call, error)

    def _work(self, tx: Tx, call: CallRow, error: str) -> None:
        number = call.subject
        if call.kind == "refund":
            row = tx.money.refunds.find(call.subject)
            number = row.payment_order if row else number
        order = tx.money.orders.find(number)
        if order is not None:
            about = f"{call.kind}:{call.subject}"
            tx.money.work.add(of_order("CALL_FAILED", order, about, self._clock.now(), error=error))

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _is_due(tx: Tx, now: datetime) -> bool:
    due = tx.money.calls.next_due()
    return due is not None and due <= now


def _done(call: CallRow, tx: Tx) -> None:
    tx.money.calls.finish(call, "done", None)


def _contradicts(order: OrderRow, call: CallRow, told: Told) -> bool:
    """We were told that it is paid, and its own books say that it is not (H-39)."""
    if order.state != State.PAID or order.provider != call.provider:
        return False
    kinds = {event.kind for event in told.events}
    return not told.known or bool(kinds & {Kind.PAYMENT_FAILED, Kind.PAYMENT_CLOSED})
