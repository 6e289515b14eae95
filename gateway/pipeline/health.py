"""HEALTH: whether this process can do its work now, part by part (R-10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.pipeline.ports import Store, TransientError
from gateway.pipeline.receive import FREE_SHARE_MIN
from gateway.telemetry.events import emit_seldom

_CHECK_SECONDS = 3.0


class Health:
    """Asked by /readyz; every answer is made anew, within a few seconds."""

    def __init__(self, store: Store, failing: Callable[[], list[str]]) -> None:
        self._store = store
        self._failing = failing

    async def parts(self) -> dict[str, bool]:
        """Part of the process → whether it is well."""
        return {
            "jobs": not self._failing(),
            "store": await self._store_is_well(),
            "disk": self._disk_is_well(),
        }

    async def _store_is_well(self) -> bool:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._store.check()
        except (TimeoutError, TransientError) as error:
            emit_seldom("not_ready", "store", error=type(error).__name__, text=str(error))
            return False
        return True

    def _disk_is_well(self) -> bool:
        try:
            share = self._store.archive.free_share()
        except OSError as error:
            emit_seldom("not_ready", "disk", error=type(error).__name__)
            return False
        if share < FREE_SHARE_MIN:
            emit_seldom("not_ready", "disk", free_share=round(share, 3))
        return share >= FREE_SHARE_MIN
