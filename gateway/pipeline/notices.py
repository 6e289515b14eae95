"""NOTICES: what a service tells other parties on their routes, beside documents and answers.

A confirmed appointment for the terminal, an application for customs, a paid order for the
authority: each is a notice of a kind, and goes to every route that subscribes to that kind, under
the same lanes, retries and dead letters as a document (interfaces.md, Delivery).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.canonical.partner import Partner, Route
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import NewDelivery
from gateway.routing.delivery_id import delivery_id, file_name, lane, leg
from gateway.routing.plan import is_test_route


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told.

    kind: what routes subscribe to ("appointment").  id: of the thing, the same for all its
    notices; revision: rises with each change of it, so that (id, revision) is told once.  about:
    its business key; notices of one lane keep their order.  body: JSON-able.  renderings: other
    payloads that a route may ask for by name, as (content type, bytes).  sender: the partner whose
    doing it was; receivers: partner codes, where only some may learn of it.
    """

    kind: str
    id: str
    revision: int
    about: Mapping[str, str]
    body: Mapping[str, Any]
    state: str
    sender: str = ""
    receivers: Collection[str] | None = None
    test: bool = False
    renderings: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def notify(tx: Tx, partners: Iterable[Partner], notice: Notice, now: datetime) -> int:
    """Add a delivery per route that wants it; how many.  The same notice again adds nothing."""
    deliveries = [
        _delivery(notice, partner, route, now)
        for partner in partners
        if partner.state == "active"
        and (notice.receivers is None or partner.code in notice.receivers)
        for route in partner.routes
        if is_test_route(partner, route) is notice.test and _wants(route, notice)
    ]
    tx.deliveries.add(deliveries)
    return len(deliveries)


def _wants(route: Route, notice: Notice) -> bool:
    return any(
        each.document == notice.kind and (not each.senders or notice.sender in each.senders)
        for each in route.subscriptions
    )


def _delivery(notice: Notice, partner: Partner, route: Route, now: datetime) -> NewDelivery:
    plain = json.dumps(notice.body, ensure_ascii=False, separators=(",", ":")).encode()
    content_type, body = notice.renderings.get(
        route.payload_of(notice.kind), ("application/json", plain)
    )
    key = delivery_id(notice.id, leg(partner.code, route.name), notice.revision)
    hours = route.acknowledge_within_hours if route.acknowledged else None
    return NewDelivery(
        id=key,
        partner=partner.code,
        route=route.name,
        kind=route.kind,
        lane=lane(partner.code, route.name, notice.kind, notice.about, notice.id),
        subject_kind="notice",
        subject=notice.id,
        interchange=notice.id,
        event_type=f"portedi.{notice.kind}.{notice.state}",
        file_name=file_name(key, ".xml" if "xml" in content_type else ".json"),
        content_type=content_type,
        body=body,
        due_at=now,
        test=notice.test,
        acknowledge_by=now + timedelta(hours=hours) if hours else None,
    )
