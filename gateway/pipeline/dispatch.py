"""DISPATCH: deliveries of an accepted document, put in the transaction of its decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from gateway.canonical.partner import Partner
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import DocumentRow, InterchangeRow, NewDelivery
from gateway.pipeline.writing import written_form
from gateway.routing.plan import DecidedDocument, DeliveryPlan, plan


def dispatch(
    tx: Tx,
    row: InterchangeRow,
    document: DocumentRow,
    state: str,
    partners: Iterable[Partner],
    now: datetime,
) -> None:
    """Plan and add; a delivery that exists already (a redelivered event) is left alone."""
    sender = next((p for p in partners if p.code == row.partner), None)
    decided = DecidedDocument(
        id=document.id,
        interchange=row.id,
        partner=row.partner,
        type=document.type,
        key=document.key,
        state=state,
        revision=row.revision,
        test=document.test or bool(sender and sender.stage == "test"),
        name=row.name,
        content_type=row.content_type,
    )
    tx.deliveries.add([_new(each, now) for each in plan(decided, partners, written_form)])


def _new(plan: DeliveryPlan, now: datetime) -> NewDelivery:
    hours = plan.acknowledge_within_hours
    return NewDelivery(
        id=plan.id,
        partner=plan.partner,
        route=plan.route,
        kind=plan.kind,
        lane=plan.lane,
        subject_kind="document",
        subject=plan.subject,
        interchange=plan.interchange,
        event_type=plan.event_type,
        file_name=plan.file_name,
        content_type=plan.content_type,
        body=None,
        due_at=now,
        test=plan.test,
        acknowledge_by=now + timedelta(hours=hours) if hours else None,
    )
