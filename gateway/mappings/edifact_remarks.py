"""What is odd about parts of EDIFACT messages though each of them is right by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.findings import FindingKind, Severity
from gateway.limits import EDIFACT_BOXES_REMEMBERED_MAX
from gateway.mappings.edifact_convert import NO_SUCH_UNIT, DoubtfulWeight
from gateway.mappings.table import Path

Remarks = Iterable[tuple[FindingKind, Path]]

DUPLICATE_EQUIPMENT = FindingKind(
    "DUPLICATE-EQUIPMENT",
    Severity.WARNING,
    "箱“{value}”在同一报文中出现不止一次",
    "container “{value}” stands in this message more than once",
    "每个箱只写一个 EQD 段组",
    "tell every container once",
)
_SEEN = "_numbers"
_WEIGHTS = ("gross_weight_kg", "net_weight_kg", "cargo_weight_kg", "tare_kg", "vgm_kg")


def told_twice(values: dict[str, Any], header: dict[str, Any]) -> Remarks:
    """A box whose number came before in the same message; so many numbers are remembered."""
    number = values.get("number")
    if number is not None:
        seen: set[str] = header.setdefault(_SEEN, set())
        if number in seen:
            yield DUPLICATE_EQUIPMENT, ("number",)
        elif len(seen) < EDIFACT_BOXES_REMEMBERED_MAX:
            seen.add(number)
    yield from doubtful_weights(values, ())


def doubtful_weights(values: dict[str, Any], above: Path) -> Remarks:
    """Weights in a unit of no code list."""
    return [
        (NO_SUCH_UNIT, (*above, name))
        for name in _WEIGHTS
        if name in values and type(values[name]) is DoubtfulWeight
    ]


def of_goods(values: dict[str, Any], _header: dict[str, Any]) -> Remarks:
    """The weights of a bill's goods."""
    found: list[tuple[FindingKind, Path]] = []
    for index, item in enumerate(values.get("goods", ())):
        if DoubtfulWeight in map(type, item.values()):
            found += doubtful_weights(item, ("goods", index))
    return found
