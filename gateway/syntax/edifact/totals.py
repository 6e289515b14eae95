"""CNT: control totals that a message states about itself, against what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.findings import Finding, Place
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.structure import Structure
from gateway.syntax.record import Record

# UN 6069 that count top-level groups → their trigger.
_COUNTED = {"10": "CNI", "16": "EQD"}


def right_totals(structure: Structure, counts: Mapping[int, int]) -> dict[str, str]:
    """UN 6069 → what CNT says after these counters, written the usual way."""
    found = {code: structure.totals(counts, trigger) for code, trigger in _COUNTED.items()}
    return {code: str(actual) for code, actual in found.items() if actual is not None}


def wrong_totals(
    structure: Structure, counts: list[int], records: Sequence[Record]
) -> Iterator[Finding]:
    """A finding for each CNT record that differs from the groups counted."""
    for record in records:
        qualifier, said = record.values[0], record.values[1].strip()
        actual = structure.totals(dict(enumerate(counts)), _COUNTED.get(qualifier, ""))
        if actual is not None and said.isascii() and said.isdigit() and int(said[-12:]) != actual:
            place = Place(record.ordinal, "CNT", 1, 2, record.line, record.offset)
            yield faults.CONTROL_TOTAL.at(
                place, said, qualifier=qualifier, actual=actual, tag=_COUNTED[qualifier]
            )
