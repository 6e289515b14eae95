"""PROCESSES: the parts of one gateway as processes of their own, on PostgreSQL and Kafka.

Any number of each may run: api and sftp take files, relay and worker drive the steps, deliver (with
timers and the jobs of the services) and poll work from tables.  Where only one may act, a lease
says who.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway import interpreter
from gateway.bootstrap import Gateway, Ready, build, listen, owner_name
from gateway.pipeline.crash_points import arm
from gateway.pipeline.health import Health
from gateway.settings import EnvironmentSecrets, Settings
from gateway.streams.connection import terms_of
from gateway.streams.quiet import quieten
from gateway.streams.readiness import BrokerWatch
from gateway.streams.relay import Relay
from gateway.streams.supervisor import Job, Supervisor
from gateway.streams.worker import FaustWorker
from gateway.telemetry.events import configure, emit

Cause = Callable[[], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of process: what it listens on, whether it reads files, and its part of the work."""

    listeners: frozenset[str]
    parses: bool
    parts: Callable[[Gateway], tuple[dict[str, Job], list[Cause]]]


def _of_api(gateway: Gateway) -> tuple[dict[str, Job], list[Cause]]:
    return {"directory": gateway.directory.run}, []


def _of_worker(gateway: Gateway) -> tuple[dict[str, Job], list[Cause]]:
    terms = terms_of(gateway.settings.kafka, EnvironmentSecrets())
    worker = FaustWorker(terms, gateway.store, gateway.steps, on_dead=gateway.on_dead)
    broker = BrokerWatch(terms)
    jobs: dict[str, Job] = {
        "directory": gateway.directory.run,
        "worker": worker.run,
        "broker": broker.run,
    }
    return jobs, [broker.causes, worker.state.causes]


def _of_relay(gateway: Gateway) -> tuple[dict[str, Job], list[Cause]]:
    terms = terms_of(gateway.settings.kafka, EnvironmentSecrets())
    relay = Relay(terms, gateway.store, gateway.clock, owner_name(), tuple(gateway.steps))
    broker = BrokerWatch(terms)
    return {"relay": relay.run, "broker": broker.run}, [broker.causes]


def _of_deliver(gateway: Gateway) -> tuple[dict[str, Job], list[Cause]]:
    loop = asyncio.get_running_loop()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(gateway.deliver.wake)

    gateway.store.on_write(wake)
    jobs: dict[str, Job] = {
        "directory": gateway.directory.run,
        "deliver": gateway.deliver.run,
        "timers": gateway.timers.run,
        **gateway.services.jobs,
    }
    return jobs, []


def _of_poll(gateway: Gateway) -> tuple[dict[str, Job], list[Cause]]:
    return {"directory": gateway.directory.run, "poll": gateway.poll.run}, []


KINDS: Final = {
    "api": Kind(frozenset({"http", "admin"}), True, _of_api),
    "sftp": Kind(frozenset({"sftp", "admin"}), False, _of_api),
    "worker": Kind(frozenset({"admin"}), True, _of_worker),
    "relay": Kind(frozenset({"admin"}), False, _of_relay),
    "deliver": Kind(frozenset({"admin"}), False, _of_deliver),
    "poll": Kind(frozenset({"admin"}), False, _of_poll),
}


async def serve(name: str, settings: Settings, ready: Ready | None = None) -> None:
    """Run one process until SIGTERM or SIGINT, then finish what is in hand and close."""
    configure(settings.log_level)
    quieten()
    if settings.crash_at:
        arm(settings.crash_at)
    kind = KINDS[name]
    gateway = build(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await gateway.directory.refresh()
        if kind.parses:
            await gateway.parsers.start()
        await _run(kind, gateway, stopping, ready)
    finally:
        await gateway.http_pusher.aclose()
        await gateway.parsers.close()
        for close in gateway.closers:
            await close()
        await gateway.store.close()
        emit("stopped")


async def _run(kind: Kind, gateway: Gateway, stopping: asyncio.Event, ready: Ready | None) -> None:
    """The listeners close first, so that nothing new arrives."""
    draining = asyncio.Event()
    supervisor = Supervisor(draining)
    health = Health(gateway.store, supervisor.failing)
    jobs, more = kind.parts(gateway)

    async def causes() -> dict[str, str]:
        wrong = await health.causes()
        for each in more:
            wrong |= each()
        return wrong

    async with contextlib.AsyncExitStack() as listeners:
        ports = await listen(gateway, causes, listeners, kind.listeners)
        interpreter.prepare()
        for name, job in jobs.items():
            supervisor.start(name, job)
        emit("ready", "info", **ports)
        if ready is not None:
            ready(ports)
        await stopping.wait()
        emit("stopping")
    draining.set()
    await supervisor.finish()
