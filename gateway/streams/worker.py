"""WORKER: Faust drives the steps, and is started again for as long as the process runs.

A broker that is not there, at the start or later, is waited for.  A Faust app that broke is thrown
away with everything it knew, and the next one goes on from the committed offsets.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

import faust
from faust.sensors.base import Sensor
from faust.types import AppT

from gateway import limits
from gateway.pipeline.ports import Step, Store, TransientError
from gateway.streams.agents import Duty, declare
from gateway.streams.connection import KafkaTerms
from gateway.streams.done import DoneEvents
from gateway.streams.faust_app import make_app
from gateway.streams.guard import OnDead, Patience
from gateway.streams.quiet import quieten
from gateway.streams.readiness import WorkerState
from gateway.streams.topics import ensure_topics, topic_of
from gateway.streams.window import Window
from gateway.telemetry.events import emit, emit_seldom

_LOOK_SECONDS = 0.2


class FaustWorker:
    """The runner for many machines; the contract is tests/contract/test_runner.py."""

    def __init__(
        self,
        terms: KafkaTerms,
        store: Store,
        steps: Mapping[str, Step],
        patience: Patience | None = None,
        on_dead: OnDead | None = None,
    ) -> None:
        self._terms = terms
        self._steps = steps
        self._patience = patience or Patience()
        self._done = DoneEvents(store, self._patience)
        self._duty = Duty(store, self._patience, on_dead, self._done.add)
        self._windows: list[Window] = []
        self.state = WorkerState()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; then what is in hand is brought to its end and committed."""
        quieten()
        recorder = asyncio.create_task(self._done.run())
        try:
            while not stopping.is_set():
                try:
                    await ensure_topics(self._terms, self._steps)
                except TransientError as error:
                    emit_seldom("broker_waits", "worker", error=str(error))
                    await _pause(stopping)
                    continue
                await self._serve(stopping)
        except asyncio.CancelledError:
            for window in self._windows:
                window.abandon()
            raise
        finally:
            recorder.cancel()
            await asyncio.wait([recorder])
        await self._done.flush()

    async def _serve(self, stopping: asyncio.Event) -> None:
        """One app from its start to its end."""
        app = make_app(self._terms)
        app.sensors.add(_Commits(self.state))
        self._windows = [
            declare(app, topic_of(self._terms, stage), stage, step, self._duty)
            for stage, step in self._steps.items()
        ]
        self.state.begin(app, self._windows)
        starting = asyncio.create_task(app.start(), name="faust start")
        try:
            await self._watch(app, starting, stopping)
            for window in self._windows:
                await window.drain()
        except asyncio.CancelledError:
            await _break_off(app, starting)
            raise
        finally:
            self.state.end()
        await _stop(app, starting)

    async def _watch(
        self, app: faust.App, starting: asyncio.Task[None], stopping: asyncio.Event
    ) -> None:
        """Until asked to stop, or until the app has broken."""
        while not stopping.is_set():
            if starting.done() and not starting.cancelled() and starting.exception():
                emit_seldom("worker_restarts", "start", error=type(starting.exception()).__name__)
                await _pause(stopping)
                return
            if app.crashed or app.should_stop:
                reason = type(app.crash_reason).__name__ if app.crashed else "stopped"
                emit_seldom("worker_restarts", "crash", error=reason)
                await _pause(stopping)
                return
            self.state.measure()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await stopping.wait()


async def _pause(stopping: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await stopping.wait()


async def _stop(app: faust.App, starting: asyncio.Task[None]) -> None:
    """Commit and leave the group."""
    await _end(app)
    starting.cancel()
    await asyncio.wait([starting])


async def _break_off(app: faust.App, starting: asyncio.Task[None]) -> None:
    """End it without a commit, as a kill would; only its threads are waited for."""
    starting.cancel()
    await _end(app)


async def _end(app: faust.App) -> None:
    """Stop it; one that hangs or fails is left behind, and loses nothing by it."""
    try:
        async with asyncio.timeout(limits.KAFKA_STOP_SECONDS):
            await app.stop()
    except TimeoutError:
        emit("worker_left_behind", "warning")
    except Exception as error:  # noqa: BLE001 - a stop that fails loses nothing
        emit("worker_stop_broke", "warning", error=type(error).__name__)


class _Commits(Sensor):
    """Hears of commits and assignments."""

    def __init__(self, state: WorkerState) -> None:
        super().__init__()
        self._state = state

    def on_commit_completed(self, consumer: object, state: object) -> None:
        """Offsets are committed."""
        self._state.committed_at = time.monotonic()

    def on_rebalance_end(self, app: AppT, state: dict[str, object]) -> None:
        """The group has given us our partitions (maybe none)."""
        self._state.joined = True
