"""Text → value, as the JSON standards of DCSA write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.findings import FindingKind, Severity
from gateway.mappings.convert import NOT_A_TIME, BadValue, number, offset_zone
from gateway.mappings.node import Convert
from gateway.mappings.table_convert import sheet_time

_OFFSET_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_POUND_KG = Decimal("0.45359237")

NOT_A_CODE = FindingKind(
    "VALUE-CODE",
    Severity.ERROR,
    "“{value}”不在该项的代码表内",
    "“{value}” is not one of the codes of this member",
)


def offset_time(value: str) -> dict[str, str] | None:
    """`2024-01-14T09:21:00+01:00`: the wall time with the zone of its offset, `Etc/GMT-1`.

    An offset of no whole hours becomes UTC; without one the port's zone applies, as elsewhere.
    """
    found = _OFFSET_TIME.fullmatch(value.strip())
    if found is None:
        return sheet_time(value)
    time = sheet_time(found[1])
    if time is None:  # pragma: no cover - a time with an offset is never blank
        return None
    try:
        at = datetime.fromisoformat(found[1] + found[2])
    except ValueError:
        raise BadValue(NOT_A_TIME) from None
    seconds = (at.utcoffset() or timedelta()).total_seconds()
    if seconds % 3600 or not -12 <= seconds // 3600 <= 14:
        return {"wall": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "zone": "UTC"}
    hours = int(seconds // 3600)
    return {**time, "zone": offset_zone(abs(hours), hours < 0)}


def flag(value: str) -> str | None:
    """Y for true, N for false."""
    return {"true": "Y", "false": "N"}.get(value.strip().lower())


def pounds(value: str) -> Decimal | None:
    """Pounds as kilograms, to the gram."""
    found = number(value)
    return None if found is None else (found * _POUND_KG).quantize(Decimal("0.001"))


def code_of(**codes: str) -> Convert:
    """A converter over a closed list of codes."""

    def convert(value: str) -> str | None:
        bare = value.strip()
        if bare and bare not in codes:
            raise BadValue(NOT_A_CODE)
        return codes.get(bare)

    return convert
