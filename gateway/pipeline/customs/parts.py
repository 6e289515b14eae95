"""PARTS of a document as the service takes them: each is an application, or an answer.

An agreement says whether one bad part rejects the document or is left out (`accept`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from gateway.findings import Finding, Severity
from gateway.limits import PARTS_PER_BATCH_MAX
from gateway.pipeline.counsel import Matter
from gateway.rules.decision import Ruling

Said = dict[str, Any]


def parts_of(matter: Matter) -> Iterator[tuple[int, Said]]:
    """Ordinal and plain JSON of each part that could be read."""
    after = 0
    while True:
        rows = matter.tx.documents.parts(matter.document.id, after, PARTS_PER_BATCH_MAX)
        for row in rows:
            if not row.errors:
                yield row.ordinal, json.loads(row.canonical)
        if len(rows) < PARTS_PER_BATCH_MAX:
            return
        after = rows[-1].ordinal


def ruling_of(matter: Matter, found: Iterable[tuple[int, list[Finding]]]) -> Ruling:
    """What was found in each part, as the agreement weighs it."""
    agreement = matter.partner.agreement(matter.document.type) if matter.partner else None
    by_part = agreement is not None and agreement.accept == "part"
    findings: list[Finding] = []
    rejected: list[int] = []
    for ordinal, faults in found:
        if by_part and is_refused(faults):
            rejected.append(ordinal)
            findings += [replace(each, severity=Severity.WARNING) for each in faults]
        else:
            findings += faults
    return Ruling(findings=tuple(findings), rejected_parts=tuple(rejected))


def is_refused(faults: Iterable[Finding]) -> bool:
    """Whether an error is among them."""
    return any(each.severity is Severity.ERROR for each in faults)
