"""One line of the table: what was measured, the goal, the value."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """`values` holds one value a round; their median counts.  `detail` has the absolute figures."""

    name: str
    goal: float
    better: Literal["more", "less"]
    unit: str
    values: tuple[float, ...]
    detail: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def reached(self) -> bool:
        return self.value >= self.goal if self.better == "more" else self.value <= self.goal


def table(rows: Sequence[Row]) -> str:
    """The rows for a terminal."""
    heads = ("what", "goal", "median", "min", "max", "", "absolute figures of the last round")
    lines = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.better == "more" else "≤"
    values = (row.value, min(row.values), max(row.values))
    return (
        row.name,
        f"{sign} {row.goal:g} {row.unit}",
        *(f"{value:.2f}" for value in values),
        "ok" if row.reached else "MISSED",
        row.detail,
    )
