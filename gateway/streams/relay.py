"""RELAY: new outbox rows go to Kafka; a row is marked only after every replica has confirmed it.

The rows are shared out by a hash of their lane; each share is led by one relay at a time, under a
lease whose fence is checked in the transaction that marks.  A relay that was frozen and wakes up
late publishes again what its successor has published: those events are claimed already.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Sequence
from datetime import timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge

from gateway import limits
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Clock, Store, TransientError, Tx
from gateway.pipeline.rows import Lease, OutboxRow
from gateway.streams.connection import (
    BrokerUnavailable,
    KafkaTerms,
    close_producer,
    open_producer,
)
from gateway.streams.event import encode, lane_of
from gateway.streams.quiet import quieten
from gateway.streams.topics import ensure_topics, topic_of
from gateway.telemetry.events import emit, emit_seldom

PUBLISHED = Counter("gateway_relay_published_total", "Outbox rows that Kafka has confirmed")
BACKLOG = Gauge("gateway_outbox_backlog", "Outbox rows that are not published", ["stage"])

# Decide goes on along a lane by one event after the other, and each passes here: while there is
# work the outbox is looked at often, and when all is quiet seldom.
_BUSY_SECONDS, _IDLE_SECONDS = 0.02, 0.5
_QUIET_AFTER_SECONDS = 3.0
_PAGES_MAX = 20


def share_of(row: OutboxRow) -> int:
    """The share that a row belongs to: all rows of a lane to the same one."""
    return zlib.crc32(lane_of(row).encode()) % limits.RELAY_SHARES


class Relay:
    """One relay; any number of them may run."""

    def __init__(
        self, terms: KafkaTerms, store: Store, clock: Clock, owner: str, stages: Sequence[str]
    ) -> None:
        self._terms = terms
        self._store = store
        self._clock = clock
        self._owner = owner
        self._stages = stages
        self._leases: dict[int, Lease] = {}
        self._renew_at = 0.0
        self._again_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; what was sent is confirmed and marked first."""
        quieten()
        self._loop = asyncio.get_running_loop()
        self._store.on_write(self._wake)
        while not stopping.is_set():
            try:
                await ensure_topics(self._terms, self._stages)
                producer = await open_producer(self._terms)
            except TransientError as error:
                emit_seldom("broker_waits", "relay", error=str(error))
                await self._sleep(stopping, 1.0)
                continue
            try:
                await self._relay(producer, stopping)
            finally:
                await close_producer(producer)
        with contextlib.suppress(TransientError):
            await self._store.write(self._give_back)

    async def _relay(self, producer: AIOKafkaProducer, stopping: asyncio.Event) -> None:
        """Round by round, until asked to stop or until the producer can no longer be trusted."""
        worked_at = self._clock.monotonic()
        while not stopping.is_set():
            self._awake.clear()
            try:
                if await self.once(producer):
                    worked_at = self._clock.monotonic()
                    continue
                quiet = self._clock.monotonic() - worked_at > _QUIET_AFTER_SECONDS
                await self._sleep(stopping, _IDLE_SECONDS if quiet else _BUSY_SECONDS)
            except BrokerUnavailable as error:
                # Its sequence is broken: a new producer starts from what is not marked.
                emit_seldom("broker_waits", "relay", error=str(error))
                return
            except TransientError as error:
                emit_seldom("relay_waits", type(error).__name__)
                await self._sleep(stopping, 1.0)

    async def once(self, producer: AIOKafkaProducer) -> int:
        """One round; how many rows were published."""
        await self._lead()
        rows = await self._store.read(self._take) if self._leases else []
        if not rows:
            return 0
        crash_point("runner.taken")
        await self._publish(producer, rows)
        await self._store.write(lambda tx: self._mark(tx, rows))
        PUBLISHED.inc(len(rows))
        return len(rows)

    async def _lead(self) -> None:
        """Renew our leases, and take a share that nobody leads, one or two a round."""
        now = self._clock.monotonic()
        if now < self._renew_at:
            return
        await self._store.write(self._renew)
        self._renew_at = now + (
            limits.RELAY_RENEW_SECONDS if len(self._leases) == limits.RELAY_SHARES else 0.3
        )
        for stage, count in (await self._store.read(lambda tx: tx.outbox.backlog())).items():
            BACKLOG.labels(stage).set(count)
        if now >= self._again_at and 0 in self._leases:
            self._again_at = now + min(30.0, self._terms.again_seconds / 2)
            await self._again()

    def _renew(self, tx: Tx) -> None:
        now = self._clock.now()
        until = now + timedelta(seconds=limits.RELAY_LEASE_SECONDS)
        held = {n: each for n, each in self._leases.items() if tx.leases.renew(each, until)}
        wanted = 2
        for share in range(limits.RELAY_SHARES):
            if share in held or not wanted:
                continue
            lease = tx.leases.acquire(f"relay-{share}", self._owner, now, until)
            if lease is not None:
                held[share] = lease
                wanted -= 1
        self._leases = held

    def _take(self, tx: Tx) -> list[OutboxRow]:
        """New rows of our shares, in order; another relay's rows are passed over."""
        mine: list[OutboxRow] = []
        after = 0
        for _page in range(_PAGES_MAX):
            rows = tx.outbox.take(limits.RELAY_ROWS_MAX, after)
            mine += [row for row in rows if share_of(row) in self._leases]
            if len(rows) < limits.RELAY_ROWS_MAX or len(mine) >= limits.RELAY_ROWS_MAX:
                break
            after = rows[-1].id
        return mine[: limits.RELAY_ROWS_MAX]

    async def _publish(self, producer: AIOKafkaProducer, rows: Sequence[OutboxRow]) -> None:
        """All of them confirmed, or BrokerUnavailable."""
        try:
            confirmations = [
                await producer.send(
                    topic_of(self._terms, row.stage), encode(row), key=lane_of(row).encode()
                )
                for row in rows
            ]
            await asyncio.gather(*confirmations)
        except KafkaError as error:
            raise BrokerUnavailable(type(error).__name__) from None

    def _mark(self, tx: Tx, rows: Sequence[OutboxRow]) -> None:
        """Under the leases that they were taken under; the rows of a lost one are not ours."""
        until = self._clock.now() + timedelta(seconds=limits.RELAY_LEASE_SECONDS)
        shares = {share_of(row) for row in rows}
        kept = {n for n in shares if n in self._leases and tx.leases.renew(self._leases[n], until)}
        tx.outbox.published([row.id for row in rows if share_of(row) in kept])

    async def _again(self) -> None:
        before = self._clock.now() - timedelta(seconds=self._terms.again_seconds)
        late = await self._store.write(lambda tx: tx.outbox.requeue(before))
        if late:
            emit("published_again", "warning", events=late)

    def _give_back(self, tx: Tx) -> None:
        for lease in self._leases.values():
            tx.leases.release(lease)

    def _wake(self) -> None:
        """Called from the store's threads."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._awake.set)

    async def _sleep(self, stopping: asyncio.Event, seconds: float) -> None:
        """Until something is written, until asked to stop, or that long."""
        waiters = [asyncio.create_task(each.wait()) for each in (self._awake, stopping)]
        try:
            await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
