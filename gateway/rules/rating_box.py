"""RATING OF BOXES: length class, empties, special boxes, other lengths by volume, shown caps."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from gateway.findings import Finding
from gateway.rules.dangerous import is_first_class
from gateway.rules.rating_case import Ask, Bill, Box, Line, exempt_reason, fen
from gateway.rules.tariff import Row, RowClass, Unit, find_gap
from gateway.rules.verdict import kind

ABOVE_CAP = kind(
    "ABOVE_CAP",
    "{item}：所示{name_zh}{shown}元高于上限{cap}元",
    "{item}: {name_en} shown as {shown} yuan is above the cap of {cap} yuan",
    ("请核对作业包干费的子项", "compare the items of the lump sum"),
)
BOX_LENGTH = kind(
    "BOX_LENGTH",
    "{item}：箱长未知，无法计费",
    "{item}: the length of the box is not known, so there is no rate",
    ("请在舱单或装箱单中填写箱型尺寸代码", "give the ISO size type in the manifest or E-CLP"),
)
_TWENTY, _THIRTY, _FORTY = Decimal(20), Decimal(30), Decimal(40)
_RATE_PLACES = Decimal("0.000001")


def unit_of(length_ft: Decimal) -> Unit:
    """Below 30 feet as 20, from 30 feet as 40 (S3-15)."""
    return "20" if length_ft < _THIRTY else "40"


def rate_box(ask: Ask, bill: Bill, index: int, box: Box) -> Line | None:
    """The line of one box; None where the tariff has no line for it."""
    assert box.length_ft is not None, "boxes without a length are refused before"
    item = f"container {index + 1}"
    special = _special(box)
    klass: RowClass = "general" if special == "no" else "special"
    cell = ask.cell(unit_of(box.length_ft), klass)
    row = ask.row(cell)
    if row is None:
        gap = find_gap(ask.tariff, cell, ask.voyage.as_of)
        return None if gap is not None and gap.none else _unknown(ask, item)
    if row.cap:
        return None
    if (reason := _free(row, box)) is not None:
        return _line(ask, row, item, Decimal(0), reason)
    if (exempt := exempt_reason(ask, bill)) is not None:
        return Line(
            ask.tariff.code, exempt[0], "box", Decimal(1), Decimal(0), 0, exempt[1], item, True
        )
    return _priced(ask, row, box, item, special == "unknown")


def _free(row: Row, box: Box) -> str | None:
    """Why a box pays nothing: the abolition, being empty, or its row."""
    if row.abolished:
        return row.reason
    if not box.laden and not box.merchandise:
        return "EXEMPT_EMPTY"
    return row.reason


def _priced(ask: Ask, row: Row, box: Box, item: str, doubtful: bool) -> Line:
    assert box.length_ft is not None
    rate = row.rates[unit_of(box.length_ft)]
    if ask.options.half_rate_port and ask.tariff.modifiers:
        rate /= 2
    if box.length_ft in (_TWENTY, _FORTY) or ask.tariff.other_lengths == "class":
        return _line(ask, row, item, rate, "MANUAL_REVIEW" if doubtful else None)
    volumes = ask.options.inner_volumes
    own, listed = volumes.get(box.length_ft), volumes.get(Decimal(unit_of(box.length_ft)))
    if not own or not listed:
        return _line(ask, row, item, rate, "MANUAL_REVIEW")
    return _line(ask, row, item, rate * own / listed, "MANUAL_REVIEW" if doubtful else None)


def _line(ask: Ask, row: Row, item: str, rate: Decimal, reason: str | None) -> Line:
    shown = rate if rate == rate.quantize(_RATE_PLACES) else rate.quantize(_RATE_PLACES)
    return Line(
        ask.tariff.code, row.id, "box", Decimal(1), shown, fen(rate), reason, item,
        row.settles, row.confidence,
    )  # fmt: skip


def _unknown(ask: Ask, item: str) -> Line:
    return Line(ask.tariff.code, None, "box", Decimal(1), None, 0, "MANUAL_REVIEW", item)


def _special(box: Box) -> Literal["yes", "no", "unknown"]:
    """First-class dangerous, or a laden reefer."""
    if box.laden and box.reefer:
        return "yes"
    return "no" if box.dangerous is None else is_first_class(box.dangerous)


def without_length(bill: Bill) -> list[Finding]:
    """H-28: a finding for each box whose length nobody knows."""
    return [
        BOX_LENGTH.at(item=f"container {number}")
        for number, box in enumerate(bill.containers, 1)
        if box.length_ft is None
    ]


def above_cap(ask: Ask, bill: Bill) -> list[Finding]:
    """B.3: what somebody shows for a box, against the government price or the cap."""
    found = []
    for number, box in enumerate(bill.containers, 1):
        shown = box.shown.get(ask.tariff.code)
        if shown is None or box.length_ft is None:
            continue
        cap = _most(ask, box)
        if cap is not None and shown > cap:
            finding = ABOVE_CAP.at(
                value=str(shown),
                item=f"container {number}",
                shown=shown,
                cap=cap,
                name_zh=ask.tariff.name_zh,
                name_en=ask.tariff.name_en,
            )
            found.append(finding)
    return found


def _most(ask: Ask, box: Box) -> Decimal | None:
    """The most that may stand for a box in yuan; None where nobody knows."""
    assert box.length_ft is not None
    special: RowClass = "general" if _special(box) == "no" else "special"
    cell = ask.cell(unit_of(box.length_ft), special)
    row = ask.row(cell)
    if row is None:
        gap = find_gap(ask.tariff, cell, ask.voyage.as_of)
        return Decimal(0) if gap is not None and gap.none else None
    if not box.laden and not box.merchandise:
        return Decimal(0)
    return row.rates[unit_of(box.length_ft)]
