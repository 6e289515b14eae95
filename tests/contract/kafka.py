"""The one Kafka of a test session, started when the first test asks for it."""

from __future__ import annotations

import atexit
import functools
import itertools

from gateway.streams.connection import KafkaTerms
from tests import services
from tests.kafka.server import Kafka

_numbers = itertools.count(1)


@functools.cache
def broker() -> Kafka:
    """The broker of this session; skips or fails where Java or Maven are missing."""
    services.require("kafka")
    started = Kafka.start()
    atexit.register(started.stop)
    return started


def terms(**fields: object) -> KafkaTerms:
    """Terms with topics and a group of their own, and time-outs as short as the broker allows."""
    given: dict[str, object] = {
        "servers": (broker().servers,),
        "prefix": f"test-{next(_numbers)}",
        "partitions": 3,
        "session_seconds": 2.0,
        "heartbeat_seconds": 0.5,
        "rebalance_seconds": 3.0,
        # Stores of tests have clocks of their own.
        "again_seconds": 1e9,
    }
    return KafkaTerms(**{**given, **fields})  # type: ignore[arg-type]
