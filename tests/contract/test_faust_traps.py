"""The traps of Faust (docs/decisions), each reproduced on a real Kafka: nothing is lost.

The runner contract covers what every runner owes; here is what only Faust can do wrong.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from structlog.testing import capture_logs

from gateway.pipeline.ports import Store
from gateway.streams.connection import KafkaTerms
from gateway.streams.faust_app import make_app
from gateway.streams.readiness import BrokerWatch
from gateway.streams.topics import ensure_topics, topic_of
from tests.contract import kafka
from tests.contract.faust_runner import start
from tests.contract.runners import Witness, put, until
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
pytestmark = [
    pytest.mark.xdist_group("kafka"),
    pytest.mark.parametrize("bench", ["postgres"], indirect=True),
    pytest.mark.timeout(120),
]


@pytest.fixture
def store(bench: Bench) -> Store:
    opened: Store = bench.stores[0]
    return opened


async def committed(terms: KafkaTerms, stage: str) -> dict[int, int]:
    """What the group has committed, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(terms.servers))
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{terms.prefix}-worker")
    finally:
        await admin.close()
    topic = topic_of(terms, stage)
    return {tp.partition: each.offset for tp, each in offsets.items() if tp.topic == topic}


async def end_of(terms: KafkaTerms, stage: str) -> int:
    """How many messages the only partition of a stage has ever held."""
    consumer = AIOKafkaConsumer(bootstrap_servers=list(terms.servers))
    await consumer.start()
    try:
        place = TopicPartition(topic_of(terms, stage), 0)
        return int((await consumer.end_offsets([place]))[place])
    finally:
        await consumer.stop()


async def send(terms: KafkaTerms, stage: str, *values: bytes) -> None:
    """Messages that no relay has written."""
    await ensure_topics(terms, [stage])
    producer = AIOKafkaProducer(bootstrap_servers=list(terms.servers))
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic_of(terms, stage), value, partition=0)
    finally:
        await producer.stop()


async def letters(store: Store) -> list[Any]:
    return (await store.read(lambda tx: tx.dead_letters.page("open", None, 50))).rows


async def test_bare_faust_loses_the_event_whose_agent_raises(store: Store) -> None:
    """The trap itself: the event is committed, nobody has seen it through, and a restart goes on
    behind it.  When this test fails, Faust has changed and the guard may be simplified."""
    terms = kafka.terms(partitions=1)
    await send(terms, "bare", b"one")
    app = make_app(terms)
    tries: list[bytes] = []

    @app.agent(app.topic(topic_of(terms, "bare"), value_type=bytes, value_serializer="raw"))
    async def agent(stream: faust.Stream) -> None:
        async for value in stream:
            tries.append(value)
            raise ValueError("the agent breaks")

    await app.start()
    await until(lambda: bool(tries), 20)
    await asyncio.sleep(1.5)
    await app.stop()
    assert (await committed(terms, "bare")).get(0) == 1


async def test_an_agent_that_would_raise_buries_instead(store: Store) -> None:
    def broken(subject: str, _try: int) -> None:
        if subject.startswith("bad"):
            raise RuntimeError("a bug of a step")

    step = Witness(store, "translate", broken)
    runner = start(store, {"translate": step}, kafka.terms(partitions=1))
    await put(store, "translate", "bad1", "good1", "bad2", "good2")
    await until(lambda: len(step.effects) == 2, 20)
    await until_letters(store, 2)
    await runner.stop()
    assert sorted(each.subject for each in await letters(store)) == ["bad1", "bad2"]


async def test_an_undecodable_value_is_buried_and_the_next_one_runs(store: Store) -> None:
    terms = kafka.terms(partitions=1)
    poison = (b"\xff\xfe\x00", b"{}", b"", b'{"id": 1e999}', b"x" * 100_000)
    await send(terms, "decide", *poison)
    step = Witness(store, "decide")
    runner = start(store, {"decide": step}, terms)
    await put(store, "decide", "after")
    await until(lambda: step.subjects() == ["after"], 20)
    await until_letters(store, len(poison))
    await runner.stop()
    found = await letters(store)
    assert sorted(each.subject for each in found) == [
        f"{topic_of(terms, 'decide')}/0/{offset}" for offset in range(len(poison))
    ]
    assert await committed(terms, "decide") == {0: len(poison) + 1}


