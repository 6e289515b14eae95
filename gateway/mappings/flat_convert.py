"""Text → value: what the flat formats share beyond `convert`."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from gateway.canonical.document import Function
from gateway.findings import FindingKind, Severity
from gateway.mappings import convert
from gateway.mappings.convert import BadValue

UNKNOWN_FUNCTION = FindingKind(
    "VALUE-FUNCTION",
    Severity.ERROR,
    "文件功能“{value}”未知",
    "file function “{value}” is not known",
    "9 原始、2 增加、3 删除、4 变更、5 替换、1 取消",
    "9 original, 2 add, 3 delete, 4 change, 5 replace, 1 cancel",
)
NOT_A_TEMPERATURE = FindingKind(
    "VALUE-TEMPERATURE",
    Severity.ERROR,
    "“{value}”不是温度",
    "“{value}” is not a temperature",
    "写带符号的数字，例如 -18.0",
    "write a number with its sign, for example -18.0",
)

DECIMAL_COMMA = FindingKind(
    "VALUE-COMMA",
    Severity.WARNING,
    "“{value}”的小数点写成了逗号，按小数读取",
    "the comma of “{value}” was read as a decimal point",
    "小数点写 . ，例如 16240.5",
    "write a point, for example 16240.5",
)
AMBIGUOUS_COMMA = FindingKind(
    "VALUE-COMMA-AMBIGUOUS",
    Severity.ERROR,
    "“{value}”的逗号可能是小数点，也可能是千位分隔符",
    "the comma of “{value}” may be a decimal point or part thousands",
    "写 16240 或 16.240，不写逗号",
    "write 16240 or 16.240, without a comma",
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)

# `UN` + IMO number is how vessels without a call sign are named (formats.md 1.6).
_UN_IMO = re.compile(r"UN(\d{7})", re.ASCII | re.IGNORECASE)
_IMO = re.compile(r"(?:IMO)?(\d{7})", re.ASCII | re.IGNORECASE)
_NO_SEAL = frozenset({"NONE", "NIL", "N/A", "NO", "无"})


@lru_cache(maxsize=64)
def function(value: str) -> Function | None:
    """Record 00 field 4; `09` circulates and is 9."""
    bare = value.strip().lstrip("0")
    if not bare:
        return None
    try:
        return Function(bare)
    except ValueError:
        raise BadValue(UNKNOWN_FUNCTION) from None


def imo(value: str) -> str | None:
    """The IMO number that a vessel code holds (`UN9811000`, `9811000`), None for any other code."""
    bare = value.strip()
    found = _UN_IMO.fullmatch(bare) or _IMO.fullmatch(bare)
    return found[1] if found else None


def seal(value: str) -> str | None:
    """A seal number; `NONE` and its like are no seal (formats.md 10.8)."""
    bare = value.strip()
    return None if bare.upper() in _NO_SEAL else bare or None


def number(value: str) -> Decimal | None:
    """A decimal; a comma is told, and refused where it may part thousands."""
    found = convert.number(value)
    if "," in value:
        raise _comma(value, found)
    return found


def count(value: str) -> int | None:
    """A whole number; `80.000` circulates and is 80, `80,000` may be either."""
    found = convert.count(value)
    if "," in value:
        raise _comma(value, found)
    return found


def _comma(value: str, found: object) -> BadValue:
    if _AMBIGUOUS.fullmatch(value.strip()):
        return BadValue(AMBIGUOUS_COMMA)
    return BadValue(DECIMAL_COMMA, found)


def temperature(value: str) -> Decimal | None:
    """`-18.0`, `+5`, `-018`; blank is none (formats.md 10.12)."""
    try:
        return convert.number(value.strip().removesuffix("C").removesuffix("℃").strip())
    except BadValue:
        raise BadValue(NOT_A_TEMPERATURE) from None


def lines(value: str) -> str | None:
    """Free text with its own line ends: CRLF becomes LF, blanks at the ends go."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value.strip() or None


def sequence(value: str) -> str | None:
    """A cargo sequence number as written; 0 points to the bill as a whole and is none."""
    bare = value.strip()
    return bare if bare.strip("0") else None


def ventilation(value: str) -> str | None:
    """A ventilation; the booking network's writer puts `0` where there is none."""
    bare = value.strip()
    return bare if bare.strip("0") else None


def kept(value: str) -> None:
    """Never a value: makes a node read a label, so that its unread fields go to `extras`."""
