"""ENTERPRISE: what the one-stop service knows of a firm beside its ways to sign in and to receive.

Source: rules.md F.1: the 23 types of S0-11, the seven services of S0-17, registration numbers of
S0-10; credit grades by date as C.1 needs them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from gateway.canonical.model import Model

EnterpriseType = Literal[
    "政府部门", "事业单位", "银行", "保险代理人", "船东", "租船人", "无船承运人", "船代", "码头公司",
    "仓储企业", "集装箱堆场", "散货堆场", "理货公司", "报关行", "报检行", "货代", "制造商", "贸易商",
    "分销商", "普通车队", "特殊资质车队", "中货专区用户", "其它",
]  # fmt: skip
Service = Literal[
    "港口一站通", "线上无水港", "随行海运", "随行配送", "随行支付", "航运圈", "商贸圈"
]  # fmt: skip
CreditCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
# Before the merged licence: 15, 18 or 20 characters, each office with its own (H-31).
TaxpayerNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{15,20}$")]
CustomsCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}[0-9A-Z]{5}$")]
# A file or a request writes a date as text.
Day = Annotated[date, Strict(False)]


class CreditGrade(Model):
    """The customs credit class that a firm has from a day on, as the class is called then."""

    grade: Annotated[str, Field(min_length=1, max_length=40)]
    since: Day


def grade_on(grades: tuple[CreditGrade, ...], day: date) -> str | None:
    """The grade of a day; None before the first one."""
    begun = [each for each in grades if each.since <= day]
    return max(begun, key=lambda each: each.since).grade if begun else None
