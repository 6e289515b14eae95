"""WINDOW: the events of one stage that a worker has in hand.

Events of one lane run one after the other, lanes beside each other.  Offsets are acknowledged
strictly in order of their partition: an event that has not come to its end holds back the
acknowledgement of every later one, so that whatever Faust commits, nothing unfinished lies before
it.  (Faust itself commits past one unfinished event when later ones are acknowledged first.)
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from gateway.telemetry.events import emit


@dataclass(slots=True)
class Held:
    """One event in hand.

    partition: whatever tells a partition and the generation of its assignment; work: brings the
    event to its end, raises nothing but a cancellation; current: whether the partition is still
    ours; acknowledge: tells Kafka that it is done with.
    """

    partition: Hashable
    lane: str
    work: Callable[[], Awaitable[None]]
    current: Callable[[], bool]
    acknowledge: Callable[[], None]
    since: float = 0.0
    ended: bool = False


class Window:
    """See the module; used from one event loop."""

    def __init__(self, size: int) -> None:
        self._room = asyncio.Semaphore(size)
        self._partitions: dict[Hashable, deque[Held]] = {}
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self.acknowledged = 0

    async def admit(self, held: Held) -> None:
        """Take an event in hand as soon as there is room; returns before it has come to its end."""
        await self._room.acquire()
        if self._closing or not held.current():
            self._room.release()
            return
        held.since = time.monotonic()
        self._partitions.setdefault(held.partition, deque()).append(held)
        task = asyncio.create_task(self._bring(held, self._tails.get(held.lane)))
        self._tails[held.lane] = task
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._left(held.lane, done))

    def oldest_seconds(self) -> float:
        """How long the oldest event has been in hand."""
        now = time.monotonic()
        return max((now - each[0].since for each in self._partitions.values() if each), default=0)

    def __len__(self) -> int:
        return len(self._tasks)

    async def drain(self) -> None:
        """Bring what has begun to its end; what has not begun is left to whoever comes next."""
        self._closing = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> None:
        """Break everything off, as a kill would."""
        self._closing = True
        for task in self._tasks:
            task.cancel()

    async def _bring(self, held: Held, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._closing or not held.current():
            return
        await held.work()
        held.ended = True
        self._acknowledge(held.partition)

    def _acknowledge(self, partition: Hashable) -> None:
        """From the head on, as far as events have come to their end."""
        waiting = self._partitions.get(partition)
        while waiting and waiting[0].ended:
            head = waiting.popleft()
            if head.current():
                head.acknowledge()
                self.acknowledged += 1
        if not waiting:
            self._partitions.pop(partition, None)

    def _left(self, lane: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            emit("window_broke", "error", error=type(error).__name__)
        if self._tails.get(lane) is task:
            del self._tails[lane]

    def forget(self, is_current: Callable[[Hashable], bool]) -> None:
        """Drop partitions that are no longer ours; their events end, and nobody is told."""
        for partition in [each for each in self._partitions if not is_current(each)]:
            del self._partitions[partition]
