"""TARIFF: an effective-dated fee table, `tariffs/<CODE>.toml`, and what is in force at an instant.

A row is in force from `from` up to, not including, `to`.  Weak rows (confidence L) are chosen by a
switch: `only_if` and `unless` name it.  A file is refused where two rows are in force at once for
the same trade, direction, unit and class, or where none is and no `[[gap]]` says why; both are
tried under every setting of the switches.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, product
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, ValidationError

from gateway.canonical.model import Code, Many, Model, Text
from gateway.limits import TARIFF_FILE_CHARACTERS_MAX, TARIFF_SWITCHES_MAX
from gateway.resources import names, read_text

FOLDER = "tariffs"
Trade = Literal["foreign", "domestic", "feeder"]
Direction = Literal["import", "export"]
Unit = Literal["20", "40", "ton"]
RowClass = Literal["general", "special"]
TRADES: tuple[Trade, ...] = ("foreign", "domestic", "feeder")
DIRECTIONS: tuple[Direction, ...] = ("import", "export")
UNITS: tuple[Unit, ...] = ("20", "40", "ton")
CLASSES: tuple[RowClass, ...] = ("general", "special")


def _decimal(value: object) -> object:
    """Numbers stand as text in the file: a TOML float is no amount."""
    return Decimal(value) if isinstance(value, str) and value[:1].isdigit() else value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, max_digits=15)]


class Row(Model):
    """A line of the fee table.  rates: yuan for a 20' box, a 40' box, a ton.

    reason: why it is zero.  cap: no charge of ours, only the most that somebody may show.
    settles: the clean manifest settles what was paid (S3-24).  confidence: H, M or L.
    """

    id: Code
    trades: Many[Trade]
    directions: Many[Direction]
    classes: Many[RowClass] = CLASSES
    starts: AwareDatetime = Field(alias="from")
    ends: AwareDatetime | None = Field(default=None, alias="to")
    rates: dict[Unit, Number]
    reason: Code | None = None
    abolished: bool = False
    cap: bool = False
    settles: bool
    source: Text
    confidence: Literal["H", "M", "L"]
    only_if: Code | None = None
    unless: Code | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether the instant lies in its time."""
        return self.starts <= at and (self.ends is None or at < self.ends)

    def chosen(self, switches: Mapping[str, bool]) -> bool:
        """Whether the switches choose it."""
        wanted = self.only_if is None or switches[self.only_if]
        return wanted and (self.unless is None or not switches[self.unless])


class Gap(Model):
    """Where no row is in force on purpose.  none: no charge, else nobody knows the rate."""

    trades: Many[Trade]
    directions: Many[Direction]
    units: Many[Unit]
    starts: AwareDatetime = Field(alias="from")
    ends: AwareDatetime | None = Field(default=None, alias="to")
    none: bool = False
    why: Text

    def covers(self, cell: Cell, at: datetime) -> bool:
        """Whether it excuses this instant of a cell."""
        fits = cell.trade in self.trades and cell.direction in self.directions
        lies = self.starts <= at and (self.ends is None or at < self.ends)
        return fits and cell.unit in self.units and lies


class Modifier(Model):
    """Goods at half rate or deferred: JT prefix and a word of the name (H-15).

    whole_class: the effect is the whole JT class's, so a name without the word is a doubt.
    """

    id: Code
    effect: Literal["half", "deferred"]
    jt: Many[Code]
    whole_class: bool = False
    words: Many[Code]
    except_words: Many[Code] = ()
    source: Text
    confidence: Literal["H", "M", "L"]


class Conversion(Model):
    """Goods that are counted, not weighed: kilograms for one of the unit, or a factor (H-35)."""

    id: Code
    unit: Literal["head", "m3", "piece", "own_weight"]
    kilograms: Number | None = None
    factor: Number | None = None
    words: Many[Code]
    source: Text
    confidence: Literal["H", "M", "L"]


class Exemption(Model):
    """A case that pays nothing from an instant on."""

    id: Code
    reason: Code
    when: Literal["transshipment"]
    starts: AwareDatetime = Field(alias="from")
    source: Text
    confidence: Literal["H", "M", "L"]


class Tonnes(Model):
    """How tonnes are rounded: up to 0.01 t, less than `minimum` counts as that; or not at all."""

    rounding: Literal["ceil_0.01", "none"] = "ceil_0.01"
    minimum: Number = Decimal(0)
    source: Text | None = None
    confidence: Literal["H", "M", "L"] = "L"


