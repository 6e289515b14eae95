"""Places, ships and boxes as flat fields have them: the inverse of what the readers take apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def join_offices(draft: dict[str, Any], names: Iterable[str]) -> None:
    """Port and customs office in one code: `CNTXG/0202` (formats.md 10.9)."""
    for name in names:
        place = draft.get(name)
        if place and (office := place.pop("office", None)):
            place["code"] = f"{place.get('code', '')}/{office}"


def name_vessel(draft: dict[str, Any]) -> None:
    """A vessel code for a ship that is known otherwise: `UN` and IMO number, or its call sign."""
    vessel = draft.get("vessel")
    if vessel and "code" not in vessel:
        code = f"UN{vessel['imo']}" if "imo" in vessel else vessel.get("call_sign")
        if code:
            vessel["code"] = code


_LETTERS = {"4": "E", "5": "F", "7": "L", "8": "F"}
_DIGITS = {"E": "4", "F": "5", "L": "7"}


def status_letters(boxes: Iterable[dict[str, Any]]) -> None:
    """Status as E, F or L; what is neither a letter nor UN 8169 stays (formats.md 1.6)."""
    _translate(boxes, _LETTERS)


def status_digits(boxes: Iterable[dict[str, Any]]) -> None:
    """Status as UN 8169 has it: 4 empty, 5 full, 7 full with goods of several consignments."""
    _translate(boxes, _DIGITS)


def _translate(boxes: Iterable[dict[str, Any]], codes: dict[str, str]) -> None:
    for box in boxes:
        if "status" in box:
            box["status"] = codes.get(box["status"], box["status"])


def lower_to_goods(draft: dict[str, Any], names: Iterable[str]) -> None:
    """What all boxes say alike stands with the goods, where a record has it for the goods only.

    EDIFACT tells temperatures and dangerous goods of the box, record 43 of the cargo item.  That is
    the same only where there is one item and every box says it; else it stays, and is refused.
    """
    boxes, goods = draft.get("containers", ()), list(draft.get("goods", ()))
    for name in names:
        told = [box[name] for box in boxes if name in box]
        alike = len(told) == len(boxes) > 0 and all(each == told[0] for each in told)
        if not alike or len(goods) > 1:
            continue
        if not goods:
            goods.append({})
        if goods[0].setdefault(name, told[0]) == told[0]:
            draft["goods"] = goods
            for box in boxes:
                del box[name]
