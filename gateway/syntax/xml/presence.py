"""What must be there, and what may be there only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from gateway.findings import Findings, Place, Severity
from gateway.syntax.record import Record, RecordRun
from gateway.syntax.xml import faults
from gateway.syntax.xml.layout import Element, XmlLayout, place_of

# Shapes that are remembered; a file that has more is checked part by part.
_SHAPES_MAX = 500


def check_head(records: Sequence[Record], layout: XmlLayout, findings: Findings) -> None:
    """The records before the first part."""
    _check(records, _wanted(layout, False), Place(), findings)
    _check_once(records, layout, findings)


def check_part(
    records: Sequence[Record], layout: XmlLayout, findings: Findings, good: set[tuple[object, ...]]
) -> None:
    """The records of one part; its first one is the part itself.

    good: shapes (labels, and which of them are filled) in which nothing was found, for this file;
    the parts of a file have few.
    """
    shape: tuple[object, ...]
    if isinstance(records, RecordRun):
        shape = (records.labels, tuple([values != ("",) for values in records.values]))
    else:
        shape = tuple([record.label if record.values[0] else (record.label,) for record in records])
    if shape in good:
        return
    told = findings.total
    _check(records, _wanted(layout, True), place_of(records[0]), findings)
    _check_once(records, layout, findings)
    if findings.total == told and len(good) < _SHAPES_MAX:
        good.add(shape)


@cache
def _wanted(layout: XmlLayout, in_part: bool) -> tuple[Element, ...]:
    """The elements that must be there, in the head or in a part."""
    elements = layout.elements.values()
    return tuple(e for e in elements if e.flag != "C" and layout.is_in_part(e.path) == in_part)


def _check(
    records: Sequence[Record], wanted: Iterable[Element], begin: Place, findings: Findings
) -> None:
    present = {record.label for record in records}
    filled = {record.label for record in records if record.values[0]}
    inner = {label[:at] for label in present for at in _slashes(label)}
    for element in wanted:
        if element.path in filled or element.path in inner:
            continue
        severity = Severity.ERROR if element.flag == "R" else Severity.WARNING
        place = begin._replace(tag=element.path.rsplit("/", 1)[-1])
        findings.add(
            faults.MISSING_ELEMENT.at(place, None, severity, path=element.path, zh=element.zh)
        )


def _slashes(label: str) -> list[int]:
    return [at for at, character in enumerate(label) if character == "/"]


def _check_once(records: Sequence[Record], layout: XmlLayout, findings: Findings) -> None:
    """A second element where the layout has one: the first holds, so the second is told.

    Below an element that may be repeated, each of its turns begins anew.
    """
    seen: set[str] = set()
    for record in records:
        element = layout.elements.get(record.label)
        if element is not None and element.many:
            seen = {label for label in seen if not label.startswith(record.label + "/")}
        elif record.label in seen and record.values[0]:
            path = record.label
            findings.add(faults.REPEATED.at(place_of(record), record.values[0], path=path))
        else:
            seen.add(record.label)
