"""What rating looks at (a bill, its boxes or its goods), and the lines that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from gateway.rules.dangerous import Dangerous
from gateway.rules.tariff import Cell, Direction, Row, RowClass, Tariff, Trade, Unit, find_row

FEN = Decimal(100)


@dataclass(frozen=True, slots=True)
class Box:
    """A container.  length_ft: nominal, from the ISO size type; None is not known (H-28).

    merchandise: 商品箱, itself goods.  shown: what somebody charges for it, yuan by tariff code.
    """

    length_ft: Decimal | None
    laden: bool = True
    merchandise: bool = False
    reefer: bool = False
    dangerous: Dangerous | None = None
    shown: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cargo:
    """Goods without a container.  count: of the unit (head, m3, piece), for conversion tonnes."""

    name: str
    jt: str | None
    tonnes: Decimal | None
    count: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Transshipment:
    """中转: whether the goods left the port yard, and the receipt of the earlier payment."""

    flag: bool = False
    left_yard: bool = False
    prior_receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of lading: boxes or goods, never both (S3-14)."""

    number: str
    containers: Sequence[Box] = ()
    cargo: Sequence[Cargo] = ()
    transshipment: Transshipment = Transshipment()


@dataclass(frozen=True, slots=True)
class Options:
    """What a port configures.  Tonnes: None takes the tariff's own way.

    inner_volumes: m3 by length in feet.  half_rate_port: above Nanjing, or on an inland river;
    stack_half_rates: such a port and half-rate goods make a quarter (H-7).
    """

    tonne_rounding: Literal["ceil_0.01", "none"] | None = None
    tonne_minimum: Decimal | None = None
    inner_volumes: Mapping[Decimal, Decimal] = field(default_factory=dict)
    half_rate_port: bool = False
    stack_half_rates: bool = False
    switches: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voyage:
    """When and how the ship moved.  as_of: entry (import) or departure (export), an instant."""

    as_of: datetime
    direction: Direction
    trade: Trade


@dataclass(frozen=True, slots=True)
class Line:
    """A bill line.  item: `container 1`, `cargo 2`.  rate: yuan for one of the basis, text.

    settles: whether the clean manifest settles it.
    """

    tariff: str
    row: str | None
    basis: str
    quantity: Decimal
    rate: Decimal | None
    amount_fen: int
    reason: str | None
    item: str
    settles: bool = False
    confidence: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces.md; numbers that may have a fraction are text."""
        return {
            "tariff": self.tariff,
            "row": self.row,
            "basis": self.basis,
            "quantity": format(self.quantity, "f"),
            "rate": None if self.rate is None else format(self.rate, "f"),
            "amount_fen": self.amount_fen,
            "reason": self.reason,
            "item": self.item,
            "settles": self.settles,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Ask:
    """One tariff asked about one voyage."""

    tariff: Tariff
    voyage: Voyage
    options: Options

    def cell(self, unit: Unit, kind: RowClass = "general") -> Cell:
        """Where a row of this voyage stands."""
        return Cell(self.voyage.trade, self.voyage.direction, unit, kind)

    def row(self, cell: Cell) -> Row | None:
        """The row in force."""
        known = {k: v for k, v in self.options.switches.items() if k in self.tariff.switches}
        return find_row(self.tariff, cell, self.voyage.as_of, known)


def fen(yuan: Decimal) -> int:
    """Yuan as whole fen, half up: once for each bill line."""
    return int((yuan * FEN).quantize(Decimal(1), ROUND_HALF_UP))


def exempt_reason(ask: Ask, bill: Bill) -> tuple[str, str] | None:
    """Row id and reason of an exemption of the whole bill (A.4); None: the fee is due."""
    moved = bill.transshipment
    if not moved.flag or moved.left_yard or not (moved.prior_receipt or "").strip():
        return None
    for each in ask.tariff.exemptions:
        if each.starts <= ask.voyage.as_of:
            return each.id, each.reason
    return None
