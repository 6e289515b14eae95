"""SEALING: audit events that were recorded are put into their chain, in the background."""

from __future__ import annotations

import asyncio

from gateway.limits import AUDIT_SEALS_PER_ROUND
from gateway.pipeline.ports import Store
from gateway.pipeline.rounds import rounds

_TICK_SECONDS = 1.0


class SealingJob:
    """About once a second; several processes may seal at once, one after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        await rounds(self.once, _TICK_SECONDS, stopping, "sealing_waits")

    async def once(self) -> int:
        """Seal all that waits now; how many events."""
        sealed = 0
        while await self._store.read(lambda tx: tx.audit.waiting()):
            sealed += await self._store.write(lambda tx: tx.audit.seal(AUDIT_SEALS_PER_ROUND))
        return sealed
