"""One interchange told whole: read in one snapshot, bounded in every direction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gateway import limits
from gateway.adapters.http import shapes
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef, DocumentRow, InterchangeRow

_BEFORE_ALL = -1
_PARTS_PER_READ = 200


def visible(tx: Tx, account: AccountRef, interchange: str) -> InterchangeRow | None:
    """The interchange if this account may see it: its own partner's, an operator's any."""
    if account.operator:
        return tx.interchanges.find(interchange)
    return tx.interchanges.visible(account.partner, interchange)


def told(tx: Tx, row: InterchangeRow) -> shapes.Interchange:
    """The whole answer."""
    rows = tx.documents.of_interchange(row.id, _BEFORE_ALL, limits.HTTP_DOCUMENTS_SHOWN_MAX)
    documents = [document(tx, each) for each in rows]
    deliveries = tx.deliveries.of_interchange(row.id)[: limits.HTTP_DELIVERIES_SHOWN_MAX]
    line = shapes.InterchangeLine.model_validate(row).model_dump()
    return shapes.Interchange(
        **line,
        content_type=row.content_type,
        syntax=row.syntax,
        receiver=row.receiver,
        encoding=row.encoding,
        complete=row.complete,
        documents_total=row.documents,
        findings=_findings(tx, row, rows, documents),
        documents=documents,
        deliveries=[shapes.Delivery.model_validate(each) for each in deliveries],
    )


def document(tx: Tx, row: DocumentRow) -> shapes.Document:
    """A document with its decisions, oldest first."""
    decisions = tx.documents.decisions(row.id)
    return shapes.Document(
        **{
            name: getattr(row, name) for name in shapes.Document.model_fields if name != "decisions"
        },
        decisions=[shapes.Decision.model_validate(each) for each in decisions],
    )


def _findings(
    tx: Tx, row: InterchangeRow, rows: list[DocumentRow], documents: list[shapes.Document]
) -> list[dict[str, Any]]:
    """Of the file, then of its parts, then of the latest decisions; at most 100."""
    found = list(row.findings[: limits.FINDINGS_PER_FILE_MAX])
    for finding in _of_parts(tx, rows):
        if len(found) >= limits.FINDINGS_PER_FILE_MAX:
            return found
        found.append(finding)
    for each in documents:
        if each.decisions:
            found += each.decisions[-1].findings
    return found[: limits.FINDINGS_PER_FILE_MAX]


def _of_parts(tx: Tx, rows: list[DocumentRow]) -> Iterator[dict[str, Any]]:
    left = limits.HTTP_PARTS_LOOKED_AT_MAX
    for row in rows:
        after = _BEFORE_ALL
        while left > 0:
            parts = tx.documents.parts(row.id, after, min(_PARTS_PER_READ, left))
            left -= len(parts)
            for part in parts:
                yield from json.loads(part.findings)
            if len(parts) < _PARTS_PER_READ:
                break
            after = parts[-1].ordinal
