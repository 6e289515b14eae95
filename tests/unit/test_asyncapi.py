"""The AsyncAPI document says what is sent, no more and no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from gateway.adapters.asyncapi import document, text
from gateway.adapters.push_kafka import _event
from gateway.pipeline.channels import Parcel
from gateway.routing.payload import PayloadHead, canonical_payload
from tests.services import REPO

EXPORTED = REPO / "schemas" / "events" / "asyncapi.json"


def test_the_export_is_up_to_date():
    assert EXPORTED.read_text(encoding="utf-8") == text(), (
        "run: python -m gateway.adapters.asyncapi schemas/events/asyncapi.json"
    )


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere():
    made = document()
    found = set(references(made))
    assert len(found) > 20
    for reference in found:
        place: Any = made
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_an_event_has_the_members_of_its_schema():
    schemas = document()["components"]["schemas"]
    head = PayloadHead("i1-1", "booking", "booking/x", "AGENT1", "9", {"booking": "B1"}, {}, {})
    body = b"".join(canonical_payload(head, [(1, '{"a": 1}')], ()))
    parcel = Parcel(
        delivery="i1-1-TERM1_events-1",
        event_type="portedi.booking.accepted",
        source="urn:portedi:test",
        subject="i1-1",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        content_type="application/json",
        file_name="x.json",
        size=len(body),
        chunks=lambda: iter((body,)),
    )
    event = json.loads(_event(parcel))
    schema = schemas["booking_event"]
    assert set(schema["required"]) <= set(event) <= set(schema["properties"])
    assert event["type"] in schema["properties"]["type"]["enum"]
    payload = schemas["booking_payload"]
    assert set(event["data"]) == set(payload["required"]) == set(payload["properties"])
