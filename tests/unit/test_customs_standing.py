"""Where the standing of a firm comes from: the register first, then the partner, else nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from gateway.canonical.enterprise import CreditGrade
from gateway.canonical.partner import Partner
from gateway.pipeline.customs.rows import FirmRow
from gateway.pipeline.customs.standing import FirmRegister

CODE = "0299960001"
# Still 31 March on the clock of UTC, 1 April on the port's.
NIGHT = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


def partner(*grades: tuple[str, str], codes: tuple[str, ...] = (CODE,)) -> Partner:
    return Partner(
        code="AGENT",
        name="样例",
        customs_codes=codes,
        credit_code="91120116MA06EXAM10",
        credit_grades=tuple(
            CreditGrade(grade=grade, since=date.fromisoformat(since)) for grade, since in grades
        ),
    )


def asked(*partners: Partner, firm: FirmRow | None = None, codes: tuple[str, ...] = (CODE,)):
    directory = SimpleNamespace(partners=lambda: list(partners))
    days = []

    def find(code: str, day: date) -> FirmRow | None:
        days.append(day)
        return firm if firm and code in (firm.customs_code, firm.credit_code) else None

    standing = FirmRegister(directory)(SimpleNamespace(firm=find), codes, NIGHT)
    assert set(days) <= {date(2026, 4, 1)}
    return standing.credit, standing.qualified, standing.partner, standing.known


@pytest.mark.parametrize(
    ("partners", "codes", "expected"),
    [
        ((), (CODE,), ("常规", False, None, False)),
        ((partner(("常规", "2025-01-01"), ("高级认证", "2026-04-01")),), (CODE,),
         ("高级认证", True, "AGENT", True)),
        ((partner(("失信", "2025-01-01")),), (CODE,), ("失信", True, "AGENT", True)),
        ((partner(("高级认证", "2026-04-02")),), (CODE,), ("常规", False, "AGENT", True)),
        ((partner(),), (CODE,), ("常规", False, "AGENT", True)),
        # Known by its credit code alone: nobody says that it may declare.
        ((partner(("常规", "2025-01-01"), codes=()),), ("91120116MA06EXAM10",),
         ("常规", False, "AGENT", True)),
    ],
)  # fmt: skip
def test_a_partner_stands_for_its_firm_by_date(partners, codes, expected):
    assert asked(*partners, codes=codes) == expected


def test_the_register_says_more_than_the_partner():
    row = FirmRow(CODE, "2026-04-01", "", "样例", "严重失信", True)
    said = partner(("高级认证", "2026-04-01"))
    assert asked(said, firm=row) == ("严重失信", True, "AGENT", True)
    theirs = FirmRow(CODE, "2026-04-01", "", "样例", "常规", False, "OTHER")
    assert asked(said, firm=theirs) == ("常规", False, "OTHER", True)
