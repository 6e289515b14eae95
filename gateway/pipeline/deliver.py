"""DELIVER, step 5: a job over the delivery table, not a stream step; the same under both runners.

Lease due deliveries (heads of their lanes, a few per route), push each without a transaction, then
record the try.  A call that succeeded and was not recorded is made again under the same id; the
receiver's ledger suppresses it (reliability.md 2.4).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.canonical.partner import Route
from gateway.limits import DELIVERY_IN_FLIGHT_MAX, DELIVERY_JITTER_SHARE
from gateway.pipeline.channels import Pusher, PushOutcome
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.ports import (
    Clock,
    Directory,
    Stale,
    Store,
    TransientError,
    Tx,
)
from gateway.pipeline.rows import AttemptRow, DeliveryRow
from gateway.pipeline.writing import CannotWrite
from gateway.telemetry.events import emit, emit_seldom

# The safety net when a wake-up was missed (another process wrote).
_IDLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """How often and how long: see limits for the reasons of the defaults."""

    retry_seconds: tuple[float, ...]
    call_seconds: float
    lease_seconds: float
    owner: str


@dataclass(frozen=True, slots=True)
class _Failed:
    """A try that did not get as far as the partner."""

    detail: str
    outcome: str = "retry"
    status: int | None = None
    retry_after_seconds: float | None = None


class Deliver:
    """The job; `pushers` by kind of route."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        clock: Clock,
        pushers: Mapping[str, Pusher],
        parcels: ParcelMaker,
        terms: DeliveryTerms,
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._pushers = pushers
        self._parcels = parcels
        self._terms = terms
        self._calls: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Something may be due."""
        self._awake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; then the calls in flight are waited for."""
        while not stopping.is_set():
            self._awake.clear()
            try:
                leased = await self.once()
            except TransientError as error:
                emit_seldom("deliver_waits", type(error).__name__)
                leased = 0
            if not leased:
                await self._sleep(stopping)
        if self._calls:
            await asyncio.wait(self._calls, timeout=self._terms.call_seconds)

    async def once(self) -> int:
        """Lease what is due and start the calls; how many were leased."""
        room = DELIVERY_IN_FLIGHT_MAX - len(self._calls)
        if room <= 0:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
            return 1
        now = self._clock.now()
        until = now + timedelta(seconds=self._terms.lease_seconds)
        crash_point("deliver.before_lease")
        leased = await self._store.write(
            lambda tx: tx.deliveries.lease_due(now, until, self._terms.owner, room)
        )
        for delivery in leased:
            crash_point("deliver.leased")
            call = asyncio.create_task(self._deliver(delivery), name=f"deliver {delivery.id}")
            self._calls.add(call)
            call.add_done_callback(self._called)
        return len(leased)

    def _called(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._awake.set()
        if not call.cancelled() and (error := call.exception()) is not None:
            # The lease runs out and the delivery is tried again.
            emit("deliver_broke", "error", error=type(error).__name__)

    async def _deliver(self, delivery: DeliveryRow) -> None:
        started = self._clock.monotonic()
        outcome = await self._push(delivery)
        crash_point(f"deliver.{delivery.kind}.pushed")
        attempt = AttemptRow(
            delivery.id,
            delivery.attempts + 1,
            self._clock.now(),
            outcome.outcome,
            outcome.detail[:300],
            outcome.status,
            round(self._clock.monotonic() - started, 4),
        )
        due_at = self._next(delivery, outcome)

        def record(tx: Tx) -> None:
            tx.deliveries.finish(delivery.id, delivery.fence, attempt, due_at)
            crash_point("deliver.before_commit")

        with contextlib.suppress(Stale):
            await self._store.write(record)
        crash_point("deliver.recorded")
        if outcome.outcome != "sent":
            emit(
                "delivery_failed",
                "warning" if due_at else "error",
                delivery=delivery.id,
                detail=outcome.detail,
            )

    async def _push(self, delivery: DeliveryRow) -> PushOutcome:
        """One try under a hard deadline; a bug of ours is a failed try, never a lost delivery."""
        route = self._route(delivery)
        if route is None:
            return _Failed("the route is gone", "refused")
        try:
            async with asyncio.timeout(self._terms.call_seconds):
                parcel = await self._parcels.make(delivery, route)
                with contextlib.closing(parcel):
                    crash_point(f"deliver.{delivery.kind}.before_push")
                    return await self._pushers[delivery.kind].push(route, parcel)
        except TimeoutError:
            return _Failed("not done in time")
        except CannotWrite as refused:
            return _Failed(refused.detail, "refused")
        except TransientError as error:
            return _Failed(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - any bug of ours is a failed try
            emit("push_broke", "error", delivery=delivery.id, error=type(error).__name__)
            return _Failed(f"internal error {type(error).__name__}")

    def _route(self, delivery: DeliveryRow) -> Route | None:
        partner = self._directory.partner(delivery.partner)
        return partner.route(delivery.route) if partner else None

    def _next(self, delivery: DeliveryRow, outcome: PushOutcome) -> datetime | None:
        """When to try again; None where it was sent, refused, or tried often enough."""
        route = self._route(delivery)
        waits = self._terms.retry_seconds
        attempts_max = (route.attempts_max if route else None) or len(waits) + 1
        if outcome.outcome != "retry" or delivery.attempts + 1 >= attempts_max:
            return None
        wait = waits[min(delivery.attempts, len(waits) - 1)]
        wait *= 1 + DELIVERY_JITTER_SHARE * random.random()  # noqa: S311 - spreads load only
        wait = max(wait, outcome.retry_after_seconds or 0)
        return self._clock.now() + timedelta(seconds=wait)

    async def _sleep(self, stopping: asyncio.Event) -> None:
        """Until woken, until something is due, or half a second."""
        waiters = [asyncio.create_task(each.wait()) for each in (self._awake, stopping)]
        try:
            await asyncio.wait(waiters, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
