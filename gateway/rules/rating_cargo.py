"""RATING OF GOODS by the ton: JT code, half and deferred goods, conversion tonnes, rounding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from gateway.findings import Finding
from gateway.rules.rating_case import Ask, Bill, Cargo, Line, exempt_reason, fen
from gateway.rules.tariff import Conversion, Modifier, Row, find_gap
from gateway.rules.verdict import kind

JT_FORMAT = kind(
    "JT_FORMAT",
    "货类代码“{value}”不符合 JT/T 19 的格式",
    "“{value}” is no cargo code of JT/T 19",
    ("填写 JT 加 01 至 17 开头的代码", "give JT and a code that begins with 01 to 17"),
)
_JT = re.compile(r"(?:JT)?((?:0[1-9]|1[0-7])[0-9]{0,3})", re.ASCII)
_CENT = Decimal("0.01")
_UNITS = {
    "head": "head", "头": "head", "匹": "head", "只": "head",
    "m3": "m3", "m³": "m3", "立方米": "m3", "cbm": "m3",
    "piece": "piece", "pieces": "piece", "件": "piece", "张": "piece",
}  # fmt: skip
_UNWEIGHED = "cannot-be-weighed"


@dataclass(frozen=True, slots=True)
class Amounted:
    """Tonnes to be charged, and whether an officer has to look."""

    tonnes: Decimal
    doubtful: bool = False


def jt_code(text: str) -> str | None:
    """The digits of a JT code; None for anything else."""
    found = _JT.fullmatch(text.strip().upper())
    return found[1] if found else None


def bad_codes(bill: Bill) -> list[Finding]:
    """A.6: a finding for each code that is no JT code."""
    return [
        JT_FORMAT.at(value=goods.jt)
        for goods in bill.cargo
        if goods.jt is not None and jt_code(goods.jt) is None
    ]


def rate_cargo(ask: Ask, bill: Bill, index: int, goods: Cargo) -> Line | None:
    """The line of one entry of goods; None where the tariff has no line for goods."""
    item = f"cargo {index + 1}"
    cell = ask.cell("ton")
    row = ask.row(cell)
    if row is None or row.cap:
        gap = find_gap(ask.tariff, cell, ask.voyage.as_of)
        if row is not None or (gap is not None and gap.none):
            return None
        return Line(ask.tariff.code, None, "ton", Decimal(0), None, 0, "MANUAL_REVIEW", item)
    counted = tonnes_of(ask, goods)
    if row.reason is not None:
        return _line(ask, row, item, counted.tonnes, Decimal(0), row.reason)
    if (exempt := exempt_reason(ask, bill)) is not None:
        quantity = counted.tonnes
        return Line(
            ask.tariff.code, exempt[0], "ton", quantity, Decimal(0), 0, exempt[1], item, True
        )
    rate, reason = _rate(ask, row.rates["ton"], goods)
    if counted.doubtful and reason != "DEFERRED":
        reason = "MANUAL_REVIEW"
    return _line(ask, row, item, counted.tonnes, rate, reason)


def _line(
    ask: Ask, row: Row, item: str, tonnes: Decimal, rate: Decimal, reason: str | None
) -> Line:
    return Line(
        ask.tariff.code, row.id, "ton", tonnes, rate, fen(rate * tonnes), reason, item,
        row.settles, row.confidence,
    )  # fmt: skip


def _rate(ask: Ask, full: Decimal, goods: Cargo) -> tuple[Decimal, str | None]:
    """Yuan a ton, and the reason; the full rate stands in while an officer decides (H-15)."""
    modifier, doubtful = modifier_of(ask.tariff.modifiers, goods)
    rate = full
    if ask.options.half_rate_port and ask.tariff.modifiers:
        rate = full / 2
    if doubtful:
        return rate, "MANUAL_REVIEW"
    if modifier is None:
        return rate, None
    if modifier.effect == "deferred":
        return Decimal(0), "DEFERRED"
    stacked = ask.options.half_rate_port and ask.options.stack_half_rates
    return (full / 4 if stacked else full / 2), "HALF"


def modifier_of(modifiers: Iterable[Modifier], goods: Cargo) -> tuple[Modifier | None, bool]:
    """The modifier on which code and name agree, and whether they disagree."""
    code = None if goods.jt is None else jt_code(goods.jt)
    agreed, doubtful = [], False
    for each in modifiers:
        coded = code is not None and code.startswith(each.jt)
        named = mentions(goods.name, each.words) and not mentions(goods.name, each.except_words)
        if coded and named:
            agreed.append(each)
        elif named or (coded and each.whole_class):
            doubtful = True
    effects = {each.effect for each in agreed}
    if len(effects) > 1:
        return None, True
    return (agreed[0], False) if agreed and not doubtful else (None, doubtful)


def mentions(name: str, words: Iterable[str]) -> bool:
    """Chinese words anywhere, Latin ones as whole words: "salt" is not in "asphalt"."""
    text = name.casefold()
    return any(_pattern(word).search(text) for word in words)


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    escaped = re.escape(word.casefold())
    return re.compile(rf"(?<![a-z]){escaped}(?![a-z])" if word.isascii() else escaped)


def tonnes_of(ask: Ask, goods: Cargo) -> Amounted:
    """Weight tons, or conversion tons for goods that are counted (H-35), rounded as configured."""
    unit = _UNITS.get((goods.unit or "").strip().casefold())
    found = _conversion(ask.tariff.conversions, goods)
    if found is None:
        return Amounted(_rounded(ask, goods.tonnes or Decimal(0)), goods.tonnes is None)
    if found.factor is not None and goods.tonnes is not None:
        return Amounted(_rounded(ask, goods.tonnes * found.factor))
    if found.kilograms is not None and goods.count is not None and unit == found.unit:
        return Amounted(_rounded(ask, goods.count * found.kilograms / 1000))
    return Amounted(_rounded(ask, goods.tonnes or Decimal(0)), doubtful=True)


def _conversion(conversions: Iterable[Conversion], goods: Cargo) -> Conversion | None:
    for each in conversions:
        unweighed = each.id == _UNWEIGHED and goods.tonnes is None
        if unweighed or mentions(goods.name, each.words):
            return each
    return None


def _rounded(ask: Ask, tonnes: Decimal) -> Decimal:
    own = ask.tariff.tonnes
    if (ask.options.tonne_rounding or own.rounding) == "none":
        return tonnes
    minimum = own.minimum if ask.options.tonne_minimum is None else ask.options.tonne_minimum
    if not tonnes:
        return tonnes
    return max(minimum, tonnes.quantize(_CENT, ROUND_CEILING))
