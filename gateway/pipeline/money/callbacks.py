"""CALLBACKS: a provider's word, believed only when it is the provider's (house.md 3, D.3).

Size, signature, time window and merchant are looked at before anything is stored; then the event is
inserted once, with its outbox row for `settle`, and only after the commit the provider hears its
own word of success.  What is refused leaves a counter and a line a second, never a row (S-15).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial

from gateway.limits import CALLBACK_HEADER_CHARACTERS_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.money.provider import Providers
from gateway.pipeline.money.rows import EventRow
from gateway.pipeline.money.work import conflict
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.rules.callbacks.contract import Refusal, Reply
from gateway.rules.callbacks.registry import PROVIDERS, verify
from gateway.rules.payment_event import PaymentEvent
from gateway.telemetry.events import emit, emit_seldom

STAGE = "settle"
# The subject of events that name no order.
NOBODY = "-"
_KEPT_HEADERS = ("content-type", "webhook-", "wechatpay-")


class Callbacks:
    """Takes callbacks, all providers."""

    def __init__(self, store: Store, clock: Clock, providers: Providers) -> None:
        self._store = store
        self._clock = clock
        self._providers = providers

    def names(self) -> list[str]:
        """The providers that are set up."""
        return self._providers.names()

    async def take(self, provider: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """What the provider is answered; raises KeyError, TransientError (it sends again).

        headers: names in lower case.
        """
        config = self._providers.config(provider)
        found = verify(provider, config, headers, body, self._clock.now())
        if isinstance(found, Refusal):
            emit("callback_refused", "debug", provider=provider, why=found.why)
            emit_seldom(f"callback_{found.why.lower()}", provider, detail=found.detail)
            return found.reply
        crash_point("callback.verified")
        kept = {k: v for k, v in headers.items() if k.startswith(_KEPT_HEADERS)}
        kept = kept if len(json.dumps(kept)) <= CALLBACK_HEADER_CHARACTERS_MAX else {}
        await self._store.write(partial(self._record, provider, found.event, body, kept))
        crash_point("callback.recorded")
        return found.reply

    def too_large(self, provider: str) -> Reply:
        """The answer to a body beyond every callback; raises KeyError."""
        emit("callback_refused", "debug", provider=provider, why="TOO_LARGE")
        self._providers.terms(provider)
        return PROVIDERS[provider].too_large

    def _record(
        self, provider: str, event: PaymentEvent, body: bytes, headers: dict[str, str], tx: Tx
    ) -> None:
        record(tx, provider, event, self._clock, body, headers)
        crash_point("callback.before_commit")


def record(
    tx: Tx,
    provider: str,
    event: PaymentEvent,
    clock: Clock,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> bool:
    """Insert a provider's event once, with the event that settles it; false for a repeat."""
    order = _order_of(tx, event)
    tx.money.orders.lock(order)
    row = EventRow(
        provider=provider,
        event_id=event.event_id or digest(event),
        payment_order=order,
        kind=event.kind.value,
        event=dict(event.as_json()),
        content_sha256=digest(event),
        received_at=clock.now(),
        raw=raw,
        headers=headers or {},
    )
    if not tx.money.events.add(row):
        first = tx.money.events.find(provider, row.event_id)
        if first is not None and first.content_sha256 != row.content_sha256:
            tx.money.work.add(conflict(first, row))
        return False
    tx.outbox.put(STAGE, order, 1, order)
    return True


def _order_of(tx: Tx, event: PaymentEvent) -> str:
    """The order that it names, else the one of the refund that it names (UnionPay's refunds)."""
    if event.order:
        return event.order
    refund = tx.money.refunds.find(event.refund) if event.refund else None
    return refund.payment_order if refund is not None else NOBODY


def digest(event: PaymentEvent) -> str:
    """Of all that an event says; a resend may tell another time, which decides nothing."""
    said = {name: value for name, value in event.as_json().items() if name != "occurred"}
    told = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
