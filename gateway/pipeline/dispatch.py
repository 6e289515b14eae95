"""DISPATCH: the deliveries of an accepted document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from gateway.canonical.partner import Partner
from gateway.pipeline.rows import DocumentRow, InterchangeRow, NewDelivery
from gateway.pipeline.writing import written_form
from gateway.routing.plan import DecidedDocument, DeliveryPlan, Way, is_original, plan, ways


class Dispatch:
    """Makes the deliveries of one interchange's documents."""

    def __init__(self, row: InterchangeRow, partners: Iterable[Partner], now: datetime) -> None:
        self._row = row
        self._partners = partners
        self._now = now
        sender = next((p for p in partners if p.code == row.partner), None)
        self._tested = bool(sender and sender.stage == "test")
        # By type and test: the documents of a file mostly go the same ways.
        self._ways: dict[tuple[str, bool], list[Way]] = {}

    def deliveries(self, document: DocumentRow, state: str) -> list[NewDelivery]:
        """One for each way that the document goes."""
        row = self._row
        decided = DecidedDocument(
            id=document.id,
            interchange=row.id,
            partner=row.partner,
            type=document.type,
            key=document.key,
            state=state,
            revision=row.revision,
            test=document.test or self._tested,
            name=row.name,
            content_type=row.content_type,
        )
        known = (decided.type, decided.test)
        if known not in self._ways:
            self._ways[known] = ways(decided, self._partners)
        plans = plan(decided, self._ways[known], written_form)
        if plans:
            # The original bytes go once for all documents of the file.
            self._ways[known] = [way for way in self._ways[known] if not is_original(way, decided)]
        return [_new(each, self._now) for each in plans]


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