def _unique(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    if len({row.id for row in rows}) != len(rows):
        raise ValueError("two rows have the same id")
    if any(row.ends is not None and row.ends <= row.starts for row in rows):
        raise ValueError("a row ends before it begins")
    return rows


class Tariff(Model):
    """One file.  other_lengths: a box that is neither 20' nor 40' goes by class, or by volume."""

    code: Code
    name_zh: Text
    name_en: Text
    version: Code
    covers_from: AwareDatetime
    other_lengths: Literal["class", "volume"]
    switches: dict[Code, bool] = Field(default_factory=dict, max_length=TARIFF_SWITCHES_MAX)
    tonnes: Tonnes = Tonnes()
    rows: Annotated[Many[Row], AfterValidator(_unique)] = Field(alias="row")
    gaps: Many[Gap] = Field(default=(), alias="gap")
    modifiers: Many[Modifier] = Field(default=(), alias="modifier")
    conversions: Many[Conversion] = Field(default=(), alias="conversion")
    exemptions: Many[Exemption] = Field(default=(), alias="exemption")
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row is looked up by, beside the instant."""

    trade: Trade
    direction: Direction
    unit: Unit
    kind: RowClass = "general"

    def __str__(self) -> str:
        return f"{self.trade} {self.direction} {self.unit} {self.kind}"

    def meets(self, row: Row) -> bool:
        """Whether the row rates this cell at some time."""
        fits = self.trade in row.trades and self.direction in row.directions
        return fits and self.kind in row.classes and self.unit in row.rates


def cells() -> Iterator[Cell]:
    """Every cell there is."""
    for trade, direction, unit, kind in product(TRADES, DIRECTIONS, UNITS, CLASSES):
        yield Cell(trade, direction, unit, kind)


def parse_tariff(text: str) -> Tariff:
    """Read and check one file; raises ValueError with everything that is wrong in it."""
    if len(text) > TARIFF_FILE_CHARACTERS_MAX:
        raise ValueError("too long for a tariff")
    raw: dict[str, Any] = tomllib.loads(text)
    raw["fingerprint"] = hashlib.sha256(text.encode()).hexdigest()
    try:
        tariff = Tariff.model_validate(raw)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        places = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in told)
        raise ValueError("; ".join(places)) from None
    if faults := find_faults(tariff):
        raise ValueError("; ".join(faults))
    return tariff


def find_faults(tariff: Tariff) -> list[str]:
    """Unknown switches, overlaps and gaps, under every setting of the switches."""
    used = {name for row in tariff.rows for name in (row.only_if, row.unless) if name}
    if unknown := sorted(used - tariff.switches.keys()):
        return [f"switch {name!r} is not declared" for name in unknown]
    faults: dict[str, None] = {}
    switched = sorted(used)
    for setting in product((False, True), repeat=len(switched)):
        switches = {**tariff.switches, **dict(zip(switched, setting, strict=True))}
        for cell in cells():
            faults.update(dict.fromkeys(_faults_of(tariff, cell, switches)))
    return list(faults)


def _faults_of(tariff: Tariff, cell: Cell, switches: Mapping[str, bool]) -> Iterator[str]:
    rows = [row for row in tariff.rows if cell.meets(row) and row.chosen(switches)]
    rows.sort(key=lambda row: row.starts)
    for earlier, later in pairwise(rows):
        if earlier.ends is None or later.starts < earlier.ends:
            yield f"{cell}: rows {earlier.id} and {later.id} overlap from {later.starts}"
    edges = {tariff.covers_from} | {row.ends for row in rows if row.ends is not None}
    edges |= {gap.ends for gap in tariff.gaps if gap.ends is not None}
    for at in sorted(edge for edge in edges if edge >= tariff.covers_from):
        known = any(row.in_force(at) for row in rows)
        if not known and not any(gap.covers(cell, at) for gap in tariff.gaps):
            yield f"{cell}: no row from {at}"


def find_row(
    tariff: Tariff, cell: Cell, at: datetime, switches: Mapping[str, bool] | None = None
) -> Row | None:
    """The row in force; None where there is none.  switches: instead of the file's own."""
    setting = {**tariff.switches, **(switches or {})}
    for row in tariff.rows:
        if cell.meets(row) and row.in_force(at) and row.chosen(setting):
            return row
    return None


def find_gap(tariff: Tariff, cell: Cell, at: datetime) -> Gap | None:
    """The gap that says why there is no row."""
    return next((gap for gap in tariff.gaps if gap.covers(cell, at)), None)


def explain(
    tariff: Tariff, at: datetime, switches: Mapping[str, bool] | None = None
) -> list[dict[str, str]]:
    """What is in force at an instant: cell, row or gap, rate in yuan, source, confidence."""
    told = []
    for cell in cells():
        row = find_row(tariff, cell, at, switches)
        gap = None if row else find_gap(tariff, cell, at)
        told.append(
            {
                "cell": str(cell),
                "row": row.id if row else "",
                "rate": str(row.rates[cell.unit]) if row else "",
                "reason": (row.reason or ("CAP" if row.cap else "")) if row else "NO_ROW",
                "source": row.source if row else gap.why if gap else "before the file begins",
                "confidence": row.confidence if row else "",
            }
        )
    return told


def diff(old: Tariff, new: Tariff) -> list[str]:
    """What changed, row by row: `+ id`, `- id`, `~ id field: old -> new`."""
    before = {row.id: row.model_dump(mode="json", by_alias=True) for row in old.rows}
    after = {row.id: row.model_dump(mode="json", by_alias=True) for row in new.rows}
    told = [f"- {name}" for name in before if name not in after]
    told += [f"+ {name}" for name in after if name not in before]
    for name in before.keys() & after.keys():
        for key, value in before[name].items():
            if value != after[name][key]:
                told.append(f"~ {name} {key}: {value} -> {after[name][key]}")
    for key in sorted(set(Tariff.model_fields) - {"rows", "fingerprint"}):
        if getattr(old, key) != getattr(new, key):
            told.append(f"~ {key}")
    return sorted(told)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Tariff]:
    """The tariffs that ship with the code, by their code."""
    found = [parse_tariff(read_text(f"{FOLDER}/{name}")) for name in names(FOLDER, ".toml")]
    return {tariff.code: tariff for tariff in found}
