"""TIMERS: deadlines that have come, on the injected clock; a job under both runners.

One process acts at a time (lease).  Each kind of timer has its handler; a timer is marked fired in
the transaction of what it causes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from gateway.limits import TIMERS_PER_ROUND_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.pipeline.rounds import rounds
from gateway.pipeline.rows import TimerRow
from gateway.telemetry.events import emit

_TICK_SECONDS = 1.0
_LEASE_SECONDS = 30.0

Handler = Callable[[Tx, TimerRow], None]


class TimerJob:
    """Fires what is due, about once a second."""

    def __init__(
        self, store: Store, clock: Clock, handlers: Mapping[str, Handler], owner: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._handlers = handlers
        self._owner = owner

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        await rounds(self.once, _TICK_SECONDS, stopping, "timers_wait")

    async def once(self) -> int:
        """Fire what is due now; how many."""
        now = self._clock.now()
        due = await self._store.read(lambda tx: tx.timers.due(now, TIMERS_PER_ROUND_MAX))
        if not due:
            return 0
        until = now + timedelta(seconds=_LEASE_SECONDS)
        lease = await self._store.write(
            lambda tx: tx.leases.acquire("timers", self._owner, now, until)
        )
        if lease is None:
            return 0
        for timer in due:
            crash_point("timers.before_record")
            await self._store.write(partial(self._fire, timer))
            crash_point("timers.recorded")
        await self._store.write(lambda tx: tx.leases.release(lease))
        return len(due)

    def _fire(self, timer: TimerRow, tx: Tx) -> None:
        handler = self._handlers.get(timer.kind)
        if handler is None:
            emit("timer_without_handler", "error", kind=timer.kind, key=timer.key)
        else:
            handler(tx, timer)
        tx.timers.fired(timer.kind, timer.key)


def acknowledgement_overdue(tx: Tx, timer: TimerRow) -> None:
    """A receiver owed an acknowledgement and has not given it: told, nothing changed."""
    delivery = tx.deliveries.find(timer.key)
    if delivery is not None and delivery.state == "sent":
        emit("acknowledgement_overdue", "warning", delivery=delivery.id, partner=delivery.partner)
