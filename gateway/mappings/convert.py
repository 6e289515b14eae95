"""Text → value: the conversions that formats share.  Each refuses with a kind of finding.

A converter returns None where a filled field means "nothing" (`NONE`, a row of zeros).
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from gateway.findings import FindingKind, Severity


class BadValue(ValueError):
    """The text is not what this field takes; `kind` says so in the sender's words.

    meant: what it is read as all the same, where nothing else can be meant.
    """

    def __init__(self, kind: FindingKind, meant: object = None) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.meant = meant


NOT_A_NUMBER = FindingKind(
    "VALUE-NUMBER",
    Severity.ERROR,
    "“{value}”不是数字",
    "“{value}” is not a number",
    "只写数字和一个小数点，例如 16240.000",
    "write digits and one decimal point, for example 16240.000",
)
NOT_A_COUNT = FindingKind(
    "VALUE-COUNT",
    Severity.ERROR,
    "“{value}”不是整数件数",
    "“{value}” is not a whole number",
    "件数只写整数",
    "write a whole number",
)
NOT_A_TIME = FindingKind(
    "VALUE-TIME",
    Severity.ERROR,
    "“{value}”不是有效的日期或时间",
    "“{value}” is not a valid date or time",
    "写 CCYYMMDD 或 CCYYMMDDHHMM，例如 202411210930",
    "write CCYYMMDD or CCYYMMDDHHMM, for example 202411210930",
)

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
_CONTAINER_NOISE = str.maketrans("", "", " -.\t")
_NUMBER_CHARACTERS_MAX = 24
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?", re.ASCII)
_ZONE_CHARACTERS_MAX = 40


def text(value: str) -> str | None:
    """The text without blanks at its ends; nothing where only blanks stand."""
    return value.strip() or None


def upper(value: str) -> str | None:
    """A code: stripped, upper case."""
    return value.strip().upper() or None


def number(value: str) -> Decimal | None:
    """A decimal: sign, digits, one mark (point or comma; the envelope says which is right)."""
    # Nearly all are written like this; a third of the time that the pattern takes.
    if value.replace(".", "", 1).isdigit() and value.isascii():
        if len(value) > _NUMBER_CHARACTERS_MAX:
            raise BadValue(NOT_A_NUMBER)
        return Decimal(value)
    bare = value.strip()
    if not bare:
        return None
    if len(bare) > _NUMBER_CHARACTERS_MAX or not _NUMBER.fullmatch(bare):
        raise BadValue(NOT_A_NUMBER)
    try:
        return Decimal(bare.replace(",", ".") if "," in bare else bare)
    except InvalidOperation:  # pragma: no cover - the pattern admits nothing else
        raise BadValue(NOT_A_NUMBER) from None


def count(value: str) -> int | None:
    """A whole number; `80.000` circulates and is 80."""
    if value.isdigit() and value.isascii() and len(value) <= _NUMBER_CHARACTERS_MAX:
        return int(value)
    found = number(value)
    if found is None:
        return None
    if found != found.to_integral_value() or found < 0:
        raise BadValue(NOT_A_COUNT)
    return int(found)


def container_number(value: str) -> str | None:
    """Blanks, dashes and dots away, upper case (formats.md 1.7); the check digit is a rule."""
    bare = value if value.isalnum() else value.translate(_CONTAINER_NOISE)
    return bare.upper() or None


def bill_number(value: str) -> str | None:
    """A bill of lading number without its decorations `##` and `+` (formats.md 1.7)."""
    return value.strip().rstrip("#+").strip().upper() or None


def zone_stated(text: str) -> str | None:
    """The zone behind a time as a name: UTC, Z, +08, -0330; what is no offset stays as written."""
    bare = text.strip().upper()
    found = _OFFSET.fullmatch(bare)
    if found is None:
        return "UTC" if bare == "Z" else bare[:_ZONE_CHARACTERS_MAX] or None
    return offset_zone(int(found[2]), found[1] == "-") if int(found[3] or 0) == 0 else bare


def offset_zone(hours: int, west: bool) -> str:
    """The name of a zone so many whole hours from UTC: its sign is that of POSIX, east is minus."""
    return f"Etc/GMT{'+' if west else '-'}{hours}" if hours else "UTC"


@lru_cache(maxsize=4096)
def compact_time(value: str) -> dict[str, str] | None:
    """The digit forms of formats.md 1.5 as a `PortTime` draft; zeros only means nothing.

    8 CCYYMMDD · 10 YYMMDDHHMM · 12 CCYYMMDDHHMM · 14 …SS · 15 …HHMM + `086` · 17 …SSmmm · 6 YYMMDD.
    """
    bare = value.strip()
    if not bare.strip("0"):
        return None
    if not (bare.isascii() and bare.isdigit()):
        raise BadValue(NOT_A_TIME)
    wall = _wall(bare)
    if wall is None or not _is_real(wall):
        raise BadValue(NOT_A_TIME)
    return {"wall": wall}


def _wall(d: str) -> str | None:
    """Digits → ISO text of the same precision, or None for a length that does not circulate."""
    if len(d) in (6, 10):
        d = "20" + d
    if len(d) == 15:
        d = d[:12] if d.endswith("086") else ""
    if len(d) not in (8, 12, 14, 17):
        return None
    wall = f"{d[:4]}-{d[4:6]}-{d[6:8]}"
    if len(d) > 8:
        wall += f"T{d[8:10]}:{d[10:12]}"
    if len(d) > 12:
        wall += f":{d[12:14]}"
    if len(d) > 14:
        wall += f".{d[14:]}"
    return wall


def _is_real(wall: str) -> bool:
    """Whether the calendar and the clock know this time (2400 is midnight's other name)."""
    year, month, day = int(wall[:4]), int(wall[5:7]), int(wall[8:10])
    if not (1900 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= _days(year, month)):
        return False
    hour, minute = int(wall[11:13] or 0), int(wall[14:16] or 0)
    second = int(wall[17:19] or 0)
    return (hour < 24 or (hour == 24 and minute == 0)) and minute < 60 and second < 60


def _days(year: int, month: int) -> int:
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31
