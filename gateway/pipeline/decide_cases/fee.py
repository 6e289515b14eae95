"""KIND `fee`: what a bill owes by the tariffs in force at the ship's time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from gateway.canonical.model import Code, Many, Model
from gateway.limits import SETTLEMENT_BILLS_MAX
from gateway.pipeline.decide_cases.shape import Answer, Instant, answer, listed, member_of
from gateway.rules import rating_case as facts
from gateway.rules.dangerous import Dangerous
from gateway.rules.rating import rate, verdict
from gateway.rules.tariff import Direction, Trade, shipped

TariffCode = Annotated[str, member_of(shipped()), listed(shipped())]
Yuan = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=2)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Feet = Annotated[Decimal, Field(gt=0, le=60, decimal_places=2)]
Name = Annotated[str, Field(min_length=1, max_length=400)]


class DangerousCase(Model):
    """IMDG class and packing group; farm_chemical: a fertiliser or pesticide for farms."""

    hazard_class: Code = Field(alias="class")
    packing_group: Code | None = None
    farm_chemical: bool = False

    def facts(self) -> Dangerous:
        """As the rules take it."""
        return Dangerous(self.hazard_class, self.packing_group, self.farm_chemical)


class ContainerCase(Model):
    """A box.  shown: what somebody charges for it, in yuan."""

    length_ft: Feet | None = None
    state: Literal["laden", "empty"] = "laden"
    merchandise: bool = False
    reefer: bool = False
    dangerous: DangerousCase | None = None
    shown: dict[TariffCode, Yuan] | None = None

    def facts(self) -> facts.Box:
        """As the rules take it."""
        return facts.Box(
            length_ft=self.length_ft,
            laden=self.state == "laden",
            merchandise=self.merchandise,
            reefer=self.reefer,
            dangerous=self.dangerous.facts() if self.dangerous else None,
            shown=self.shown or {},
        )


class CargoCase(Model):
    """Goods without a container."""

    name: Name
    jt: Annotated[str, Field(max_length=20)] | None = None
    tonnes: Quantity | None = None
    count: Quantity | None = None
    unit: Code | None = None


class TransshipmentCase(Model):
    """中转标识 and 曾缴情况."""

    flag: bool = False
    left_yard: bool = False
    prior_receipt: Annotated[str, Field(max_length=70)] | None = None


class BillCase(Model):
    """A bill of lading."""

    number: Code
    containers: Annotated[Many[ContainerCase], Field(max_length=SETTLEMENT_BILLS_MAX)] | None = None
    cargo: Annotated[Many[CargoCase], Field(max_length=SETTLEMENT_BILLS_MAX)] | None = None
    transshipment: TransshipmentCase | None = None

    def facts(self) -> facts.Bill:
        """As the rules take it."""
        moved = self.transshipment or TransshipmentCase()
        return facts.Bill(
            self.number,
            [each.facts() for each in self.containers or ()],
            [facts.Cargo(c.name, c.jt, c.tonnes, c.count, c.unit) for c in self.cargo or ()],
            facts.Transshipment(moved.flag, moved.left_yard, moved.prior_receipt),
        )


class OptionsCase(Model):
    """What a port configures; absent is the tariff's own way.  inner_volumes: m3 by feet."""

    tonne_rounding: Literal["ceil_0.01", "none"] | None = None
    tonne_minimum: Quantity | None = None
    inner_volumes: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]?$")], Quantity] = Field(
        default_factory=dict
    )
    half_rate_port: bool = False
    stack_half_rates: bool = False
    switches: dict[Code, bool] = Field(default_factory=dict)

    def facts(self) -> facts.Options:
        """As the rules take it."""
        return facts.Options(
            self.tonne_rounding,
            self.tonne_minimum,
            {Decimal(feet): volume for feet, volume in self.inner_volumes.items()},
            self.half_rate_port,
            self.stack_half_rates,
            self.switches,
        )


class FeeCase(Model):
    """The case.  as_of: the ship's entry (import) or departure (export)."""

    tariffs: Annotated[Many[TariffCode], Field(min_length=1, max_length=10)]
    as_of: Instant
    direction: Direction
    trade: Trade
    bill: BillCase
    options: OptionsCase | None = None


class LineShape(Model):
    """A charge line; quantity and rate (yuan) are decimal text."""

    tariff: str
    row: str | None
    basis: Literal["box", "ton"]
    quantity: str
    rate: str | None
    amount_fen: int
    reason: str | None
    item: str
    settles: bool
    confidence: str | None


class FeeAnswer(Answer):
    """total_fen: null where no amount can be told."""

    lines: Many[LineShape]
    total_fen: int | None


def decide(case: FeeCase) -> FeeAnswer:
    """Rate one bill; the reasons of the lines stand among the codes."""
    tariffs = [shipped()[code] for code in dict.fromkeys(case.tariffs)]
    voyage = facts.Voyage(case.as_of, case.direction, case.trade)
    options = case.options or OptionsCase()
    rated = rate(tariffs, voyage, case.bill.facts(), options.facts())
    told = verdict(rated, tariffs)
    told = replace(told, codes=tuple(dict.fromkeys((*told.codes, *rated.reasons))))
    lines = tuple(LineShape(**line.as_json()) for line in rated.lines)
    return answer(FeeAnswer, told, lines=lines, total_fen=rated.total_fen)
