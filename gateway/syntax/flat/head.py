"""Records 00 and 99: what a flat message says of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.findings import Findings, Place
from gateway.syntax.flat import faults
from gateway.syntax.record import Interchange, MessageKind, Record

FEEDBACK = "feedback"
_VERSION = re.compile(r"\d{1,2}\.\d{1,3}")


def kind_of(values: Sequence[str]) -> MessageKind:
    """Type, version (field 8 where it is one: `1.0`, `3.1`) and description of a record 00.

    The version of a feedback stands in field 9, behind the type of receipt.
    """
    name, description, version, later = (_at(values, index).upper() for index in (1, 2, 7, 8))
    if _VERSION.fullmatch(version):
        return MessageKind("flat", name, version, description)
    version = f"{FEEDBACK} {later}" if _VERSION.fullmatch(later) else ""
    return MessageKind("flat", name, version, description)


def fill(interchange: Interchange, values: Sequence[str]) -> None:
    """The envelope of a flat file is its first record 00; it has no reference of its own."""
    interchange.sender = _at(values, 4)
    interchange.receiver = _at(values, 5)
    interchange.created = _at(values, 6) or None


def check_count(record: Record, counted: int, findings: Findings) -> None:
    """Compare 99.2 with the records of the message, head and trailer included (formats.md 1.4)."""
    stated = _at(record.values, 1)
    place = Place(record.ordinal, "99", 2, None, record.line, record.offset)
    if not (stated.isascii() and stated.isdigit() and len(stated) <= 12):
        findings.add(faults.COUNT_NOT_A_NUMBER.at(place, stated, counted=counted))
    elif int(stated) != counted:
        findings.add(faults.WRONG_COUNT.at(place, stated, counted=counted))


def _at(values: Sequence[str], index: int) -> str:
    return values[index].strip() if index < len(values) else ""
