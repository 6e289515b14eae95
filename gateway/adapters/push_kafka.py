"""kind = "kafka": a delivery as a CloudEvent on a topic, in structured JSON (schemas/events).

The message key is the business object, so one object's events stay in order; the header `ce_id` is
the delivery id, by which a consumer tells a repetition (reliability.md 2.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from gateway.adapters.push_http.envelope import OutgoingDelivery, seal
from gateway.adapters.push_result import PushResult
from gateway.canonical.partner import Route
from gateway.limits import KAFKA_EVENT_BYTES_MAX
from gateway.pipeline.channels import Parcel
from gateway.pipeline.ports import TransientError

CONTENT_TYPE = "application/cloudevents+json"
# Key, headers and Kafka's own framing.
_OVERHEAD_BYTES = 4096


class Writer(Protocol):
    """Whoever knows Kafka (streams/published.py)."""

    async def write(
        self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Confirmed when it returns; raises TransientError, ValueError for what never fits."""


class KafkaRoutes:
    """Pushes to topics; `writer` None where no Kafka is configured."""

    def __init__(self, writer: Writer | None) -> None:
        self._writer = writer

    async def push(self, route: Route, parcel: Parcel) -> PushResult:
        """One attempt."""
        if self._writer is None:
            return PushResult("retry", "Kafka: no [kafka] servers are configured")
        if parcel.size > KAFKA_EVENT_BYTES_MAX:
            return _too_large(parcel.size)
        value = await asyncio.to_thread(_event, parcel)
        if len(value) > KAFKA_EVENT_BYTES_MAX - _OVERHEAD_BYTES:
            return _too_large(len(value))
        headers = (
            ("ce_id", parcel.delivery.encode()),
            ("ce_type", parcel.event_type.encode()),
            ("content-type", CONTENT_TYPE.encode()),
        )
        key = (parcel.key or parcel.subject).encode()
        try:
            await self._writer.write(route.topic or "", key, value, headers)
        except TransientError as error:
            return PushResult("retry", f"Kafka: {error}")
        except ValueError as error:
            return PushResult("refused", f"Kafka: {error}")
        return PushResult("sent", f"Kafka: {len(value)} bytes, confirmed by all replicas")


def _event(parcel: Parcel) -> bytes:
    sealed = seal(
        OutgoingDelivery(
            delivery_id=parcel.delivery,
            event_type=parcel.event_type,
            source=parcel.source,
            subject=parcel.subject,
            time=parcel.time.isoformat().replace("+00:00", "Z"),
            content_type=parcel.content_type,
            body=b"".join(parcel.chunks()),
        )
    )
    return b"".join(sealed.pieces())


def _too_large(size: int) -> PushResult:
    most = KAFKA_EVENT_BYTES_MAX
    return PushResult("refused", f"Kafka: {size} bytes, a topic takes {most}; use http or sftp")
