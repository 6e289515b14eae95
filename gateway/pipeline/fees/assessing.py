"""ASSESSING: a goods declaration is rated by its ship's time; its lines become charges.

A new rating voids what is due and not yet ordered; what is ordered or paid stays (S3-18).  Until
the authority's own amount arrives ours stands in (S3-33, H-32).
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.findings import Finding
from gateway.pipeline.fees.desk import Desk, FeePolicy
from gateway.pipeline.fees.telling import work
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow
from gateway.rules.authority_amount import binding
from gateway.rules.declaration_facts import bill_of
from gateway.rules.rating import Rated, rate
from gateway.rules.rating_case import Line, Voyage
from gateway.rules.tariff import DIRECTIONS, TRADES
from gateway.rules.verdict import kind

NO_SHIP_TIME = kind(
    "NO_SHIP_TIME",
    "没有可确定时区的船舶进出港时间，无法计费",
    "there is no time of the ship with a known zone, so there is no rate",
    ("请填写离港（进港）时间和港口代码", "give the ship's time and the port's code"),
)
# The line that stands for the authority's own rating.
AUTHORITY = "AUTHORITY"


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a rating came to; due_fen None: nobody could rate it."""

    due_fen: int | None
    findings: tuple[Finding, ...]


def rated(policy: FeePolicy, row: DeclarationRow) -> Rated:
    """The pure rating of a declaration; no lines where its facts do not allow one."""
    if row.ship_at is None:
        return Rated((), None, (NO_SHIP_TIME.at(value=row.bill_of_lading),), review=False)
    direction = next(each for each in DIRECTIONS if each == row.direction)
    trade = next(each for each in TRADES if each == row.trade)
    voyage = Voyage(row.ship_at, direction, trade)
    return rate(policy.tariffs, voyage, bill_of(row.bill_of_lading, row.facts), policy.options)


def settling_fen(policy: FeePolicy, row: DeclarationRow) -> tuple[int | None, str | None]:
    """What is due of the rows that the clean manifest settles, and why it may be nothing."""
    found = rated(policy, row)
    if found.total_fen is None:
        return None, None
    lines = [line for line in found.lines if line.settles]
    reasons = tuple(dict.fromkeys(line.reason for line in lines if line.reason))
    return sum(line.amount_fen for line in lines), reasons[0] if len(reasons) == 1 else None


def assess(desk: Desk, row: DeclarationRow) -> Assessed:
    """Rate a declaration at its revision, and put its charges in place of those that are due."""
    found = rated(desk.policy, row)
    charges = desk.tx.money.charges
    charges.void(row.id)
    bound = binding(row.bill_of_lading, found.total_fen, row.authority_fen)
    lines = [_charge(desk, row, number, line) for number, line in enumerate(found.lines, 1)]
    if row.authority_fen is not None and row.authority_fen != found.total_fen:
        lines = [_authoritys(desk, row, row.authority_fen)]
    charges.add(lines)
    if bound.finding is not None:
        detail = {"authority_fen": row.authority_fen, "own_fen": found.total_fen}
        work(desk, "AMOUNT_DIFFERS", f"{row.id}:{row.authority_fen}", row, detail)
    if found.review:
        work(desk, "MANUAL_REVIEW", f"{row.id}:{row.revision}", row, {"reasons": found.reasons})
    told = (*found.findings, *((bound.finding,) if bound.finding else ()))
    return Assessed(bound.due_fen, told)


def _charge(desk: Desk, row: DeclarationRow, number: int, line: Line) -> ChargeRow:
    tariff = next(each for each in desk.policy.tariffs if each.code == line.tariff)
    return ChargeRow(
        id=new_id(),
        declaration=row.id,
        bill_of_lading=row.bill_of_lading,
        partner=row.payer,
        tariff=line.tariff,
        tariff_row=line.row or "",
        tariff_version=f"{tariff.version}+{tariff.fingerprint[:12]}",
        basis=line.basis,
        quantity=format(line.quantity, "f"),
        rate="" if line.rate is None else format(line.rate, "f"),
        amount_fen=line.amount_fen,
        reason=line.reason or "",
        state="due",
        revision=row.revision,
        line=number,
        created_at=desk.now,
    )


def _authoritys(desk: Desk, row: DeclarationRow, fen: int) -> ChargeRow:
    return ChargeRow(
        id=new_id(),
        declaration=row.id,
        bill_of_lading=row.bill_of_lading,
        partner=row.payer,
        tariff=AUTHORITY,
        tariff_row="",
        tariff_version=row.authority_number or "",
        basis="bill",
        quantity="1",
        rate="",
        amount_fen=fen,
        reason="",
        state="due",
        revision=row.revision,
        line=1,
        created_at=desk.now,
    )
