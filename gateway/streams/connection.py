"""CONNECTION: where Kafka is and how we sign in, for Faust and for aiokafka alike."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from faust.auth import SASLCredentials, SSLCredentials

from gateway import limits
from gateway.pipeline.ports import Secrets, TransientError
from gateway.settings import KafkaSettings


class BrokerUnavailable(TransientError):
    """No broker answers; it is waited for."""


@dataclass(frozen=True, slots=True)
class KafkaTerms:
    """How Kafka is used; times in seconds.

    prefix: the first word of our topics and the group.  partitions: of each topic, when it is made
    here.  ca_file: TLS with this authority; username and password: SCRAM-SHA-512.
    """

    servers: tuple[str, ...]
    prefix: str = "gateway"
    partitions: int = 12
    replication: int = 1
    ca_file: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    session_seconds: float = limits.KAFKA_SESSION_SECONDS
    heartbeat_seconds: float = limits.KAFKA_HEARTBEAT_SECONDS
    rebalance_seconds: float = limits.KAFKA_REBALANCE_SECONDS
    again_seconds: float = limits.PUBLISHED_AGAIN_SECONDS

    def tls(self) -> ssl.SSLContext | None:
        """The context of a TLS connection; None for a plain one."""
        return ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None

    def options(self) -> dict[str, Any]:
        """Address and sign-in, as aiokafka's classes take them."""
        tls = self.tls()
        chosen: dict[str, Any] = {"bootstrap_servers": list(self.servers), "ssl_context": tls}
        chosen["security_protocol"] = "SSL" if tls else "PLAINTEXT"
        if self.username:
            chosen["security_protocol"] = "SASL_SSL" if tls else "SASL_PLAINTEXT"
            chosen["sasl_mechanism"] = "SCRAM-SHA-512"
            chosen["sasl_plain_username"] = self.username
            chosen["sasl_plain_password"] = self.password
        return chosen

    def credentials(self) -> SASLCredentials | SSLCredentials | None:
        """The same for Faust."""
        tls = self.tls()
        if self.username:
            return SASLCredentials(
                username=self.username,
                password=self.password,
                ssl_context=tls,
                mechanism="SCRAM-SHA-512",
            )
        return SSLCredentials(context=tls) if tls else None


def terms_of(settings: KafkaSettings, secrets: Secrets) -> KafkaTerms:
    """As the operator has set it; raises LookupError for a password that is not there."""
    return KafkaTerms(
        servers=settings.servers,
        prefix=settings.prefix,
        partitions=settings.partitions,
        replication=settings.replication,
        ca_file=str(settings.ca_file) if settings.ca_file else None,
        username=settings.username,
        password=secrets.resolve(settings.password) if settings.password else None,
        session_seconds=settings.session_seconds,
        rebalance_seconds=settings.rebalance_seconds,
        again_seconds=settings.again_seconds,
    )


async def probe(terms: KafkaTerms) -> None:
    """Ask a broker for its metadata; raises BrokerUnavailable, also for one that is frozen."""
    client = AIOKafkaClient(**terms.options(), request_timeout_ms=2000)
    try:
        async with asyncio.timeout(limits.KAFKA_PROBE_PATIENCE_SECONDS):
            await client.bootstrap()
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(type(error).__name__) from None
    finally:
        with contextlib.suppress(KafkaError, OSError):
            await client.close()


async def open_producer(terms: KafkaTerms) -> AIOKafkaProducer:
    """A started producer whose sends are in order, once each, and on every replica (acks=all).

    Raises BrokerUnavailable.
    """
    producer = AIOKafkaProducer(
        **terms.options(),
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        request_timeout_ms=int(limits.KAFKA_REQUEST_SECONDS * 1000),
        max_request_size=limits.KAFKA_EVENT_BYTES_MAX,
    )
    try:
        async with asyncio.timeout(limits.KAFKA_REQUEST_SECONDS):
            await producer.start()
    except (KafkaError, OSError, TimeoutError) as error:
        await close_producer(producer)
        raise BrokerUnavailable(type(error).__name__) from None
    return producer


async def close_producer(producer: AIOKafkaProducer) -> None:
    """Close it; what it had not sent is sent by its successor."""
    with contextlib.suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(limits.KAFKA_REQUEST_SECONDS):
            await producer.stop()
