"""What partner files say of a firm: types, services, grades, administrators."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from gateway.canonical.enterprise import CreditGrade, EnterpriseType, Service, grade_on
from gateway.canonical.partner import Partner
from gateway.rules.partner_file import judge
from gateway.rules.permission_tables import tables


def partner(**fields: Any) -> Partner:
    return Partner.model_validate_json(json.dumps({"code": "ACME", "name": "示例", **fields}))


def test_the_types_and_services_are_those_of_the_tables() -> None:
    assert get_args(EnterpriseType) == tables().types
    assert get_args(Service) == tables().services


@pytest.mark.parametrize(
    "fields",
    [
        {"types": ["车队"]},
        {"services": ["飞行"]},
        {"credit_code": "9113000034801880X"},
        {"customs_codes": ["12345"]},
        {"accounts": [{"name": "a"}, {"name": "b", "services": ["航运圈"]}]},
    ],
)
def test_what_no_firm_can_be(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        partner(**fields)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, []),
        ({"credit_code": "9113000034801880XB"}, []),
        ({"credit_code": "9113000034801880XA"}, ["USCC-WRONG"]),
        ({"credit_grades": [{"grade": "高级认证", "since": "2024-01-01"}]}, []),
        ({"credit_grades": [{"grade": "很好", "since": "2024-01-01"}]}, ["PARTNER-GRADE"]),
        ({"types": ["船代"]}, ["PARTNER-SERVICE"]),
        ({"types": ["船代"], "services": ["航运圈"]}, ["PARTNER-SERVICE"]),
        ({"types": ["船代"], "services": ["港口一站通"]}, []),
    ],
)
def test_what_the_check_of_a_partner_says_of_a_firm(
    fields: dict[str, Any], codes: list[str]
) -> None:
    assert [each.code for each in judge(partner(**fields))] == codes


def test_the_first_account_administers_unless_another_is_marked() -> None:
    plain = partner(accounts=[{"name": "a"}, {"name": "b"}])
    assert (plain.is_administrator("a"), plain.is_administrator("b")) == (True, False)
    marked = partner(accounts=[{"name": "a"}, {"name": "b", "admin": True}])
    assert (marked.is_administrator("a"), marked.is_administrator("b")) == (False, True)


def test_a_grade_holds_from_its_day() -> None:
    grades = (
        CreditGrade(grade="一般信用", since=date(2020, 1, 1)),
        CreditGrade(grade="高级认证", since=date(2024, 5, 1)),
    )
    assert grade_on(grades, date(2019, 12, 31)) is None
    assert grade_on(grades, date(2024, 4, 30)) == "一般信用"
    assert grade_on(grades, date(2024, 5, 1)) == "高级认证"
