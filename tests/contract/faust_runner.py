"""The runner for many machines as the contract suite starts it: relay and worker in one process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from gateway.adapters.clock import SystemClock
from gateway.pipeline.ports import Step, Store
from gateway.store.postgres import PostgresStore
from gateway.streams.connection import KafkaTerms
from gateway.streams.relay import Relay
from gateway.streams.worker import FaustWorker
from tests.contract import kafka
from tests.contract.runners import QUICK, Running


@dataclass
class _Faust:
    stopping: asyncio.Event
    tasks: list[asyncio.Task[None]]
    worker: FaustWorker

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.gather(*self.tasks)

    async def kill(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)


class FaustOnKafka:
    """The same store gives the same topics: a second runner goes on where the first one ended."""

    name = "faust"

    def __init__(self) -> None:
        self._terms: tuple[Store, KafkaTerms] | None = None

    def __call__(self, store: Store, steps: dict[str, Step]) -> Running:
        if not isinstance(store, PostgresStore):
            pytest.skip("the runner for many machines needs PostgreSQL")
        return start(store, steps, self._terms_of(store))

    def _terms_of(self, store: Store) -> KafkaTerms:
        if self._terms is None or self._terms[0] is not store:
            self._terms = (store, kafka.terms())
        return self._terms[1]


def start(store: Store, steps: dict[str, Step], terms: KafkaTerms) -> _Faust:
    """Relay and worker on these topics."""
    stopping = asyncio.Event()
    worker = FaustWorker(terms, store, steps, QUICK)
    relay = Relay(terms, store, SystemClock(), "tests", list(steps))
    tasks = [asyncio.create_task(each.run(stopping)) for each in (worker, relay)]
    return _Faust(stopping, tasks, worker)
