"""PUBLISHED: results on topics of their own, for receivers that prefer a topic to a call.

The producer is made when it is first needed and thrown away when it fails; a send is over only
when every replica has confirmed it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from gateway.limits import KAFKA_EVENT_BYTES_MAX, KAFKA_REQUEST_SECONDS
from gateway.streams.connection import (
    BrokerUnavailable,
    KafkaTerms,
    close_producer,
    open_producer,
)
from gateway.streams.quiet import quieten
from gateway.streams.topics import make_topics

Headers = Sequence[tuple[str, bytes]]


class TopicWriter:
    """Writes to any topic, which it makes where it is not there; used from one event loop."""

    def __init__(self, terms: KafkaTerms) -> None:
        self._terms = terms
        self._producer: AIOKafkaProducer | None = None
        self._made: set[str] = set()
        self._lock = asyncio.Lock()

    async def write(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        """Confirmed when it returns.

        Raises BrokerUnavailable; ValueError for a message that the topic does not take.
        """
        async with self._lock:
            producer = await self._open(topic)
        try:
            async with asyncio.timeout(KAFKA_REQUEST_SECONDS):
                await producer.send_and_wait(topic, value, key=key, headers=list(headers))
        except MessageSizeTooLargeError:
            raise ValueError("too large for the topic") from None
        except (KafkaError, OSError, TimeoutError) as error:
            await self._drop(producer)
            raise BrokerUnavailable(type(error).__name__) from None

    async def aclose(self) -> None:
        """Close the producer, if there is one."""
        if self._producer is not None:
            await self._drop(self._producer)

    async def _open(self, topic: str) -> AIOKafkaProducer:
        quieten()
        if topic not in self._made:
            options = {"max.message.bytes": str(KAFKA_EVENT_BYTES_MAX)}
            await make_topics(self._terms, [topic], options)
            self._made.add(topic)
        if self._producer is None:
            self._producer = await open_producer(self._terms)
        return self._producer

    async def _drop(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await close_producer(producer)
