"""Text → value: what the EDIFACT formats share beyond `convert`.

Whole composites ("137:202411180800:203") come from `EdifactLayout` as one text, so that value and
qualifier are read together.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Self

from gateway.canonical.document import Function
from gateway.findings import FindingKind, Severity
from gateway.mappings.convert import NOT_A_TIME, BadValue, compact_time, number, zone_stated

UNKNOWN_UNIT = FindingKind(
    "VALUE-UNIT",
    Severity.ERROR,
    "“{value}”的计量单位未知",
    "the unit of “{value}” is not known",
    "重量用 KGM、TNE 或 LBR，长度用 CMT、MMT、MTR、INH 或 FOT",
    "weights take KGM, TNE or LBR, lengths CMT, MMT, MTR, INH or FOT",
)

NO_SUCH_UNIT = FindingKind(
    "VALUE-UNIT-TON",
    Severity.WARNING,
    "重量“{value}”用了代码表中没有的“吨”，按公吨（1000 公斤）读取",
    "“{value}” is in tons, a unit of no code list; read as metric tonnes of 1000 kg",
    "公吨用 TNE，公斤用 KGM",
    "write TNE for tonnes, KGM for kilograms",
)

ODD_FORM = FindingKind(
    "VALUE-TIME-FORM",
    Severity.WARNING,
    "“{value}”的时间与其格式代码不符，按长度读取",
    "the time of “{value}” is not of the form that its code says; read by its length",
    "203 是 CCYYMMDDHHMM，102 是 CCYYMMDD",
    "203 is CCYYMMDDHHMM, 102 is CCYYMMDD",
)

# UN/ECE Recommendation 20, and TON as real senders write it for the metric ton.
_KILOGRAMS = {
    "KGM": Decimal(1), "KG": Decimal(1), "KGS": Decimal(1), "TNE": Decimal(1000),
    "TON": Decimal(1000), "MT": Decimal(1000), "LBR": Decimal("0.45359237"),
    "GRM": Decimal("0.001"), "": Decimal(1),
}  # fmt: skip
_NOT_IN_REC_20 = frozenset({"TON", "MT"})
# How nearly every weight and volume begins: nothing about it is doubtful.
_USUAL = "KGM:"
_USUAL_VOLUME = "MTQ:"
_CUBIC_METRES = {"MTQ": Decimal(1), "": Decimal(1), "DMQ": Decimal("0.001")}
_CENTIMETRES = {
    "CMT": Decimal(1), "MMT": Decimal("0.1"), "MTR": Decimal(100), "DMT": Decimal(10),
    "INH": Decimal("2.54"), "FOT": Decimal("30.48"), "": Decimal(1),
}  # fmt: skip
_DEGREES = {"CEL": "C", "FAH": "F", "C": "C", "F": "F"}
_SIX_DECIMALS = Decimal("0.000001")
# UN 2379: how long the first point in time of the form is; of periods no more is read.
_CUT = {"303": 12, "304": 14, "205": 12, "718": 8, "719": 12, "711": 6, "713": 10}
_ZONED = frozenset({"303", "304", "205"})
_DIGITS = {"101": 6, "102": 8, "201": 10, "202": 12, "203": 12, "204": 14, "2": 6, "4": 8}
_ROLES = {
    "CZ": "shipper", "SH": "shipper", "CN": "consignee", "NI": "notify", "N1": "notify",
    "N2": "second_notify", "N3": "third_notify", "MS": "sender", "MR": "receiver",
    "CA": "carrier", "CG": "agent", "AG": "agent", "ZZ": "booking_party", "BK": "booking_party",
}  # fmt: skip


class OtherThan(frozenset[str]):
    """As a condition of a row or node: the field holds none of these (an empty set by itself)."""

    def __new__(cls, _values: str) -> Self:
        """Empty, so that no reader takes it for the one value that is allowed."""
        return super().__new__(cls)

    def __init__(self, values: str) -> None:
        self.excluded = frozenset(values.split("|"))

    def __contains__(self, value: object) -> bool:
        return value not in self.excluded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OtherThan) and other.excluded == self.excluded

    def __hash__(self) -> int:
        return hash(self.excluded)


def role(qualifier: str) -> str:
    """NAD 3035 → our word for a party's role."""
    return _ROLES.get(qualifier) or f"other:{qualifier}"


