"""Segments of a COSTCO → the segments of each box: EQD, then each consignment that names it.

COSTCO tells all boxes first (EQD), then the consignments (CNI), whose goods say what of them lies
in which box (SGP).  A message is held to its end, under the limits of one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.findings import Findings, Place
from gateway.limits import LOAD_PLAN_RECORDS_MAX
from gateway.mappings.container_load_plan.boxes import TOO_MANY_LINKS
from gateway.mappings.convert import container_number
from gateway.syntax.record import Record

_SGP = frozenset({"CNI/GID/SGP", "CNI/GID/DGS/SGP"})


@dataclass(slots=True)
class _Consignment:
    """One CNI: its segments in order, each with the box that it belongs to ("" for all)."""

    segments: list[tuple[str, Record]] = field(default_factory=list)
    boxes: dict[str, None] = field(default_factory=dict)
    inside: str = ""

    def take(self, record: Record) -> None:
        """SGP and what is below it concern its box alone."""
        if record.label in _SGP:
            self.inside = _named(record, 0)
            self.boxes[self.inside] = None
        elif not any(record.label.startswith(f"{sgp}/") for sgp in _SGP):
            self.inside = ""
        self.segments.append((self.inside, record))

    def of(self, box: str) -> list[Record]:
        """What concerns a box."""
        return [record for name, record in self.segments if name in ("", box)]


def by_goods(records: Sequence[Record], findings: Findings) -> Iterator[list[Record]]:
    """One list per box: its EQD group, then each consignment whose goods name it.

    A box that only goods name gets a list without an EQD.  A consignment that names no box belongs
    to the only box there is, else it makes a list of its own.
    """
    boxes, consignments = _sorted(records)
    only = next(iter(boxes)) if len(boxes) == 1 else None
    naming: dict[str, list[_Consignment]] = {name: [] for name in boxes}
    boxless: list[_Consignment] = []
    for each in consignments:
        names = each.boxes or ({only: None} if only else {})
        for name in names:
            naming.setdefault(name, []).append(each)
        if not names:
            boxless.append(each)
    room = LOAD_PLAN_RECORDS_MAX
    for name, named in naming.items():
        part = list(boxes.get(name, ()))
        for each in named:
            part += each.of(name)
        room -= len(part)
        if room < 0:
            last = part[-1]
            place = Place(last.ordinal, last.label, None, None, last.line, last.offset)
            findings.add(TOO_MANY_LINKS.at(place, limit=LOAD_PLAN_RECORDS_MAX))
            return
        yield part
    for each in boxless:
        yield each.of("")


def _sorted(records: Sequence[Record]) -> tuple[dict[str, list[Record]], list[_Consignment]]:
    boxes: dict[str, list[Record]] = {}
    consignments: list[_Consignment] = []
    current: list[Record] = []
    for record in records:
        if record.label == "EQD":
            current = boxes.setdefault(_named(record, 1), [])
        elif record.label == "CNI":
            consignments.append(_Consignment())
        if consignments:
            consignments[-1].take(record)
        else:
            current.append(record)
    return boxes, consignments


def _named(record: Record, index: int) -> str:
    """The box that an EQD or SGP names; one without a name is a box of its own."""
    values = record.values
    return (
        container_number(values[index]) if len(values) > index else None
    ) or f"#{record.ordinal}"
