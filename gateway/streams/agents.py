"""AGENTS: one per stage; each hands its events to the window and acknowledges what has ended.

No exception leaves an agent (Faust would acknowledge the event all the same); a value that is no
event is buried like any other poison, by the guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import faust
from faust.types import EventT, StreamT

from gateway.limits import WORKER_EVENTS_IN_HAND_MAX
from gateway.pipeline.ports import Step, Store
from gateway.pipeline.rows import OutboxRow
from gateway.streams.event import decode, lane_of
from gateway.streams.guard import OnDead, Patience, bring
from gateway.streams.window import Held, Window
from gateway.telemetry.events import emit_seldom


@dataclass(frozen=True, slots=True)
class Duty:
    """What every agent of a worker is given; `done` hears the ids of ended events."""

    store: Store
    patience: Patience
    on_dead: OnDead | None
    done: Callable[[int], None]


class _Undecodable:
    """The step of a value that is no event."""

    def __init__(self, error: ValueError) -> None:
        self._error = error

    async def run(self, subject: str, revision: int) -> None:
        """It cannot pass."""
        raise ValueError("not an event of ours") from self._error


def declare(app: faust.App, topic: str, stage: str, step: Step, duty: Duty) -> Window:
    """Attach the agent of a stage to the app; returns its window."""
    window = Window(WORKER_EVENTS_IN_HAND_MAX)
    source = app.topic(
        topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(source, name=f"{topic}.agent", concurrency=1)
    async def agent(stream: StreamT[bytes]) -> None:
        async for event in cast("faust.Stream[bytes]", stream).noack().events():
            try:
                await window.admit(_held(app, event, stage, step, duty))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - unacknowledged: it comes again
                emit_seldom("agent_broke", stage, "error", error=type(error).__name__)
        # Faust leaves the loop at a stop or rebalance; what is in hand goes on in the window.

    return window


def _held(app: faust.App, event: EventT[bytes], stage: str, step: Step, duty: Duty) -> Held:
    """The event as the window holds it."""
    message = event.message
    generation = message.generation_id
    row, how = _read(
        message.value, stage, step, f"{message.topic}/{message.partition}/{message.offset}"
    )

    async def work() -> None:
        await bring(how, row, duty.store, duty.patience, duty.on_dead)
        if row.id:
            duty.done(row.id)

    return Held(
        partition=partition_of(message.topic, message.partition, generation),
        lane=lane_of(row),
        work=work,
        current=lambda: bool(app.consumer_generation_id == generation),
        acknowledge=lambda: cast("None", event.ack()),
    )


def partition_of(topic: str, partition: int, generation: int | None) -> Hashable:
    """A partition for as long as it is assigned to us."""
    return (topic, partition, generation)


def _read(value: object, stage: str, step: Step, place: str) -> tuple[OutboxRow, Step]:
    try:
        return decode(stage, cast("bytes | None", value)), step
    except ValueError as error:
        return OutboxRow(0, stage, place, 0, place, datetime.now(UTC)), _Undecodable(error)
