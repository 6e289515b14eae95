"""RETENTION: data of drivers who left a fleet's list are erased when their time has come."""

from __future__ import annotations

import asyncio

from gateway.limits import DRIVERS_ERASED_PER_ROUND
from gateway.pipeline.firms.act import Act
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.pipeline.rounds import rounds
from gateway.telemetry.events import emit

_EVERY_SECONDS = 3600.0


class RetentionJob:
    """Once an hour."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        await rounds(self.once, _EVERY_SECONDS, stopping, "retention_waits")

    async def once(self) -> int:
        """Erase all whose time has come; how many."""
        erased = 0
        while done := await self._store.write(self._erase):
            erased += done
        if erased:
            emit("drivers_erased", drivers=erased)
        return erased

    def _erase(self, tx: Tx) -> int:
        return erase_drivers(Act(tx, "gateway", self._clock.now()))


def erase_drivers(act: Act) -> int:
    """Some of those whose time has come, on record; how many."""
    gone = act.tx.firms.fleet.erase_drivers(act.now, DRIVERS_ERASED_PER_ROUND)
    for partner, driver in gone:
        act.record("driver.erased", partner, before={"driver": driver}, after=None)
    return len(gone)
