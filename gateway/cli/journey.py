"""JOURNEY: everything the database knows about one received file, read in one snapshot."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from gateway.pipeline.ports import Tx
    from gateway.pipeline.rows import (
        AttemptRow,
        DecisionRow,
        DeliveryRow,
        DocumentRow,
        InterchangeRow,
    )

# A page is for reading: what lies beyond is counted, and `gateway search` finds it.
DOCUMENTS_MAX = 20
PARTS_LOOKED_AT_MAX = 2_000
FINDINGS_MAX = 20
DELIVERIES_MAX = 50


@dataclass(frozen=True, slots=True)
class DocumentJourney:
    """One document: its row, its decisions, the first findings of its parts."""

    row: DocumentRow
    decisions: list[DecisionRow]
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DeliveryJourney:
    """One delivery and every try of it."""

    row: DeliveryRow
    attempts: list[AttemptRow]


@dataclass(frozen=True, slots=True)
class Journey:
    """One interchange from arrival to the last answer."""

    interchange: InterchangeRow
    documents: list[DocumentJourney]
    deliveries: list[DeliveryJourney]
    deliveries_beyond: int

    def as_json(self) -> dict[str, Any]:
        """Plain values; the bytes themselves are left out."""
        return {
            "interchange": _without(self.interchange, "inline"),
            "documents": [
                {
                    **_without(document.row),
                    "decisions": [_without(each) for each in document.decisions],
                    "findings": document.findings,
                }
                for document in self.documents
            ],
            "deliveries": [
                {
                    **_without(delivery.row, "body"),
                    "tries": [_without(each) for each in delivery.attempts],
                }
                for delivery in self.deliveries
            ],
            "deliveries_beyond": self.deliveries_beyond,
        }


def _without(row: DataclassInstance, *names: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in names}


def journey_of(tx: Tx, id_: str) -> Journey | None:
    """The journey that an id of any kind belongs to."""
    interchange = _interchange(tx, id_)
    if interchange is None:
        return None
    documents = tx.documents.of_interchange(interchange.id, 0, DOCUMENTS_MAX)
    deliveries = tx.deliveries.of_interchange(interchange.id)
    return Journey(
        interchange,
        [
            DocumentJourney(row, tx.documents.decisions(row.id), _findings(tx, row))
            for row in documents
        ],
        [
            DeliveryJourney(row, tx.deliveries.attempts(row.id))
            for row in deliveries[:DELIVERIES_MAX]
        ],
        max(0, len(deliveries) - DELIVERIES_MAX),
    )


def _interchange(tx: Tx, id_: str) -> InterchangeRow | None:
    found = tx.interchanges.find(id_)
    if found is not None:
        return found
    document = tx.documents.find(id_)
    if document is not None:
        return tx.interchanges.find(document.interchange)
    delivery = tx.deliveries.find(id_)
    return tx.interchanges.find(delivery.interchange) if delivery is not None else None


def _findings(tx: Tx, document: DocumentRow) -> list[dict[str, Any]]:
    """The first findings of a document's parts."""
    found: list[dict[str, Any]] = []
    for part in tx.documents.parts(document.id, 0, PARTS_LOOKED_AT_MAX):
        if part.findings != "[]":
            found += json.loads(part.findings)
        if len(found) >= FINDINGS_MAX:
            return found[:FINDINGS_MAX]
    return found
