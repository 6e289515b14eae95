"""ROUNDS: how a job goes round, until its process is asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.pipeline.ports import TransientError
from gateway.telemetry.events import emit_seldom


async def rounds(
    once: Callable[[], Awaitable[int | None]],
    every_seconds: float,
    stopping: asyncio.Event,
    waits: str,
    *,
    at_once: bool = False,
) -> None:
    """Call `once` every so often; what will pass is told (event `waits`) and tried again.

    once: gives how much it did.  at_once: a round that did something is followed without a pause.
    """
    while not stopping.is_set():
        done: int | None = 0
        try:
            done = await once()
        except (TransientError, OSError) as error:
            emit_seldom(waits, type(error).__name__)
        if at_once and done:
            continue
        try:
            async with asyncio.timeout(every_seconds):
                await stopping.wait()
        except TimeoutError:
            continue
