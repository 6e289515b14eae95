"""FORM: what a firm hands in, judged: every fault at once.  Values of people are never repeated.

Clauses: rules.md F.1 S0-09 … S0-22 and E.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.canonical.firm import Contact, Driver, Registration, SubAccount
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.rules.fault import Fault
from gateway.rules.registration import (
    check_credit_code,
    check_customs_code,
    check_identity,
    check_login,
)
from gateway.rules.verdict import kind

FLEETS = frozenset({"普通车队", "特殊资质车队"})
NAME_WRONG = kind(
    "FIRM-NAME",
    "“{value}”不是企业中文全称",
    "“{value}” is not the full Chinese name of a firm",
    ("请按营业执照填写全称", "write the name of the business licence"),
)
NUMBER_MISSING = kind(
    "FIRM-NUMBER",
    "须填写统一社会信用代码或纳税人识别号",
    "the unified social credit code or the taxpayer number is required",
    ("三证合一企业填写统一社会信用代码", "a firm with the merged licence gives the merged code"),
)
TAXPAYER_WRONG = kind(
    "TAXPAYER-WRONG",
    "“{value}”不是纳税人识别号",
    "“{value}” is not a taxpayer number",
    ("15 至 20 位数字或大写字母", "15 to 20 digits or capital letters"),
)
TYPE_MISSING = kind("FIRM-TYPE", "须选择企业类型", "choose at least one enterprise type")
SERVICE_MISSING = kind(
    "FIRM-SERVICE",
    "须订阅至少一项服务",
    "subscribe to at least one service",
    ("使用一站通请选择港口一站通", "users of the one-stop service choose 港口一站通"),
)
AGREEMENT_MISSING = kind(
    "FIRM-AGREEMENT", "须阅读并同意用户协议", "the user agreement must be read and accepted"
)
MOBILE_WRONG = kind(
    "MOBILE-WRONG",
    "手机号码无效",
    "not a mobile number",
    ("11 位，以 13 至 19 开头", "11 digits beginning with 13 to 19"),
)
MAIL_WRONG = kind("MAIL-WRONG", "电子邮箱无效", "not an e-mail address")
IDENTITY = kind(
    "IDENTITY-WRONG",
    "身份证号无效",
    "not a valid identity card number",
    (
        "18 位：6 位地区、8 位出生日期、3 位顺序、1 位校验",
        "18 characters: 6 district, 8 date of birth, 3 serial, 1 check",
    ),
)
LICENCE = kind(
    "LICENCE-WRONG",
    "驾驶证号无效",
    "not a valid driving licence number",
    ("与身份证号同样的 18 位", "the 18 characters of an identity number"),
)
NO_FLEET = kind(
    "NOT-A-FLEET",
    "只有车队企业可以备案司机和车辆",
    "only fleets file drivers and trucks",
    ("如企业有车队，请申请增加车队类型", "if the firm has a fleet, apply for that type"),
)

_CHINESE = re.compile(r"[㐀-鿿]")
_TAXPAYER = re.compile(r"[0-9A-Z]{15,20}", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_MAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# 有限公司 alone has four; a firm's full name says where and what it is, too.
_NAME_CHARACTERS_MIN = 4


def check_registration(form: Registration) -> tuple[Finding, ...]:
    """Every fault of a registration; an empty tuple accepts it."""
    return tuple(_registration(form))


def _registration(form: Registration) -> Iterator[Finding]:
    if len(_CHINESE.findall(form.name)) < _NAME_CHARACTERS_MIN:
        yield NAME_WRONG.at(Place(key="name"), form.name)
    yield from _numbers(form)
    for wanted, missing, key in (
        (form.types, TYPE_MISSING, "types"),
        (form.services, SERVICE_MISSING, "services"),
        (form.agreement_accepted, AGREEMENT_MISSING, "agreement_accepted"),
    ):
        if not wanted:
            yield missing.at(Place(key=key))
    yield from _said(check_login(form.login), "login", form.login)
    yield from check_contact(form.contact, "contact")
    if form.drivers and not FLEETS & set(form.types):
        yield NO_FLEET.at(Place(key="drivers"))
    for index, driver in enumerate(form.drivers):
        yield from check_driver(driver, f"drivers[{index}]")


def _numbers(form: Registration) -> Iterator[Finding]:
    if not (form.credit_code or form.taxpayer_number):
        yield NUMBER_MISSING.at(Place(key="credit_code"))
    if form.credit_code:
        yield from _said(check_credit_code(form.credit_code), "credit_code", form.credit_code)
    if form.taxpayer_number and not _TAXPAYER.fullmatch(form.taxpayer_number):
        yield TAXPAYER_WRONG.at(Place(key="taxpayer_number"), form.taxpayer_number)
    for index, code in enumerate(form.customs_codes):
        yield from _said(check_customs_code(code), f"customs_codes[{index}]", code)


def check_contact(contact: Contact, key: str) -> Iterator[Finding]:
    """Mobile and mail; the activation goes to the mail (S0-22)."""
    if not _MOBILE.fullmatch(contact.mobile):
        yield MOBILE_WRONG.at(Place(key=f"{key}.mobile"))
    if not _MAIL.fullmatch(contact.email):
        yield MAIL_WRONG.at(Place(key=f"{key}.email"))


def check_driver(driver: Driver, key: str) -> Iterator[Finding]:
    """Identity, licence and mobile number of a driver (S0-20); an unknown district passes."""
    for name, number, wrong in (
        ("identity", driver.identity, IDENTITY),
        ("licence", driver.licence, LICENCE),
    ):
        fault = check_identity(number.strip().upper())
        if fault is not None and fault.kind.severity is Severity.ERROR:
            yield wrong.at(Place(key=f"{key}.{name}".lstrip(".")))
    if not _MOBILE.fullmatch(driver.mobile):
        yield MOBILE_WRONG.at(Place(key=f"{key}.mobile".lstrip(".")))


def check_sub_account(form: SubAccount) -> tuple[Finding, ...]:
    """Login and contact of a sub-account (S0-21, S0-26)."""
    found = list(_said(check_login(form.login), "login", form.login))
    if form.contact is not None:
        found += check_contact(form.contact, "contact")
    return tuple(found)


def is_fleet(types: Iterable[str]) -> bool:
    """Whether a firm of these types has trucks and drivers (S0-14, S0-37)."""
    return bool(FLEETS & set(types))


def _said(fault: Fault | None, key: str, value: str) -> Iterator[Finding]:
    if fault is not None:
        told: FindingKind = fault.kind
        yield told.at(Place(key=key), value, **fault.params)
