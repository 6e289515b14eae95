"""Value → text: the inverse of what the EDIFACT tables convert; what every segment must have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from gateway.canonical.document import Function
from gateway.mappings import edifact_convert as read
from gateway.mappings.edifact_writing_tree import Segment
from gateway.mappings.node import Convert
from gateway.syntax.record import FieldRef

# A text, or the components of a whole composite (None: left as they are); None: cannot be said.
Text = str | tuple[str | None, ...] | None
_FORMS = {8: "102", 12: "203", 14: "204"}
_ROLE_CODES = {
    "shipper": "CZ", "consignee": "CN", "notify": "NI", "second_notify": "N2",
    "third_notify": "N3", "sender": "MS", "receiver": "MR", "carrier": "CA", "agent": "CG",
    "booking_party": "ZZ",
}  # fmt: skip
_DEGREES = {"C": "CEL", "F": "FAH"}
# Over-dimension sides → which of the three numbers of C211 carries it: length, width, height.
_SIDES = {"front_cm": 0, "back_cm": 0, "left_cm": 1, "right_cm": 1, "height_cm": 2}


def plain(value: object, name: str = "") -> str:
    """Any scalar as text; decimals without exponent; EmS "F-E, S-E" as "F-ES-E" (an..6)."""
    if name == "ems":
        return str(value).replace(",", "").replace(" ", "")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _time(value: object, _name: str) -> Text:
    wall = value["wall"] if isinstance(value, dict) else str(value)
    digits = wall.partition(".")[0].replace("-", "").replace("T", "").replace(":", "")
    form = _FORMS.get(len(digits))
    return None if form is None else (None, digits, form)


def _measure(unit: str) -> Callable[[object, str], Text]:
    return lambda value, _name: (unit, plain(value))


def _overhang(value: object, name: str) -> Text:
    numbers: list[str | None] = [None, None, None]
    numbers[_SIDES[name]] = plain(value)
    return ("CMT", *numbers)


def _role(value: object, _name: str) -> Text:
    word = str(value)
    return _ROLE_CODES.get(word) or (word[6:] if word.startswith("other:") else None)


def _function(value: object, _name: str) -> Text:
    return None if value is Function.OTHER else plain(value)


def _degrees(value: object, _name: str) -> Text:
    return _DEGREES.get(str(value))


_INVERSE: dict[Convert, Callable[[object, str], Text]] = {
    read.time: _time,
    read.time_text: _time,
    read.weight: _measure("KGM"),
    read.volume: _measure("MTQ"),
    read.overhang: _overhang,
    read.role: _role,
    read.function: _function,
    read.degrees: _degrees,
}


def sayable(path: str, element: dict[str, Any]) -> bool:
    """Whether an element of a list has a code: references and parties of our own words have none.

    Flat files and XML know references ("service_contract") and roles ("contact", "owner") that no
    code list has.
    """
    if path == "references":
        return len(element.get("qualifier", "")) <= _CODE_CHARACTERS
    if path == "parties":
        code = _role(element.get("role", ""), "")
        return isinstance(code, str) and len(code) <= _CODE_CHARACTERS
    return True


def inverse(convert: Convert) -> Callable[[object, str], Text]:
    """What makes a text of a value again; `name` is the last step of the value's path."""
    return _INVERSE.get(convert, plain)


# Text of a condition that names only what it must not be.
UNNAMED = {"FTX": "AAI"}
# Positions that a directory wants filled and that carry no fact of ours.
_CONSTANTS: dict[str, tuple[tuple[FieldRef, str], ...]] = {
    "FTX": ((1, "AAI"),),
    "MEA": ((1, "AAE"),),
    "TMP": ((1, "2"),),
    "RNG": ((1, "5"),),
    "EQD": ((1, "CN"),),
    "EQA": ((1, "CN"),),
    "CTA": ((1, "IC"),),
    "PIA": ((1, "5"),),
    "CUX": (((1, 1), "2"),),
    "DGS": ((1, "IMD"),),
    "TDT": ((1, "20"),),
    "RFF": (((1, 1), "BM"),),
}
# The same where another position is filled: the code list of a size type, a unit.
_WITH: dict[str, tuple[tuple[FieldRef, FieldRef, str], ...]] = {
    "EQD": (((3, 1), (3, 2), "102"), ((3, 1), (3, 3), "5")),
    "DGS": (((4, 1), (4, 2), "CEL"),),
    "TDT": (((5, 1), (5, 2), "172"),),
}
_TOTAL_UNITS = {"7": "KGM", "15": "MTQ"}
_LOCODE_CHARACTERS = 5
_CODE_CHARACTERS = 3


def complete(segment: Segment, beside: Sequence[Segment]) -> None:
    """Fill what the directory wants beside the facts; `beside` are the segments before it."""
    for ref, value in _CONSTANTS.get(segment.tag, ()):
        segment.put(ref, value)
    for filled, ref, value in _WITH.get(segment.tag, ()):
        if segment.get(filled):
            segment.put(ref, value)
    if segment.tag == "TDT" and segment.get(1) == "20":
        segment.put((3, 1), "1")  # maritime
    if segment.tag == "LOC" and len(segment.get((2, 1))) == _LOCODE_CHARACTERS:
        segment.put((2, 2), "139")
        segment.put((2, 3), "6")
    elif segment.tag == "RNG":
        found = next((each.get((2, 2)) for each in beside if each.tag == "TMP"), "")
        segment.put((2, 1), found or "CEL")
    elif segment.tag == "CNT":
        segment.put((1, 3), _TOTAL_UNITS.get(segment.get((1, 1)), ""))
