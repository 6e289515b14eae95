"""Value → text of a flat field: the inverse of each converter that the tables use."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.canonical.document import Function
from gateway.mappings import convert, flat_convert

# Text, or None where the value has no form here.
Say = Callable[[Any], str | None]

CUSTOMS_SUFFIX = "086"


def as_text(value: Any) -> str | None:  # noqa: ANN401 - texts and enums
    """Text as it is."""
    return str(value)


def as_number(value: Decimal) -> str | None:
    """Digits and a decimal point, as precise as the value: never an exponent."""
    return format(value, "f")


def as_count(value: int) -> str | None:
    """Digits."""
    return str(value)


def as_time(value: dict[str, str]) -> str | None:
    """The digits of a wall time: CCYYMMDD, …HHMM, …SS or …mmm, as precise as it is."""
    return "".join(filter(str.isdigit, value["wall"]))


def as_customs_time(value: dict[str, str]) -> str | None:
    """As above; a time to the minute carries the suffix 086 (formats.md 1.5)."""
    digits = as_time(value) or ""
    return digits + CUSTOMS_SUFFIX if len(digits) == 12 else digits


def as_function(value: Function | str) -> str | None:
    """The digit; `other` is none."""
    found = Function(value)
    return None if found is Function.OTHER else found.value


# A converter that is not here reads a field into a second path (an IMO number out of a vessel
# code); writing it is the first path's business.
INVERSES: dict[Callable[[str], Any], Say] = {
    convert.text: as_text,
    convert.upper: as_text,
    convert.bill_number: as_text,
    convert.container_number: as_text,
    convert.number: as_number,
    convert.count: as_count,
    convert.compact_time: as_time,
    flat_convert.function: as_function,
    flat_convert.seal: as_text,
    flat_convert.number: as_number,
    flat_convert.count: as_count,
    flat_convert.temperature: as_number,
    flat_convert.lines: as_text,
    flat_convert.sequence: as_text,
    flat_convert.ventilation: as_text,
}
