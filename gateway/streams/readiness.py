"""READINESS: what a process on Kafka can truthfully say of itself, and its metrics (R-10)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import Gauge

from gateway.limits import KAFKA_COMMIT_LATE_SECONDS, KAFKA_PROBE_SECONDS
from gateway.pipeline.ports import TransientError
from gateway.streams.connection import KafkaTerms, probe
from gateway.telemetry.events import emit_seldom

if TYPE_CHECKING:
    from gateway.streams.window import Window

LAG = Gauge("gateway_consumer_lag", "Events not yet committed", ["topic", "partition"])
IN_HAND = Gauge("gateway_events_in_hand", "Events that the worker has begun or queued")
OLDEST = Gauge("gateway_oldest_event_seconds", "How long the oldest event has been in hand")
PARTITIONS = Gauge("gateway_partitions_assigned", "Partitions that the group gave this worker")

_MEASURE_SECONDS = 2.0


class WorkerState:
    """What is known of the running Faust app; every answer is read from it anew."""

    def __init__(self) -> None:
        self.joined = False
        self.committed_at = time.monotonic()
        self._app: Any = None
        self._windows: Sequence[Window] = ()
        self._measured_at = 0.0
        self._acknowledged = 0
        self._changed_at = time.monotonic()
        self._shown: set[tuple[str, str]] = set()

    def begin(self, app: object, windows: Sequence[Window]) -> None:
        """A new app is about to start."""
        self._app, self._windows, self.joined = app, windows, False
        self._acknowledged = 0
        self.committed_at = self._changed_at = time.monotonic()

    def end(self) -> None:
        """It stops."""
        self._app, self.joined = None, False

    def causes(self) -> dict[str, str]:
        """What keeps this worker from its work; empty when all is well."""
        if self._app is None or not self.joined or self._app.rebalancing:
            return {"group": "no partitions assigned yet"}
        late = self._changed_at - self.committed_at
        if late > KAFKA_COMMIT_LATE_SECONDS:
            return {"commit": f"last commit {round(time.monotonic() - self.committed_at)} s ago"}
        return {}

    def measure(self) -> None:
        """Set the metrics, every two seconds."""
        now = time.monotonic()
        total = sum(window.acknowledged for window in self._windows)
        if total != self._acknowledged:
            self._acknowledged, self._changed_at = total, now
        if now - self._measured_at < _MEASURE_SECONDS:
            return
        self._measured_at = now
        IN_HAND.set(sum(len(window) for window in self._windows))
        OLDEST.set(max((window.oldest_seconds() for window in self._windows), default=0))
        if self._app is not None and self.joined:
            self._measure_lag(self._app.consumer)

    def _measure_lag(self, consumer: Any) -> None:  # noqa: ANN401 - Faust publishes no types
        assigned = consumer.assignment()
        PARTITIONS.set(len(assigned))
        shown: set[tuple[str, str]] = set()
        for each in assigned:
            end = consumer.highwater(each)
            if end is not None:
                labels = (each.topic, str(each.partition))
                shown.add(labels)
                # Faust has no public way to it.
                committed = consumer._committed_offset[each] or 0  # noqa: SLF001
                LAG.labels(*labels).set(max(0, end - committed))
        for labels in self._shown - shown:
            LAG.remove(*labels)
        self._shown = shown


class BrokerWatch:
    """Asks the broker every moment; says what it answered last, and since when it is silent."""

    def __init__(self, terms: KafkaTerms) -> None:
        self._terms = terms
        self._cause: str | None = "not asked yet"

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop."""
        while not stopping.is_set():
            try:
                await probe(self._terms)
                self._cause = None
            except TransientError as error:
                self._cause = f"no answer ({error})"
                emit_seldom("broker_waits", "probe", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KAFKA_PROBE_SECONDS):
                    await stopping.wait()

    def causes(self) -> dict[str, str]:
        """Empty while the broker answers."""
        return {"broker": self._cause} if self._cause else {}
