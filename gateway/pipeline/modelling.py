"""Draft → model: what pydantic refuses becomes findings at the places the values came from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from gateway.findings import NOWHERE, Finding, FindingKind, Place, Severity
from gateway.mappings.node import Path, dotted

MISSING = FindingKind(
    "MODEL-MISSING",
    Severity.ERROR,
    "缺少必填项 {path}",
    "{path} is missing",
)
TOO_LONG = FindingKind(
    "MODEL-LENGTH",
    Severity.ERROR,
    "{path} 的值“{value}”太长",
    "{path}: “{value}” is too long",
)
OUT_OF_RANGE = FindingKind(
    "MODEL-RANGE",
    Severity.ERROR,
    "{path} 的值“{value}”超出允许范围",
    "{path}: “{value}” is out of range",
)
NOT_KNOWN = FindingKind(
    "MODEL-VALUE",
    Severity.ERROR,
    "{path} 的值“{value}”无效",
    "{path}: “{value}” is not a valid value",
)

_BY_TYPE = {
    "missing": MISSING,
    "string_too_long": TOO_LONG,
    "string_too_short": MISSING,
    "greater_than_equal": OUT_OF_RANGE,
    "less_than_equal": OUT_OF_RANGE,
    "decimal_max_digits": OUT_OF_RANGE,
    "decimal_max_places": OUT_OF_RANGE,
    "decimal_whole_digits": OUT_OF_RANGE,
    "finite_number": OUT_OF_RANGE,
}
_ERRORS_MAX = 50


def model_findings(
    error: ValidationError, places: dict[Path, Place], begin: Place, refused: Collection[Path] = ()
) -> Iterator[Finding]:
    """One finding per fault, each at the nearest place that is known for its path, else `begin`.

    refused: what is missing only because it was refused, which is told already.
    """
    for each in error.errors(include_url=False, include_context=False)[:_ERRORS_MAX]:
        path = tuple(each["loc"])
        missing = each["type"] == "missing"
        if missing and path in refused:
            continue
        kind = _BY_TYPE.get(each["type"], NOT_KNOWN)
        # Of what is missing pydantic shows what it is missing from.
        value = None if missing else each.get("input")
        shown = value if isinstance(value, str) else None if value is None else type(value).__name__
        if isinstance(value, int | float) or type(value).__name__ == "Decimal":
            shown = str(value)
        place = nearest(path, places)
        yield kind.at(begin if place is NOWHERE else place, shown, path=dotted(path))


def nearest(path: tuple[Any, ...], places: dict[Path, Place]) -> Place:
    """The place of a path, of the nearest path above it, or of the first value below it."""
    for length in range(len(path), 0, -1):
        place = places.get(path[:length])
        if place is not None:
            return place
        for known, below in places.items():
            if known[:length] == path[:length]:
                return below
    return NOWHERE
