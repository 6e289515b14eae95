"""CONFIRM, step 6: a receiver's acknowledgement meets the delivery that it is about.

Acknowledgements are found by the delivery they name, else by the control reference of what we
sent.  One that fits nothing is kept, decided `rejected`, and never answered.
"""

from __future__ import annotations

import json
from functools import partial

from gateway.canonical.acknowledgement import Acknowledgement, Verdict
from gateway.limits import DOCUMENTS_PER_DECISION_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.pipeline.rows import DecisionRow, DeliveryRow, DocumentRow, InterchangeRow
from gateway.routing.delivery_id import control_reference, delivery_number

STAGE = "confirm"


class Confirm:
    """The step."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, subject: str, revision: int) -> None:
        """Record what one interchange of acknowledgements says, page by page."""
        after: int | None = 0
        while after is not None:
            after = await self._store.write(partial(self._page, subject, revision, after))
            crash_point("confirm.recorded")

    def _page(self, subject: str, revision: int, after: int, tx: Tx) -> int | None:
        row = tx.interchanges.find(subject)
        if row is None or row.state != "translated" or row.revision != revision:
            return None
        crash_point("confirm.leased")
        documents = tx.documents.of_interchange(row.id, after, DOCUMENTS_PER_DECISION_MAX)
        for document in documents:
            if tx.outbox.claim(STAGE, document.id, revision):
                self._confirm(tx, row, document)
        if len(documents) == DOCUMENTS_PER_DECISION_MAX:
            return documents[-1].ordinal
        tx.interchanges.decided(row.id, revision, tx.documents.outcome(row.id))
        tx.interchanges.announce_next(row.order_key)
        crash_point("confirm.before_commit")
        return None

    def _confirm(self, tx: Tx, row: InterchangeRow, document: DocumentRow) -> None:
        known = False
        for part in tx.documents.parts(document.id, 0, DOCUMENTS_PER_DECISION_MAX):
            known |= _apply(tx, row, part.canonical)
        outcome = "accept" if known else "reject"
        told = (
            {"zh": "回执已登记。", "en": "the acknowledgement is recorded."}
            if known
            else {
                "zh": "找不到该回执所指的发送。",
                "en": "no delivery is known that this acknowledges.",
            }
        )
        tx.documents.decide(
            DecisionRow(
                document=document.id,
                revision=row.revision,
                outcome=outcome,
                codes=[] if known else ["ACKNOWLEDGES_NOTHING"],
                rules=[{"id": "confirm", "version": "1"}],
                explanation=told,
                findings=[],
                facts={},
                decided_at=self._clock.now(),
            ),
            "accepted" if known else "rejected",
            "keep",
        )


def _apply(tx: Tx, row: InterchangeRow, canonical: str) -> bool:
    """Whether one acknowledgement found its delivery."""
    try:
        said = Acknowledgement.model_validate_json(canonical)
    except ValueError:
        return False
    delivery = _meant(tx, said)
    # Only the receiver may speak about a delivery.
    if delivery is None or delivery.partner != row.partner:
        return False
    accepted = said.verdict is Verdict.ACCEPTED
    detail = json.dumps({"codes": said.codes, "texts": said.texts}, ensure_ascii=False)[:300]
    tx.deliveries.acknowledge(delivery.id, accepted, detail)
    return True


def _meant(tx: Tx, said: Acknowledgement) -> DeliveryRow | None:
    """The delivery that is named, else that of our control reference (UNB 0020 of what we sent)."""
    name = said.delivery or said.document_number or said.interchange_reference
    named = tx.deliveries.find(name) if name else None
    reference = said.interchange_reference or ""
    number = delivery_number(reference)
    if named is not None or number is None:
        return named
    found = tx.deliveries.numbered(number)
    return found if found and control_reference(found.id, found.seq) == reference else None
