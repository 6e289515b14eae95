"""Results on topics of a real Kafka: keyed, confirmed, each with its delivery id."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer

from gateway.adapters.push_kafka import KafkaRoutes
from gateway.canonical.partner import Route
from gateway.limits import KAFKA_EVENT_BYTES_MAX
from gateway.pipeline.channels import Parcel
from gateway.streams.connection import KafkaTerms
from gateway.streams.published import TopicWriter
from tests.contract import kafka
from tests.services import free_port

pytestmark = pytest.mark.xdist_group("kafka")


def parcel(body: bytes = b'{"document": "booking"}', **fields: object) -> Parcel:
    return Parcel(
        delivery="i1-1-TERM1_events-1",
        event_type="portedi.booking.accepted",
        source="urn:portedi:test",
        subject="i1-1",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        content_type="application/json",
        file_name="i1.json",
        size=len(body),
        chunks=lambda: iter((body,)),
        key="booking=B1",
    )


def route(terms: KafkaTerms) -> Route:
    return Route(name="events", kind="kafka", topic=f"{terms.prefix}.results")


@pytest.fixture
async def writer() -> AsyncIterator[TopicWriter]:
    made = TopicWriter(kafka.terms())
    yield made
    await made.aclose()


async def test_a_delivery_is_a_cloud_event_with_its_key(writer: TopicWriter) -> None:
    pusher = KafkaRoutes(writer)
    terms = writer._terms
    # Twice: the second is the repetition of an attempt whose record was lost.
    for _ in range(2):
        assert (await pusher.push(route(terms), parcel())).outcome == "sent"
    consumer = AIOKafkaConsumer(
        f"{terms.prefix}.results",
        bootstrap_servers=terms.servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        first, second = await consumer.getone(), await consumer.getone()
    finally:
        await consumer.stop()
    assert first.key == b"booking=B1"
    assert dict(first.headers)["ce_id"] == b"i1-1-TERM1_events-1"
    event = json.loads(first.value)
    assert event["id"] == "i1-1-TERM1_events-1"
    assert event["type"] == "portedi.booking.accepted"
    assert event["data"] == {"document": "booking"}
    assert (first.value, first.partition) == (second.value, second.partition)


async def test_what_no_topic_takes_is_refused_and_not_tried_again(writer: TopicWriter) -> None:
    large = parcel(b'"' + b"x" * (KAFKA_EVENT_BYTES_MAX - 2) + b'"')
    result = await KafkaRoutes(writer).push(route(writer._terms), large)
    assert (result.outcome, "use http or sftp" in result.detail) == ("refused", True)


async def test_a_large_document_below_the_limit_is_taken(writer: TopicWriter) -> None:
    large = parcel(b'"' + b"x" * 4_000_000 + b'"')
    assert (await KafkaRoutes(writer).push(route(writer._terms), large)).outcome == "sent"


async def test_a_broker_that_is_away_is_tried_again() -> None:
    terms = replace(kafka.terms(), servers=(f"127.0.0.1:{free_port()}",))
    away = TopicWriter(terms)
    result = await KafkaRoutes(away).push(route(terms), parcel())
    assert result.outcome == "retry"
    assert (await KafkaRoutes(None).push(route(terms), parcel())).outcome == "retry"
