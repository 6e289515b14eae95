"""DONE: ended events leave the outbox, many in one transaction.

Until then a published event stays on record: a Kafka that lost its memory, or committed too far,
is filled again from there.  An event whose end is not recorded here is published again later, and
its claim makes that no second effect.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from gateway.limits import WORKER_DONE_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Store
from gateway.streams.guard import Patience, persist

_GATHER_SECONDS = 0.05


class DoneEvents:
    """Ids of ended events, on their way into the database."""

    def __init__(self, store: Store, patience: Patience) -> None:
        self._store = store
        self._patience = patience
        self._ids: list[int] = []
        self._news = asyncio.Event()

    def add(self, row: int) -> None:
        """This event has come to its end."""
        self._ids.append(row)
        self._news.set()

    async def run(self) -> None:
        """Record, a little behind; until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._news.clear()
            await self.flush()

    async def flush(self) -> None:
        """Record all that is here."""
        while self._ids:
            ids = self._ids[:WORKER_DONE_MAX]
            crash_point("runner.before_done")
            await persist(partial(self._record, ids), "outbox", self._patience)
            crash_point("runner.done")
            with contextlib.suppress(ValueError):
                del self._ids[: len(ids)]

    async def _record(self, ids: list[int]) -> None:
        await self._store.write(lambda tx: tx.outbox.done(ids))