@lru_cache(maxsize=64)
def function(value: str) -> Function | None:
    """BGM 1225; codes beyond formats.md 1.3 are `other`."""
    bare = value.strip()
    if not bare:
        return None
    try:
        return Function(bare)
    except ValueError:
        return Function.OTHER


@lru_cache(maxsize=4096)
def time(composite: str) -> dict[str, str] | None:
    """C507 → `PortTime` draft; a qualifier without a value is no time.

    Forms by 2379: 101 and 201 with two-digit years, 102, 203, 204; 2 and 4 with the day first; of a
    period (718, 719) the beginning; with the zone that 303, 304 and 205 state.  A form that its
    value does not fit is told, and the value taken by its length, as real senders mean it.
    """
    _qualifier, _, rest = composite.partition(":")
    value, _, form = rest.partition(":")
    bare = value.strip()
    if not bare:
        return None
    if form in _ZONED:
        zone = zone_stated(bare[_CUT[form] :])
        found = compact_time(bare[: _CUT[form]])
        return {**found, "zone": zone} if found and zone else found
    if form in _CUT:
        bare = bare.replace("-", "")[: _CUT[form]]
    elif (form, len(bare)) in (("2", 6), ("4", 8)):
        bare = bare[4:] + bare[2:4] + bare[:2]
    elif form == "202" and len(bare) == 12:
        bare = "20" + bare
    elif len(bare) > 17:
        raise BadValue(NOT_A_TIME)
    found = compact_time(bare)
    if _DIGITS.get(form, len(value.strip())) != len(value.strip()) and found is not None:
        raise BadValue(ODD_FORM, found)
    return found


def time_text(composite: str) -> str | None:
    """C507 as ISO text, for times that have no word of their own."""
    try:
        found = time(composite)
    except BadValue as bad:
        if isinstance(bad.meant, dict):
            raise BadValue(bad.kind, bad.meant["wall"]) from None
        raise
    return found["wall"] if found else None


def _measured(composite: str, units: dict[str, Decimal]) -> Decimal | None:
    unit, _, value = composite.partition(":")
    amount = number(value.partition(":")[0])
    if amount is None:
        return None
    factor = units.get(unit.strip().upper())
    if factor is None:
        raise BadValue(UNKNOWN_UNIT)
    if factor == 1:
        return amount
    return (amount * factor).quantize(_SIX_DECIMALS).normalize() + 0


class DoubtfulWeight(Decimal):
    """Kilograms that were written in a unit of no code list: right in all likelihood."""


def weight(composite: str) -> Decimal | None:
    """C174 → kilograms; a qualifier and unit without a value are no weight."""
    if composite.startswith(_USUAL):
        return number(composite.removeprefix(_USUAL).partition(":")[0])
    found = _measured(composite, _KILOGRAMS)
    if found is None:
        return None
    unit = composite.partition(":")[0].strip().upper()
    return DoubtfulWeight(found) if unit in _NOT_IN_REC_20 else found


def volume(composite: str) -> Decimal | None:
    """C174 → cubic metres."""
    if composite.startswith(_USUAL_VOLUME):
        return number(composite.removeprefix(_USUAL_VOLUME).partition(":")[0])
    return _measured(composite, _CUBIC_METRES)


def overhang(composite: str) -> Decimal | None:
    """C211 → centimetres: the one dimension that is filled; 0 is no overhang."""
    unit, _, rest = composite.partition(":")
    filled = next((part for part in rest.split(":") if part.strip()), "")
    found = _measured(f"{unit}:{filled}", _CENTIMETRES)
    return found or None


def degrees(value: str) -> str | None:
    """6411 of a temperature → C or F."""
    return _DEGREES.get(value.strip().upper())


def joined(lines: list[str]) -> str:
    """Lines of one free text, as one."""
    return " ".join(lines)
