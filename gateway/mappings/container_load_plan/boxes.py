"""Records of a load plan → the records of each box.

COTEMP and its kin write the boxes (50) first, then each bill (51 with 52 to 55 and 11) followed by
the boxes that hold some of it (56).  A hand-over list writes places (12) and below them boxes (50).
Both are held to the end of the message, under the limits of one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.findings import FindingKind, Findings, Place, Severity
from gateway.limits import LOAD_PLAN_RECORDS_MAX
from gateway.mappings.convert import container_number
from gateway.syntax.record import Record

TOO_MANY_LINKS = FindingKind(
    "LOAD-PLAN-SIZE",
    Severity.ERROR,
    "箱与提单的对应关系过多（超过 {limit} 条记录），其余提单内容未读取",
    "too many boxes share too many bills (more than {limit} records); the rest is not read",
    "请分成多个文件发送",
    "send it as several files",
)

_OF_A_BILL = frozenset({"11", "51", "52", "53", "54", "55", "56"})


@dataclass(slots=True)
class _Bill:
    """One bill: its own records, and by box the records 56."""

    records: list[Record] = field(default_factory=list)
    links: dict[str, list[Record]] = field(default_factory=dict)


@dataclass(slots=True)
class _Plan:
    """The message sorted: boxes and bills in file order, other records as they stand."""

    boxes: dict[str, list[Record]] = field(default_factory=dict)
    bills: list[_Bill] = field(default_factory=list)
    loose: list[Record] = field(default_factory=list)

    def take(self, record: Record) -> None:
        """By record id, not by order (formats.md 3.7)."""
        label = record.label
        if label == "50":
            self.boxes.setdefault(_box(record), []).append(record)
        elif label in _OF_A_BILL:
            if label == "51" or not self.bills:
                self.bills.append(_Bill())
            bill = self.bills[-1]
            if label == "56":
                bill.links.setdefault(_box(record), []).append(record)
            else:
                bill.records.append(record)
        else:
            self.loose.append(record)


def by_link(records: Sequence[Record], findings: Findings) -> Iterator[list[Record]]:
    """COTEMP: one list per box, its record 50 first, then each of its bills.

    A box that only a 56 names gets a list without a 50.  A bill that names no box belongs to the
    only box there is, else it makes a list of its own.  Records of no box go with the first one.
    """
    plan = _Plan()
    for record in records:
        plan.take(record)
    only = next(iter(plan.boxes)) if len(plan.boxes) == 1 else None
    of_box: dict[str, list[_Bill]] = {name: [] for name in plan.boxes}
    boxless = []
    for bill in plan.bills:
        for name in bill.links or ([only] if only else ()):
            of_box.setdefault(name, []).append(bill)
        if not bill.links and only is None:
            boxless.append(bill)
    room = LOAD_PLAN_RECORDS_MAX
    begin = plan.loose
    for name, bills in of_box.items():
        part, room = _gathered(name, [*plan.boxes.get(name, ()), *begin], bills, room)
        begin = []
        if room < 0:
            last = part[-1]
            place = Place(last.ordinal, last.label, None, None, last.line, last.offset)
            findings.add(TOO_MANY_LINKS.at(place, limit=LOAD_PLAN_RECORDS_MAX))
            return
        yield part
    for bill in boxless:
        yield [*begin, *bill.records]
        begin = []


def _gathered(
    name: str, part: list[Record], bills: list[_Bill], room: int
) -> tuple[list[Record], int]:
    """The records of one box, and how many may still follow (negative: too many already)."""
    for bill in bills:
        links = bill.links.get(name, [])
        room -= len(bill.records) + len(links)
        if room < 0:
            return part or links or bill.records[:1], room
        part += bill.records
        part += links
    return part, room


def by_place(records: Sequence[Record], _findings: Findings) -> Iterator[list[Record]]:
    """Hand-over list: each 50 under the last 12; a 12 without boxes stands alone."""
    places: list[Record] = []
    loose: list[Record] = []
    used = True
    for record in records:
        if record.label == "50":
            yield [*places, record, *loose]
            used, loose = True, []
        elif record.label == "12":
            if not used:
                yield [*places, *loose]
                loose = []
            places, used = [record], False
        else:
            loose.append(record)
    if loose or not used:
        yield [*places, *loose]


def _box(record: Record) -> str:
    """The box that a record 50 or 56 names; one without a name is a box of its own."""
    values = record.values
    return (container_number(values[1]) if len(values) > 1 else None) or f"#{record.ordinal}"
