"""A record layout made ready for reading: width, quirks and field checks of one record id.

What is checked here is shape: is a field filled, not too long where its length is exact, and does
a size-type field hold something of that form.  Identifiers (boxes, places, ships) are the rules'.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from gateway.findings import Finding, FindingKind, Findings, Severity
from gateway.limits import FLAT_GOOD_VALUES_MAX
from gateway.syntax.flat import faults
from gateway.syntax.flat.layout import Field, FieldKey, FlatLayout, RecordLayout
from gateway.syntax.flat.quirk import QUIRKS, Quirk
from gateway.syntax.record import Record

Check = Callable[[Record, Findings], None]

# ISO 6346 (22G1, L5G1), its older digits (4530), the Ministry's words (20GP, 40'HQ).
_SIZE_TYPE = re.compile(
    r"[1-9A-Z][0-9A-Z][A-Z0-9]{2}|[24][05]'?\s?[A-Z]{2}", re.ASCII | re.IGNORECASE
)


class Shape:
    """What the reader needs of one record id, looked up once per record."""

    __slots__ = ("checks", "label", "pads", "plain", "quirks", "text", "width")

    def __init__(self, layout: FlatLayout, record: RecordLayout) -> None:
        self.label = record.label
        self.width = layout.width(record.label)
        self.text = record.text
        self.plain = not record.text
        self.quirks: tuple[Quirk, ...] = tuple(QUIRKS[name] for name in record.quirks)
        # pads[n]: what fills a record of n values up to the width.
        self.pads = [[""] * (self.width - n) for n in range(self.width + 1)]
        self.checks: tuple[Check, ...] = tuple(_checks(layout, record))


@lru_cache(maxsize=64)
def shapes_of(layout: FlatLayout) -> dict[bytes, Shape]:
    """Every record id of a layout, as the bytes that stand in the file.

    Made once: the checks remember the codes that were found right.
    """
    return {
        label.encode("ascii"): Shape(layout, record) for label, record in layout.records.items()
    }


def _checks(layout: FlatLayout, record: RecordLayout) -> list[Check]:
    label = record.label
    needed = [(key, severity) for key, severity in layout.needed if key.label == label]
    either = [pair for pair in layout.either if pair[0].label == label]
    found: list[Check] = []
    if needed:
        found.append(_check_needed(layout, needed))
    if either:
        found.append(_check_either(layout, either))
    if long := [field for field in record.fields if field.length is not None]:
        found.append(_check_lengths(layout, long))
    if types := [key.index for key in layout.size_types if key.label == label]:
        found.append(_check_form(layout, types, _SIZE_TYPE, faults.NOT_A_SIZE_TYPE))
    return found


def _check_needed(layout: FlatLayout, needed: list[tuple[FieldKey, Severity]]) -> Check:
    indexes = [key.index for key, _ in needed]

    def check(record: Record, findings: Findings) -> None:
        values = record.values
        for position, index in enumerate(indexes):
            if not values[index] or values[index].isspace():
                key, severity = needed[position]
                findings.add(_missing(layout, record, key, severity))

    return check


def _check_either(layout: FlatLayout, pairs: list[tuple[FieldKey, FieldKey]]) -> Check:
    def check(record: Record, findings: Findings) -> None:
        for first, second in pairs:
            if not (record.values[first.index].strip() or record.values[second.index].strip()):
                findings.add(_missing(layout, record, first, Severity.WARNING))

    return check


def _missing(layout: FlatLayout, record: Record, key: FieldKey, severity: Severity) -> Finding:
    return faults.MISSING_FIELD.at(
        layout.place(record, key.index), "", severity,
        tag=key.label, position=key.index + 1, zh=key.zh, name=key.en,
    )  # fmt: skip


def _check_lengths(layout: FlatLayout, fields: list[Field]) -> Check:
    limits = [(f.position - 1, f.length or 0, f) for f in fields]

    def check(record: Record, findings: Findings) -> None:
        for index, length, field in limits:
            value = record.values[index]
            if len(value) > length:
                findings.add(
                    faults.FIELD_TOO_LONG.at(
                        layout.place(record, index),
                        value,
                        tag=record.label,
                        position=index + 1,
                        zh=field.zh,
                        name=field.name.replace("_", " "),
                        length=length,
                    )
                )

    return check


def _check_form(
    layout: FlatLayout, indexes: list[int], form: re.Pattern[str], fault: FindingKind
) -> Check:
    """A file names few ports and types: what was found right once is not looked at again."""
    good: set[str] = {""}

    def check(record: Record, findings: Findings) -> None:
        values = record.values
        for index in indexes:
            value = values[index]
            if value not in good:
                bare = value.strip()
                if not bare or form.fullmatch(bare):
                    if len(good) < FLAT_GOOD_VALUES_MAX:
                        good.add(value)
                else:
                    findings.add(fault.at(layout.place(record, index), value))

    return check
