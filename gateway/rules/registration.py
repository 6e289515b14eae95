"""Numbers that authorities register: firms, people, declarations, goods, vehicles.

Source: rules.md E and G.6.  Whole field, ASCII classes (H-45): the plain digit class
admits full-width digits, a plain `$` a trailing line feed.
"""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from gateway.findings import FindingKind, Severity
from gateway.rules.fault import GOOD, Fault

CREDIT_CODE_WRONG = FindingKind(
    "USCC-WRONG",
    Severity.ERROR,
    "“{value}”不是有效的统一社会信用代码",
    "“{value}” is not a valid unified social credit code",
    "18 位，不含 I O S V Z；请核对营业执照",
    "18 characters without I O S V Z; compare with the business licence",
)
IDENTITY_WRONG = FindingKind(
    "IDENTITY-WRONG",
    Severity.ERROR,
    "“{value}”不是有效的居民身份证号",
    "“{value}” is not a valid identity card number",
    "18 位：6 位地区、8 位出生日期、3 位顺序、1 位校验",
    "18 characters: 6 district, 8 date of birth, 3 serial, 1 check",
)
IDENTITY_DISTRICT = FindingKind(
    "IDENTITY-DISTRICT",
    Severity.WARNING,
    "身份证号“{value}”的地区码未知",
    "the district code of identity number “{value}” is not known",
    "请核对前 6 位",
    "compare its first six digits",
)
DECLARATION_WRONG = FindingKind(
    "DECLARATION-WRONG",
    Severity.ERROR,
    "“{value}”不是 18 位报关单号",
    "“{value}” is not a declaration number of 18 digits",
    "4 位关区 + 4 位年份 + 1 位进出口标志(1 进口，0 出口) + 9 位顺序号",
    "4 customs + 4 year + 1 flag (1 import, 0 export) + 9 serial",
)
CUSTOMS_CODE_WRONG = FindingKind(
    "CUSTOMS-CODE-WRONG",
    Severity.ERROR,
    "“{value}”不是 10 位海关编码",
    "“{value}” is not a customs registration code of 10 characters",
    "5 位数字 + 5 位数字或大写字母",
    "5 digits and 5 digits or capital letters",
)
HS_WRONG = FindingKind(
    "HS-WRONG",
    Severity.ERROR,
    "“{value}”不是 10 位商品编码",
    "“{value}” is not an HS code of 10 digits",
    "8 位税号 + 2 位监管附加码",
    "8 digits of the tariff and 2 of supervision",
)
PLATE_WRONG = FindingKind(
    "PLATE-WRONG",
    Severity.ERROR,
    "“{value}”不是有效的车牌号",
    "“{value}” is not a valid licence plate",
    "例如 津A12345、津AD12345(新能源)、津A1234挂",
    "for example 津A12345, 津AD12345 (new energy), 津A1234挂",
)
APPOINTMENT_NUMBER_WRONG = FindingKind(
    "YTG-WRONG",
    Severity.ERROR,
    "“{value}”不是预录入编号",
    "“{value}” is not a pre-entry number",
    "YTG + 15 位数字，以年份开头",
    "YTG and 15 digits, the year first",
)
LOGIN_WRONG = FindingKind(
    "LOGIN-WRONG",
    Severity.ERROR,
    "“{value}”不能作登录名",
    "“{value}” cannot be a login name",
    "4 至 15 个字母或数字",
    "4 to 15 letters or digits",
)

_IDENTITY = re.compile(r"\d{17}[\dX]", re.ASCII)
# stdnum's district table does not know 滨海新区 (rules.md E).
_DISTRICTS_BESIDE_STDNUM = frozenset({"120116"})
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_DECLARATION = re.compile(r"\d{4}(19|20)\d{2}[01]\d{9}", re.ASCII)
_CUSTOMS_CODE = re.compile(r"\d{5}[0-9A-Z]{5}", re.ASCII)
_HS = re.compile(r"\d{10}", re.ASCII)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"
    r"([A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])"
)
_APPOINTMENT_NUMBER = re.compile(r"YTG20\d{13}", re.ASCII)
_LOGIN = re.compile(r"[A-Za-z0-9]{4,15}", re.ASCII)


def check_credit_code(code: str) -> Fault | None:
    """统一社会信用代码 (GB 32100): 18 characters, check character mod 31."""
    if _CREDIT_CODE.fullmatch(code) and uscc.is_valid(code):
        return GOOD
    return Fault(CREDIT_CODE_WRONG)


def check_identity(number: str) -> Fault | None:
    """居民身份证号 and 驾驶证号: a real date and ISO 7064 mod 11-2; an unknown district warns."""
    if not _IDENTITY.fullmatch(number) or not _is_date(number[6:14]):
        return Fault(IDENTITY_WRONG)
    if ric.calc_check_digit(number) != number[-1]:
        return Fault(IDENTITY_WRONG)
    if number[:6] not in _DISTRICTS_BESIDE_STDNUM and not _is_district(number):
        return Fault(IDENTITY_DISTRICT)
    return GOOD


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False


def _is_district(number: str) -> bool:
    try:
        ric.get_birth_place(number)
    except ValidationError:
        return False
    return True


def check_declaration(number: str) -> Fault | None:
    """报关单号: 18 digits, the ninth is 1 (import) or 0 (export)."""
    return GOOD if _DECLARATION.fullmatch(number) else Fault(DECLARATION_WRONG)


def check_customs_code(code: str) -> Fault | None:
    """海关10位编码."""
    return GOOD if _CUSTOMS_CODE.fullmatch(code) else Fault(CUSTOMS_CODE_WRONG)


def check_hs(code: str) -> Fault | None:
    """HS 商品编码, 10 digits as declared; a manifest may say less."""
    return GOOD if _HS.fullmatch(code) else Fault(HS_WRONG)


def check_plate(plate: str) -> Fault | None:
    """车牌: no I and O; new energy has eight characters, a trailer ends with 挂."""
    return GOOD if _PLATE.fullmatch(plate) else Fault(PLATE_WRONG)


def check_appointment_number(number: str) -> Fault | None:
    """预录入编号 of a customs appointment."""
    return GOOD if _APPOINTMENT_NUMBER.fullmatch(number) else Fault(APPOINTMENT_NUMBER_WRONG)


def check_login(name: str) -> Fault | None:
    """Login name (S0)."""
    return GOOD if _LOGIN.fullmatch(name) else Fault(LOGIN_WRONG)
