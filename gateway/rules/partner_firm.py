"""FIRM in a partner file: what the model cannot say of registration numbers, grades and services.

Clauses: rules.md F.1 S0-10, S0-17; C.1 for credit grades (`schemas/rules/customs_credit.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.canonical.partner import Partner
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.rules.credit import credit_table
from gateway.rules.permission import ONE_STOP
from gateway.rules.registration import check_credit_code

GRADE_UNKNOWN = FindingKind(
    "PARTNER-GRADE",
    Severity.ERROR,
    "“{value}”不是海关信用等级",
    "“{value}” is not a customs credit class",
    "{known}",
    "{known}",
)
NOT_SUBSCRIBED = FindingKind(
    "PARTNER-SERVICE",
    Severity.WARNING,
    "企业未订阅港口一站通，其单证和请求都会被拒绝",
    "the firm has not subscribed to 港口一站通: whatever it sends or asks will be refused",
    'services = ["港口一站通"]',
    'services = ["港口一站通"]',
)


def firm_findings(partner: Partner) -> Iterator[Finding]:
    """Check characters, grades by name, and a firm that could do nothing."""
    if partner.credit_code and (fault := check_credit_code(partner.credit_code)):
        yield fault.kind.at(Place(key="credit_code"), partner.credit_code)
    known = credit_table().grades
    for index, grade in enumerate(partner.credit_grades):
        if grade.grade not in known:
            place = Place(key=f"credit_grades[{index}].grade")
            yield GRADE_UNKNOWN.at(place, grade.grade, known=", ".join(known))
    if partner.types and ONE_STOP not in partner.services:
        yield NOT_SUBSCRIBED.at(Place(key="services"))