async def test_nothing_is_committed_past_one_unfinished_event_at_the_head(store: Store) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def hang(subject: str, _try: int) -> None:
        if subject == "head":
            begun.set()
            await release.wait()

    terms = kafka.terms(partitions=1)
    step = Witness(store, "translate", hang)
    runner = start(store, {"translate": step}, terms)
    await put(store, "translate", "head")
    await asyncio.wait_for(begun.wait(), 20)
    await put(store, "translate", *[f"i{n}" for n in range(20)])
    await until(lambda: len(step.effects) == 20, 20)
    await asyncio.sleep(2.5)  # two rounds of commits
    assert (await committed(terms, "translate")).get(0, 0) == 0
    await runner.kill()
    release.set()
    runner = start(store, {"translate": step}, terms)
    await until(lambda: "head" in step.subjects(), 30)
    # Nothing was committed, so all of them come again; a stop leaves what it has not begun.
    await until(lambda: all(step.tries[f"i{n}"] == 2 for n in range(20)), 30)
    await runner.stop()
    assert step.tries["head"] == 2
    assert (await committed(terms, "translate"))[0] == await end_of(terms, "translate")


async def test_a_stop_with_an_event_in_hand_commits_it_and_no_more(store: Store) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(subject: str, _try: int) -> None:
        if subject == "in-hand":
            begun.set()
            await release.wait()

    terms = kafka.terms(partitions=1)
    step = Witness(store, "decide", slow)
    runner = start(store, {"decide": step}, terms)
    await put(store, "decide", "in-hand", "behind-1", "behind-2")
    await asyncio.wait_for(begun.wait(), 20)
    stop = asyncio.create_task(runner.stop())
    await asyncio.sleep(0.5)
    assert not stop.done()
    release.set()
    await asyncio.wait_for(stop, 20)
    assert step.subjects() == ["in-hand"]
    assert (await committed(terms, "decide")) == {0: 1}
    runner = start(store, {"decide": step}, terms)
    await until(lambda: len(step.effects) == 3, 20)
    await runner.stop()
    assert step.subjects() == ["in-hand", "behind-1", "behind-2"]


async def test_a_kafka_that_forgot_everything_is_filled_again(store: Store) -> None:
    """Events that Kafka confirmed and lost: published again from the database after a while."""
    terms = kafka.terms(partitions=1)
    step = Witness(store, "decide")
    await put(store, "decide", "a", "b", "c")

    def lose(tx: Any) -> None:
        tx.outbox.published([row.id for row in tx.outbox.take(10)])

    await store.write(lose)
    # The store's clock stands still in the past, so the rows are late at once.
    runner = start(store, {"decide": step}, replace(terms, again_seconds=0.5))
    await until(lambda: len(step.effects) == 3, 20)
    await runner.stop()
    assert step.subjects() == ["a", "b", "c"]


async def test_sends_that_fail_stay_in_the_outbox_and_go_out_later(store: Store) -> None:
    """R-09, R-10: the broker dies under load; it is waited for, told at most once a second, and
    everything goes on in order when it is back."""
    terms = kafka.terms(partitions=2)
    step = Witness(store, "decide")
    names = [f"i{n}" for n in range(60)]
    broker = kafka.broker()
    watch, watching = BrokerWatch(terms), asyncio.Event()
    watcher = asyncio.create_task(watch.run(watching))
    with capture_logs() as logs:
        runner = start(store, {"decide": step}, terms)
        await put(store, "decide", *names[:20])
        await until(lambda: len(step.effects) == 20, 20)
        broker.kill()
        died = time.monotonic()
        await put(store, "decide", *names[20:])
        await until(lambda: bool(watch.causes()), 5)
        noticed = time.monotonic() - died
        await asyncio.sleep(4)
        assert step.subjects() == names[:20]
        await asyncio.to_thread(broker.serve)
        back = time.monotonic()
        await until(lambda: not watch.causes(), 10)
        await until(lambda: len(step.effects) == 60, 60)
        print(f"noticed after {noticed:.1f} s, gone on {time.monotonic() - back:.1f} s after")
        await runner.stop()
    watching.set()
    await watcher
    assert step.subjects() == names
    assert await letters(store) == []
    seconds = time.monotonic() - died
    causes = {(line["event"], line.get("cause")) for line in logs}
    for event, cause in causes:
        lines = [x for x in logs if (x["event"], x.get("cause")) == (event, cause)]
        assert len(lines) <= seconds + 30, (event, cause, len(lines))


async def test_a_broker_that_is_not_there_at_the_start_is_waited_for(store: Store) -> None:
    terms = kafka.terms(partitions=1)
    broker = kafka.broker()
    broker.kill()
    step = Witness(store, "decide")
    runner = start(store, {"decide": step}, terms)
    await put(store, "decide", "early")
    await asyncio.sleep(2)
    assert all(not task.done() for task in runner.tasks)
    assert runner.worker.state.causes()
    await asyncio.to_thread(broker.serve)
    await until(lambda: step.subjects() == ["early"], 60)
    await until(lambda: not runner.worker.state.causes(), 10)
    await runner.stop()


async def until_letters(store: Store, number: int) -> None:
    async with asyncio.timeout(20):
        while len(await letters(store)) < number:  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.05)
