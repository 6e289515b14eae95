"""SUPERVISOR: keeps the jobs of a process running; a job that breaks is told and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.telemetry.events import emit

Job = Callable[[asyncio.Event], Awaitable[None]]

_RESTART_SECONDS = 1.0
# A job counts as failing until it has run this long after a restart.
_SETTLED_SECONDS = 5.0


class Supervisor:
    """Jobs by name; they end when `stopping` is set."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._broke_at: dict[str, float] = {}

    def start(self, name: str, job: Job) -> None:
        """Run a job until it ends by itself after `stopping`."""
        self._tasks[name] = asyncio.create_task(self._keep(name, job), name=name)

    def failing(self) -> list[str]:
        """Jobs that broke a moment ago."""
        now = asyncio.get_running_loop().time()
        return [name for name, at in self._broke_at.items() if now - at < _SETTLED_SECONDS]

    async def finish(self) -> None:
        """Wait for every job to end."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _keep(self, name: str, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                await job(self._stopping)
            except Exception as error:  # noqa: BLE001 - told, and the job starts again
                self._broke_at[name] = asyncio.get_running_loop().time()
                emit("job_broke", "error", job=name, error=type(error).__name__, text=str(error))
                await asyncio.sleep(_RESTART_SECONDS)
