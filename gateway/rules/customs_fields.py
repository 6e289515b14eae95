"""What a form must say before it is submitted, and whether its codes are codes.

Source: rules.md F.2 (S2-06) and the annex of announcement 2018/109; E for the codes.  A draft is
not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.findings import Finding, Place
from gateway.rules.fault import Fault
from gateway.rules.registration import check_credit_code, check_customs_code
from gateway.rules.verdict import Check, Clause, kind

FIELD_MISSING = kind("FIELD_MISSING", "缺少{what}", "{what_en} is missing")
PORT_CODE = kind(
    "PORT_CODE",
    "口岸代码“{value}”不是 4 位关区代码",
    "port code “{value}” is no customs district code of 4 digits",
)
MOBILE = kind("MOBILE", "手机号“{value}”无效", "“{value}” is no mobile number")
HS_NOT_LISTED = kind(
    "HS_NOT_LISTED",
    "商品编码“{value}”不在商品归类表中",
    "HS code “{value}” is not in the classification list",
    ("请从商品归类表中选择", "choose it from the list"),
    severity="warning",
)
FIRM_UNKNOWN = kind(
    "FIRM_UNKNOWN",
    "企业档案中没有{who}“{value}”，按无报关资质处理",
    "the register does not know the {who_en} “{value}”: taken as not qualified",
    ("请联系网关运营方登记", "ask the gateway's operator to register it"),
    severity="info",
)
DECLARANT_FOREIGN = kind(
    "DECLARANT_FOREIGN",
    "申报单位“{value}”不是本账号所属企业",
    "the declarant “{value}” is not the firm of this account",
)

_PORT = re.compile(r"[0-9]{4}", re.ASCII)
_MOBILE = re.compile(r"(\+?86)?1[0-9]{10}", re.ASCII)
# Path in the form → its name for people.
_REQUIRED = {
    "declarant.customs_code": ("申报单位海关编码", "the declarant's customs code"),
    "declarant.credit_code": ("申报单位统一社会信用代码", "the declarant's credit code"),
    "declarant.name": ("申报单位名称", "the declarant's name"),
    "consignee.customs_code": ("收发货人海关编码", "the consignee's customs code"),
    "consignee.name": ("收发货人名称", "the consignee's name"),
    "contact.name": ("联系人", "the contact"),
    "contact.mobile": ("联系人手机", "the contact's mobile"),
    "declaring_port": ("预约申报口岸", "the declaring port"),
    "entry_exit_port": ("预约进出口岸", "the port of entry or exit"),
    "transport_mode": ("运输方式", "the transport mode"),
    "start": ("预约起始时间", "the booked time"),
    "reason": ("预约通关事由", "the reason"),
    "flag": ("进出口标志", "the import/export flag"),
    "goods": ("商品", "the goods list"),
}


@dataclass(frozen=True, slots=True)
class Fields:
    """A form as plain JSON values."""

    form: Mapping[str, Any]

    def value(self, path: str) -> Any:  # noqa: ANN401  # whatever JSON has
        """What stands at `declarant.name`; None where nothing does."""
        found: Any = self.form
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found


def nothing_is_missing(fields: Fields) -> Sequence[Finding]:
    """Every field that customs' form has (S2-06)."""
    return [
        FIELD_MISSING.at(Place(key=path), what=names[0], what_en=names[1])
        for path, names in _REQUIRED.items()
        if not _said(fields.value(path))
    ]


def _said(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def codes_are_codes(fields: Fields) -> Sequence[Finding]:
    """Customs code of 10, credit code of 18, port of 4, a mobile number."""
    return list(_wrong_codes(fields))


def _wrong_codes(fields: Fields) -> Iterator[Finding]:
    checks = (("customs_code", check_customs_code), ("credit_code", check_credit_code))
    for side in ("declarant", "consignee"):
        for name, check in checks:
            path = f"{side}.{name}"
            value = fields.value(path)
            fault: Fault | None = check(value) if value else None
            if fault is not None:
                yield fault.kind.at(Place(key=path), value=value, **fault.params)
    for path in ("declaring_port", "entry_exit_port"):
        value = fields.value(path)
        if value and not _PORT.fullmatch(value):
            yield PORT_CODE.at(Place(key=path), value=value)
    mobile = fields.value("contact.mobile")
    if mobile and not _MOBILE.fullmatch(mobile.replace(" ", "").replace("-", "")):
        yield MOBILE.at(Place(key="contact.mobile"), value=mobile)


FIELDS: tuple[Check[Fields], ...] = (
    Check(Clause("customs-fields", "1", "S2-06"), nothing_is_missing),
    Check(Clause("customs-codes", "1", "S2-06; rules.md E"), codes_are_codes),
)
