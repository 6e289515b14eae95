"""DISPATCH: the deliveries of an accepted document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.canonical.partner import Partner
from gateway.limits import WAYS_REMEMBERED_MAX
from gateway.pipeline.ports import Directory
from gateway.pipeline.rows import DocumentRow, InterchangeRow, NewDelivery
from gateway.pipeline.writing import written_form
from gateway.routing.plan import DecidedDocument, DeliveryPlan, Way, is_original, plan, ways


class Ways:
    """Which ways documents go: found once for as long as no partner changes."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._found: tuple[Sequence[Partner], dict[tuple[str, str, bool], list[Way]]] = ((), {})

    def of(self, decided: DecidedDocument) -> list[Way]:
        """Receivers and routes for documents of this type, from this sender."""
        partners = self.directory.partners()
        if self._found[0] is not partners or len(self._found[1]) >= WAYS_REMEMBERED_MAX:
            self._found = (partners, {})
        # Taken together: another thread may have put a new pair in its place.
        known, found = self._found
        key = (decided.partner, decided.type, decided.test)
        if key not in found:
            found[key] = ways(decided, known)
        return found[key]


class Dispatch:
    """Makes the deliveries of one interchange's documents."""

    def __init__(
        self, row: InterchangeRow, sender: Partner | None, ways: Ways, now: datetime
    ) -> None:
        self._row = row
        self._ways = ways
        self._now = now
        self._tested = bool(sender and sender.stage == "test")
        # The original bytes go once for all documents of the file: those that took them along.
        self._bytes_sent: set[tuple[str, bool]] = set()

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
        open_ways = self._ways.of(decided)
        kind = (decided.type, decided.test)
        if kind in self._bytes_sent:
            open_ways = [way for way in open_ways if not is_original(way, decided)]
        plans = plan(decided, open_ways, written_form)
        if plans:
            self._bytes_sent.add(kind)
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
