"""HEALTH: whether this process can do its work now, and the cause where it cannot (R-10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.pipeline.ports import Store, TransientError
from gateway.pipeline.receive import FREE_SHARE_MIN

_CHECK_SECONDS = 3.0


class Health:
    """Asked by /readyz; every answer is made anew, within a few seconds."""

    def __init__(self, store: Store, failing: Callable[[], list[str]]) -> None:
        self._store = store
        self._failing = failing

    async def causes(self) -> dict[str, str]:
        """What is wrong, by part; empty when all is well."""
        causes = dict.fromkeys(self._failing(), "restarting")
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._store.check()
        except TimeoutError:
            causes["store"] = "no answer"
        except TransientError as error:
            causes["store"] = str(error)[:200] or type(error).__name__
        try:
            if self._store.archive.free_share() < FREE_SHARE_MIN:
                causes["disk"] = "nearly full"
        except OSError as error:
            causes["disk"] = error.strerror or type(error).__name__
        return causes
