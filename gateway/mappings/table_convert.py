"""Text → value, as people type into spreadsheets."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from gateway.findings import FindingKind, Severity
from gateway.mappings.convert import NOT_A_TIME, BadValue, compact_time, number

AMBIGUOUS_NUMBER = FindingKind(
    "VALUE-COMMA",
    Severity.ERROR,
    "“{value}”中的逗号可能是千分位，也可能是小数点",
    "the comma in “{value}” may part thousands or decimals",
    "请不用千分位，例如 16240.5",
    "write it without a comma, for example 16240.5",
)

_NOT_DIGITS = re.compile(r"[^0-9]+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)
_DATED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?)?",
    re.ASCII,
)


def digits(value: str) -> str | None:
    """A number that people dress up: `IMO 9811000` is 9811000."""
    return _NOT_DIGITS.sub("", value) or None


def sheet_number(value: str) -> Decimal | None:
    """A decimal; commas part thousands where nothing else is possible."""
    if "," not in value:
        return number(value.replace(" ", ""))
    bare = value.strip().replace(" ", "")
    if _AMBIGUOUS.fullmatch(bare):
        raise BadValue(AMBIGUOUS_NUMBER)
    return number(bare.replace(",", "") if _GROUPED.fullmatch(bare) else bare)


@lru_cache(maxsize=4096)
def sheet_time(value: str) -> dict[str, str] | None:
    """`2024-11-21 22:00`, `2024/11/21`, `2024年11月21日 8:00`, or the digits of `compact_time`."""
    bare = value.strip()
    found = _DATED.fullmatch(bare)
    if found is None:
        return compact_time(bare)
    year, month, day, hour, minute, second = found.groups()
    text = f"{year}{month:0>2}{day:0>2}"
    if hour is not None:
        text += f"{hour:0>2}{minute}"
        # Whole minutes are the habit of schedules; a spreadsheet adds the seconds.
        text += second if second and second != "00" else ""
    found_time = compact_time(text)
    if found_time is None:  # pragma: no cover - a year is never all zeros
        raise BadValue(NOT_A_TIME)
    return found_time
