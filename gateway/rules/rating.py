"""RATING: a bill and a voyage become charge lines in fen (rules A, B; S3-14, S3-15, S3-33).

Pure: the tariffs are given, everything is in effect by the ship's time, money is Decimal and is
rounded once for each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.findings import Finding
from gateway.rules.rating_box import above_cap, rate_box, without_length
from gateway.rules.rating_cargo import bad_codes, rate_cargo
from gateway.rules.rating_case import Ask, Bill, Line, Options, Voyage
from gateway.rules.tariff import Tariff
from gateway.rules.verdict import Clause, Verdict, conclude, kind

MIXED_FORM = kind(
    "MIXED_FORM",
    "提单{value}同时有集装箱和非集装箱货物",
    "bill {value} has containers and goods without a container",
    ("一票提单只能申报其中一种", "one bill declares one of the two"),
)
NOTHING_DECLARED = kind(
    "NOTHING_DECLARED",
    "提单{value}没有箱也没有货物",
    "bill {value} has neither boxes nor goods",
    ("请补充箱或货物明细", "add the boxes or the goods"),
)
NO_TARIFF = kind(
    "NO_TARIFF",
    "没有收费标准{value}",
    "there is no tariff {value}",
    ("用 gateway tariffs list 查看", "see gateway tariffs list"),
)
CLAUSES = (
    Clause("RATE-FORM", "1", "S3-14"),
    Clause("RATE-LENGTH", "1", "S3-15, H-28"),
    Clause("RATE-JT", "1", "A.6, H-15"),
    Clause("RATE-CAP", "1", "B.3"),
)


@dataclass(frozen=True, slots=True)
class Rated:
    """Lines and total in fen; None where no amount can be told.  review: an officer decides."""

    lines: tuple[Line, ...]
    total_fen: int | None
    findings: tuple[Finding, ...]
    review: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """Of the lines, each once, in their order."""
        return tuple(dict.fromkeys(line.reason for line in self.lines if line.reason))


def rate(
    tariffs: Sequence[Tariff], voyage: Voyage, bill: Bill, options: Options | None = None
) -> Rated:
    """Rate a bill by each tariff; faults of the bill are findings, all at once."""
    faults = [*_form(bill), *without_length(bill), *bad_codes(bill)]
    if faults:
        return Rated((), None, tuple(faults), review=False)
    lines: list[Line] = []
    caps: list[Finding] = []
    for tariff in tariffs:
        ask = Ask(tariff, voyage, options or Options())
        made = [rate_box(ask, bill, n, box) for n, box in enumerate(bill.containers)]
        made += [rate_cargo(ask, bill, n, goods) for n, goods in enumerate(bill.cargo)]
        lines += [line for line in made if line is not None]
        caps += above_cap(ask, bill)
    review = any(line.reason == "MANUAL_REVIEW" for line in lines)
    total = sum(line.amount_fen for line in lines)
    return Rated(tuple(lines), total, tuple(caps), review)


def _form(bill: Bill) -> list[Finding]:
    if bill.containers and bill.cargo:
        return [MIXED_FORM.at(value=bill.number)]
    if not bill.containers and not bill.cargo:
        return [NOTHING_DECLARED.at(value=bill.number)]
    return []


def clauses(tariffs: Sequence[Tariff]) -> tuple[Clause, ...]:
    """The rules of a decision: ours, and each tariff by its version and fingerprint."""
    told = (Clause(t.code, f"{t.version}+{t.fingerprint[:12]}", t.name_zh) for t in tariffs)
    return (*CLAUSES, *told)


def verdict(rated: Rated, tariffs: Sequence[Tariff]) -> Verdict:
    """The decision: a fault rejects, a doubt is reviewed."""
    passed = ("已按船舶时间计费", "rated by the ship's time")
    return conclude(
        rated.findings, clauses(tariffs), passed, "review" if rated.review else "accept"
    )
