"""SWEEP: bytes in the archive that no row speaks of are removed after a day (house.md 5).

They are left by a process that died between the archive's commit and the row's; their sender never
got an OK and has sent them again.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.limits import ARCHIVE_ORPHAN_SECONDS
from gateway.pipeline.ports import Clock, Store
from gateway.pipeline.rounds import rounds
from gateway.telemetry.events import emit

_EVERY_SECONDS = 3600.0


class SweepJob:
    """Once an hour; several processes may sweep at once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        await rounds(self.once, _EVERY_SECONDS, stopping, "sweep_waits")

    async def once(self) -> int:
        """Remove what is orphaned now; how many objects."""
        before = self._clock.now() - timedelta(seconds=ARCHIVE_ORPHAN_SECONDS)
        removed = await asyncio.to_thread(self._store.archive.sweep, self._known, before)
        if removed:
            emit("archive_swept", objects=removed)
        return removed

    def _known(self, reference: str) -> bool:
        return self._store.read_now(
            lambda tx: (
                tx.interchanges.refers_to(reference) or tx.customs.papers.refers_to(reference)
            )
        )
