"""Runners under test, and the steps that the contract suite drives them with."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.pipeline.ports import Step, Store, TransientError
from gateway.streams.embedded import EmbeddedRunner
from gateway.streams.guard import Patience

# Waits of production, in a hundredth of the time.
QUICK = Patience(
    seconds_min=0.01, seconds_max=0.05, transient_attempts_max=4, poison_attempts_max=2
)


class Running(Protocol):
    """A runner that runs: it can be stopped gently, or broken off as a kill would."""

    async def stop(self) -> None: ...

    async def kill(self) -> None: ...


class RunnerKind(Protocol):
    """Starts a runner of one kind on a store."""

    name: str

    def __call__(self, store: Store, steps: dict[str, Step]) -> Running: ...


@dataclass
class _Embedded:
    stopping: asyncio.Event
    task: asyncio.Task[None]

    async def stop(self) -> None:
        self.stopping.set()
        await self.task

    async def kill(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


class Embedded:
    """The embedded runner."""

    name = "embedded"

    def __call__(self, store: Store, steps: dict[str, Step]) -> Running:
        stopping = asyncio.Event()
        runner = EmbeddedRunner(store, steps, QUICK)
        return _Embedded(stopping, asyncio.create_task(runner.run(stopping)))


@dataclass
class Witness:
    """A step that records its effects once, as real ones do: by a claim in the store.

    tries counts every call; effects lists (subject, revision) once each, in order of recording.
    before is called at each try and may raise or wait.
    """

    store: Store
    stage: str
    before: Callable[[str, int], object] | None = None
    tries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    effects: list[tuple[str, int]] = field(default_factory=list)

    async def run(self, subject: str, revision: int) -> None:
        self.tries[subject] += 1
        if self.before is not None:
            waited = self.before(subject, self.tries[subject])
            if asyncio.iscoroutine(waited):
                await waited
        claimed = await self.store.write(lambda tx: tx.outbox.claim(self.stage, subject, revision))
        if claimed:
            self.effects.append((subject, revision))

    def subjects(self) -> list[str]:
        """Subjects in order of their effects."""
        return [subject for subject, _ in self.effects]


class Passing(TransientError):
    """A fault that passes."""


async def put(store: Store, stage: str, *subjects: str, revision: int = 1, lane: str = "a") -> None:
    """Events of one stage and lane, in order."""

    def work(tx: object) -> None:
        for subject in subjects:
            tx.outbox.put(stage, subject, revision, lane)  # type: ignore[attr-defined]

    await store.write(work)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the condition is the store's and the steps'
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(kind: RunnerKind, store: Store, *steps: Witness) -> AsyncIterator[Running]:
    """A runner for the length of a block; killed where the block did not stop it."""
    runner = kind(store, {step.stage: step for step in steps})
    try:
        yield runner
    finally:
        await runner.kill()
