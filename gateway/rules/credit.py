"""CREDIT: a firm's customs credit class of a day, and what it means for an appointment.

Source: rules.md C.1 (three regimes, `schemas/rules/customs_credit.toml`), S2-08, S2-09, H-20.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Any

from gateway.resources import read_text

FILE = "schemas/rules/customs_credit.toml"


class Standing(IntEnum):
    """What a class means; the lower of two firms counts (S2-08)."""

    BARRED = 0
    GENERAL = 1
    ADVANCED = 2


@dataclass(frozen=True, slots=True)
class Regime:
    """The classes that an order of customs put in force from a day on."""

    start: date
    source: str
    classes: Mapping[str, Standing]


@dataclass(frozen=True, slots=True)
class CreditTable:
    """All regimes, oldest first, and the meaning of a class outside its own time."""

    version: str
    regimes: tuple[Regime, ...]
    other: Mapping[str, Standing]

    def regime(self, day: date) -> Regime:
        """The one in force; before the first one the first (H-44)."""
        return next((each for each in reversed(self.regimes) if each.start <= day), self.regimes[0])

    @property
    def grades(self) -> tuple[str, ...]:
        """Every class there ever was, in the order of the file."""
        named = [grade for regime in self.regimes for grade in regime.classes]
        return tuple(dict.fromkeys([*named, *self.other]))


@dataclass(frozen=True, slots=True)
class Graded:
    """A class judged on a day; `current` is whether the class existed then."""

    standing: Standing
    current: bool
    source: str


def grade_of(grade: str, day: date) -> Graded:
    """What a class means on a day; one that never existed bars, for nothing is known of it."""
    table = credit_table()
    regime = table.regime(day)
    standing = regime.classes.get(grade)
    if standing is not None:
        return Graded(standing, True, regime.source)
    return Graded(table.other.get(grade, Standing.BARRED), False, regime.source)


def lower(one: str, other: str, day: date) -> Standing:
    """The lower standing of declarant and consignee (S2-08)."""
    return min(grade_of(one, day).standing, grade_of(other, day).standing)


@lru_cache(maxsize=1)
def credit_table() -> CreditTable:
    """The table that ships with the code; raises ValueError where it is not in order of time."""
    raw = tomllib.loads(read_text(FILE))
    regimes = tuple(_regime(each) for each in raw["regime"])
    if [each.start for each in regimes] != sorted({each.start for each in regimes}):
        raise ValueError(f"{FILE}: regimes are not in order of time")
    return CreditTable(raw["version"], regimes, _standings(raw["other"]))


def _regime(raw: Mapping[str, Any]) -> Regime:
    return Regime(raw["from"], raw["source"], _standings(raw["classes"]))


def _standings(raw: Mapping[str, str]) -> dict[str, Standing]:
    return {grade: Standing[name.upper()] for grade, name in raw.items()}
