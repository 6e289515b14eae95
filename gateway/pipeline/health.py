"""HEALTH: whether this process can do its work now, and the cause where it cannot (R-10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway.pipeline.ports import Store, TransientError
from gateway.pipeline.receive import FREE_SHARE_MIN
from gateway.telemetry.events import emit_seldom

_CHECK_SECONDS = 3.0


class Health:
    """Asked by /readyz; every answer is made anew, within a few seconds."""

    def __init__(self, store: Store, failing: Callable[[], Sequence[str]]) -> None:
        self._store = store
        self._failing = failing

    async def causes(self) -> dict[str, str]:
        """Part of the process → what is wrong with it; empty when all is well.

        The words are ours: anybody may ask, so no path and no text of a driver is repeated.
        """
        found = {
            "jobs": "a job broke and was started again" if self._failing() else "",
            "store": await self._store_cause(),
            "disk": self._disk_cause(),
        }
        return {part: cause for part, cause in found.items() if cause}

    async def _store_cause(self) -> str:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._store.check()
        except TimeoutError:
            return "the database does not answer"
        except TransientError as error:
            emit_seldom("not_ready", "store", error=type(error).__name__, text=str(error))
            return "the database does not take writes"
        return ""

    def _disk_cause(self) -> str:
        try:
            share = self._store.archive.free_share()
        except OSError as error:
            emit_seldom("not_ready", "disk", error=type(error).__name__)
            return "the archive cannot be reached"
        return "the archive is nearly full" if share < FREE_SHARE_MIN else ""
