"""The embedded runner: outbox rows straight to the steps, in one process, without a broker.

It wakes when something is written and polls as a safety net.  Rows are picked by state; a row is
marked done after its step has recorded its end, many rows in one transaction.  A process that
dies in between runs the step again, and the step's own claim makes that no second effect.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from gateway.limits import EVENTS_IN_HAND_MAX, EVENTS_PER_MARK, EVENTS_TAKEN_MIN
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Step, Store, TransientError
from gateway.pipeline.rows import OutboxRow
from gateway.streams.guard import OnDead, Patience, bring, persist
from gateway.telemetry.events import emit_seldom

_POLL_SECONDS = 0.5
_MARK_SECONDS = 0.1


class EmbeddedRunner:
    """Drives every stage until stopped; the contract is tests/contract/test_runner.py.

    One event of a subject is in hand at a time, and the events of one stage and lane run in order
    of their rows: a step may rely on both.
    """

    def __init__(
        self,
        store: Store,
        steps: Mapping[str, Step],
        patience: Patience | None = None,
        on_dead: OnDead | None = None,
    ) -> None:
        self._store = store
        self._steps = steps
        self._side_by_side = {
            name for name, step in steps.items() if getattr(step, "side_by_side", False)
        }
        self._marked_at = 0.0
        self._patience = patience or Patience()
        self._on_dead = on_dead
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake = asyncio.Event()
        self._in_hand: dict[int, OutboxRow] = {}
        self._lanes: dict[tuple[str, str], list[OutboxRow]] = {}
        self._done: list[int] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; then what is in hand is brought to its end."""
        self._loop = asyncio.get_running_loop()
        self._store.on_write(self._wake)
        stopper = asyncio.create_task(self._wake_on(stopping))
        try:
            while not stopping.is_set():
                self._awake.clear()
                taken = await self._take()
                if self._worth_marking():
                    await self._mark_done()
                if not taken:
                    await self._sleep()
            crash_point("stop.draining")
            await self._drain()
        finally:
            stopper.cancel()
            for task in self._tasks:
                task.cancel()

    def idle(self) -> bool:
        """Whether nothing is in hand (the outbox may still hold rows)."""
        return not self._in_hand and not self._done

    async def _take(self) -> int:
        """Take new rows into hand; how many."""
        room = EVENTS_IN_HAND_MAX - len(self._in_hand)
        if room < EVENTS_TAKEN_MIN:
            return 0
        try:
            known = self._in_hand.keys() | set(self._done)
            fresh = await self._store.read(lambda tx: tx.outbox.take_fresh(room, known))
        except TransientError as error:
            emit_seldom("runner_waits", type(error).__name__)
            await asyncio.sleep(self._patience.seconds_min)
            return 0
        if fresh:
            crash_point("runner.taken")
        for row in fresh:
            self._in_hand[row.id] = row
            self._queue(row)
        return len(fresh)

    def _queue(self, row: OutboxRow) -> None:
        """Behind the earlier ones of its stage and lane, unless the step keeps their order."""
        beside = row.stage in self._side_by_side
        lane = (row.stage, row.subject if beside else row.lane)
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.append(row)
            return
        self._lanes[lane] = []
        task = asyncio.create_task(self._work(lane, row), name=f"{row.stage} {row.subject}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: tuple[str, str], row: OutboxRow) -> None:
        """One lane, row by row, until nothing waits in it."""
        current: OutboxRow | None = row
        try:
            while current is not None:
                step = self._steps.get(current.stage)
                if step is None:
                    emit_seldom("stage_without_step", current.stage, "error")
                    return
                await bring(step, current, self._store, self._patience, self._on_dead)
                crash_point("runner.before_done")
                self._finished(current)
                waiting = self._lanes[lane]
                current = waiting.pop(0) if waiting else None
        finally:
            for left in self._lanes.pop(lane, []):
                self._in_hand.pop(left.id, None)

    def _finished(self, row: OutboxRow) -> None:
        self._in_hand.pop(row.id, None)
        self._done.append(row.id)
        if self._worth_marking():
            self._awake.set()

    def _worth_marking(self) -> bool:
        """Many at once: a mark is a write, and an event that is run twice does nothing twice."""
        waited = time.monotonic() - self._marked_at
        many = len(self._done) >= EVENTS_PER_MARK or waited >= _MARK_SECONDS
        return bool(self._done) and (many or not self._in_hand)

    async def _mark_done(self) -> None:
        if not self._done:
            return
        ids = list(self._done)

        async def mark() -> None:
            await self._store.write(lambda tx: tx.outbox.done(ids))

        await persist(mark, "outbox", self._patience)
        crash_point("runner.done")
        del self._done[: len(ids)]
        self._marked_at = time.monotonic()

    async def _drain(self) -> None:
        """Bring what is in hand to its end; rows not yet begun stay in the outbox."""
        for waiting in self._lanes.values():
            for row in waiting:
                self._in_hand.pop(row.id, None)
            waiting.clear()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._mark_done()

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return

    def _wake(self) -> None:
        """Called from the store's writer thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._awake.set)

    async def _wake_on(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._awake.set()
