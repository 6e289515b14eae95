"""Two stages of Faust that do nothing but pass an event on, confirmed before it is acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import faust
from aiokafka import AIOKafkaProducer

from gateway.streams.connection import KafkaTerms
from gateway.streams.faust_app import make_app
from gateway.streams.quiet import quieten
from gateway.streams.topics import ensure_topics, topic_of
from gateway.telemetry.events import configure


async def main(servers: str, count: int) -> None:
    """Print {"rate": events a second, "cpu": CPU seconds an event}."""
    configure("error")
    quieten()
    terms = KafkaTerms((servers,), prefix="noop", partitions=6)
    await ensure_topics(terms, ("one", "two"))
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, linger_ms=5)
    await producer.start()
    value = b"x" * 200
    sends = [
        await producer.send(topic_of(terms, "one"), value, key=b"%d" % n) for n in range(count)
    ]
    await asyncio.gather(*sends)
    app = make_app(terms)
    one, two = (
        app.topic(topic_of(terms, name), value_type=bytes, value_serializer="raw")
        for name in ("one", "two")
    )
    seen: list[float] = []

    @app.agent(one, concurrency=1)
    async def first(stream: faust.Stream) -> None:
        async for event in stream.noack().events():
            await producer.send_and_wait(topic_of(terms, "two"), event.value, key=event.key)
            event.ack()

    @app.agent(two, concurrency=1)
    async def second(stream: faust.Stream) -> None:
        async for event in stream.noack().events():
            seen.append(time.monotonic())
            event.ack()

    await app.start()
    while not seen:  # noqa: ASYNC110 - an event would be measured too
        await asyncio.sleep(0.01)
    before, at = time.process_time(), len(seen)
    while len(seen) < count:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.01)
    used = (time.process_time() - before) / (count - at)
    rate = (count - at) / (seen[-1] - seen[at - 1])
    print(json.dumps({"rate": rate, "cpu": used}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
