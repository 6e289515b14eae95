"""CUSTOMS APPLICATION: is the form itself right: goods, attachments, reason, declaration numbers.

Source: rules.md F.2 (S2-06, S2-14 … S2-22, S2-40, S2-44), H-13, H-14, H-16, H-25, H-43.  Attachments
come as sizes; an adapter measures the pages of a PDF.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.findings import Finding, FindingKind, Severity
from gateway.limits import (
    CUSTOMS_ATTACHMENT_BYTES_MAX,
    CUSTOMS_ATTACHMENTS_MAX,
    CUSTOMS_DECLARATION_CHARACTERS,
    CUSTOMS_DECLARATIONS_MAX,
    CUSTOMS_GOODS_NAMES_CHARACTERS_MAX,
    CUSTOMS_PAGE_BYTES_MAX,
    CUSTOMS_REASON_BYTES_MAX,
)
from gateway.rules.calendar import port_day
from gateway.rules.registration import check_appointment_number, check_declaration, check_hs
from gateway.rules.verdict import NOTHING, Check, Clause, kind

# 进出口标志 as declaration numbers carry it.
Flow = Literal["1", "0"]
FLOWS = {"1": ("进口", "import"), "0": ("出口", "export")}
_FLAG_AT = 8
_SERIAL_DIGITS = 11

GOODS_NAMES_TOO_LONG = kind(
    "GOODS_NAMES_TOO_LONG",
    "商品名称合计 {count} 个字符，超过 {most}",
    "the goods names have {count} characters together, more than {most}",
    ("请缩短或合并商品名称", "shorten the names"),
)
TOO_MANY_FILES = kind(
    "ATTACHMENTS_TOO_MANY",
    "附件 {count} 个，最多 {most} 个",
    "{count} attachments, at most {most}",
)
NOT_PDF = kind(
    "ATTACHMENT_NOT_PDF",
    "附件“{value}”的后缀不是 .pdf",
    "attachment “{value}” does not end with .pdf",
)
FILE_TOO_LARGE = kind(
    "ATTACHMENT_TOO_LARGE",
    "第 {ordinal} 个附件 {count} 字节，超过 4M({most} 字节)",
    "attachment {ordinal} has {count} bytes, more than 4 MiB ({most} bytes)",
)
PAGE_TOO_LARGE = kind(
    "ATTACHMENT_PAGE_TOO_LARGE",
    "第 {ordinal} 个附件第 {page} 页 {count} 字节，超过 200K({most} 字节)",
    "attachment {ordinal}, page {page} has {count} bytes, more than 200 KiB ({most} bytes)",
    ("请降低扫描分辨率", "scan it with a lower resolution"),
)
REASON_TOO_LONG = kind(
    "REASON_TOO_LONG",
    "事由 {count} 字节，超过 {most}",
    "the reason has {count} bytes, more than {most}",
)
TOO_MANY_NUMBERS = kind(
    "DECLARATIONS_TOO_MANY",
    "报关单号 {count} 个，最多 {most} 个",
    "{count} declaration numbers, at most {most}",
)
NUMBER_LENGTH = kind(
    "DECLARATION_LENGTH",
    "报关单号“{value}”不是 18 位",
    "declaration number “{value}” does not have 18 characters",
)
NUMBER_TWICE = kind(
    "DECLARATION_TWICE",
    "报关单号“{value}”重复",
    "declaration number “{value}” is given twice",
    severity="warning",
)


def _mismatch(code: str, zh: str, en: str) -> FindingKind:
    return kind(code, zh, en, severity="warning")


FLAG_DIFFERS = _mismatch(
    "DECLARATION_FLAG",
    "报关单“{value}”是{theirs}，与申请的进出口标志({ours})不一致",
    "declaration “{value}” is an {theirs_en}, the application an {ours_en}",
)
FIRM_DIFFERS = _mismatch(
    "DECLARATION_FIRM",
    "报关单“{value}”的收发货企业与申请不一致",
    "the consignee of declaration “{value}” is not that of the application",
)
PORT_DIFFERS = _mismatch(
    "DECLARATION_PORT",
    "报关单“{value}”的{where}({theirs})与申请({ours})不一致",
    "declaration “{value}”: {where_en} {theirs}, in the application {ours}",
)
DATE_DIFFERS = _mismatch(
    "DECLARATION_DATE",
    "报关单“{value}”的申报时间不晚于申请提交时间",
    "declaration “{value}” was made no later than the application was submitted",
)


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the goods list: its name and 10-digit HS code."""

    name: str
    hs: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: its size in bytes, and of each page the bytes of that page written alone (H-43)."""

    size: int
    pages: Sequence[int] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration number and what is known about the declaration; None is not compared.

    declared: an instant, or a date where no more is known (H-16).
    """

    number: str
    flow: Flow | None = None
    firm: str | None = None
    declaring_port: str | None = None
    entry_exit_port: str | None = None
    declared: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """The form.  firm: the consignee's code 收发货人 (H-25).  flow: its import/export flag.

    mismatch: the severity of S2-18 … S2-22 but for the length of numbers (the switch of H-16).
    """

    submitted: datetime
    declaring_port: str
    entry_exit_port: str
    goods: Sequence[Goods] = ()
    attachments: Sequence[Attachment] = ()
    declarations: Sequence[Declaration] = ()
    flow: Flow | None = None
    firm: str | None = None
    reason: str = ""
    mismatch: Severity = Severity.WARNING


def goods_are_short(form: Application) -> Sequence[Finding]:
    """All goods names together (S2-16)."""
    count = sum(len(goods.name) for goods in form.goods)
    most = CUSTOMS_GOODS_NAMES_CHARACTERS_MAX
    return (GOODS_NAMES_TOO_LONG.at(count=count, most=most),) if count > most else NOTHING


def goods_have_codes(form: Application) -> Sequence[Finding]:
    """Each line has an HS code of 10 digits (S2-15)."""
    faults = ((goods.hs, check_hs(goods.hs)) for goods in form.goods)
    return [fault.kind.at(value=hs, **fault.params) for hs, fault in faults if fault is not None]


def attachments_fit(form: Application) -> Sequence[Finding]:
    """≤ 5 PDF files, each ≤ 4 MiB, each page ≤ 200 KiB (S2-14)."""
    return attachment_findings(form.attachments, CUSTOMS_ATTACHMENTS_MAX)


def attachment_findings(files: Sequence[Attachment], files_max: int) -> list[Finding]:
    """The same bounds for another number of files (S2-32 allows one)."""
    found = []
    if len(files) > files_max:
        found.append(TOO_MANY_FILES.at(count=len(files), most=files_max))
    for ordinal, file in enumerate(files, 1):
        if file.name is not None and not file.name.lower().endswith(".pdf"):
            found.append(NOT_PDF.at(value=file.name))
        if file.size > CUSTOMS_ATTACHMENT_BYTES_MAX:
            most = CUSTOMS_ATTACHMENT_BYTES_MAX
            found.append(FILE_TOO_LARGE.at(ordinal=ordinal, count=file.size, most=most))
        found += _large_pages(ordinal, file)
    return found


def _large_pages(ordinal: int, file: Attachment) -> list[Finding]:
    return [
        PAGE_TOO_LARGE.at(ordinal=ordinal, page=page, count=size, most=CUSTOMS_PAGE_BYTES_MAX)
        for page, size in enumerate(file.pages, 1)
        if size > CUSTOMS_PAGE_BYTES_MAX
    ]


def reason_is_short(form: Application) -> Sequence[Finding]:
    """UTF-8 bytes, a bound of policy (S2-40, H-14)."""
    count = len(form.reason.encode())
    most = CUSTOMS_REASON_BYTES_MAX
    return (REASON_TOO_LONG.at(count=count, most=most),) if count > most else NOTHING


def numbers_are_few(form: Application) -> Sequence[Finding]:
    """≤ 50 (S2-17); the same number twice is told."""
    count, most = len(form.declarations), CUSTOMS_DECLARATIONS_MAX
    found = [TOO_MANY_NUMBERS.at(count=count, most=most)] if count > most else []
    times = Counter(declaration.number for declaration in form.declarations)
    return found + [NUMBER_TWICE.at(value=number) for number, n in times.items() if n > 1]


def numbers_are_well_formed(form: Application) -> Sequence[Finding]:
    """18 characters, always an error; other faults of form by the switch (S2-18, H-16)."""
    found = []
    for declaration in form.declarations:
        number = declaration.number
        if len(number) != CUSTOMS_DECLARATION_CHARACTERS:
            found.append(NUMBER_LENGTH.at(value=number))
        elif fault := check_declaration(number):
            found.append(fault.kind.at(value=number, severity=form.mismatch, **fault.params))
    return found


def flags_agree(form: Application) -> Sequence[Finding]:
    """Number, stated flag and application agree about import or export (S2-19).

    The ninth digit of the number counts; without an application flag the stated one stands in.
    """
    found = []
    for declaration in form.declarations:
        number = declaration.number
        written = number[_FLAG_AT : _FLAG_AT + 1]
        for flow in dict.fromkeys((form.flow, declaration.flow)):
            if flow is not None and written in FLOWS and written != flow:
                found.append(_flag(number, written, flow, form.mismatch))
                break
    return found


def _flag(number: str, written: str, flow: str, severity: Severity) -> Finding:
    zh, en = FLOWS[written]
    ours, ours_en = FLOWS[flow]
    return FLAG_DIFFERS.at(
        value=number, severity=severity, theirs=zh, theirs_en=en, ours=ours, ours_en=ours_en
    )


def firms_agree(form: Application) -> Sequence[Finding]:
    """收发货企业 of the declaration and of the application (S2-20, H-25)."""
    return [
        FIRM_DIFFERS.at(value=declaration.number, severity=form.mismatch)
        for declaration in form.declarations
        if declaration.firm and form.firm and declaration.firm != form.firm
    ]


def ports_agree(form: Application) -> Sequence[Finding]:
    """Declaring port and port of entry or exit (S2-21)."""
    return [
        _port(declaration.number, names, ports, form.mismatch)
        for declaration in form.declarations
        for names, ports in (
            (_DECLARING, (declaration.declaring_port, form.declaring_port)),
            (_ENTRY_EXIT, (declaration.entry_exit_port, form.entry_exit_port)),
        )
        if ports[0] is not None and ports[0] != ports[1]
    ]


_DECLARING = ("申报口岸", "declaring port")
_ENTRY_EXIT = ("进出口岸", "port of entry or exit")


def _port(
    number: str, names: tuple[str, str], ports: tuple[str | None, str], severity: Severity
) -> Finding:
    where, where_en = names
    theirs, ours = ports
    return PORT_DIFFERS.at(
        value=number,
        severity=severity,
        where=where,
        where_en=where_en,
        theirs=theirs,
        ours=ours,
    )


def dates_agree(form: Application) -> Sequence[Finding]:
    """Declared later than the application was submitted (S2-22, H-16)."""
    return [
        DATE_DIFFERS.at(value=declaration.number, severity=form.mismatch)
        for declaration in form.declarations
        if declaration.declared is not None and not _is_later(declaration.declared, form.submitted)
    ]


def _is_later(declared: datetime | date, submitted: datetime) -> bool:
    """Instants are compared where both are known; with a date alone the same day passes."""
    if isinstance(declared, datetime):
        return declared > submitted
    return declared >= port_day(submitted)


FORM: tuple[Check[Application], ...] = (
    Check(Clause("customs-goods-names", "1", "S2-16"), goods_are_short),
    Check(Clause("customs-hs", "1", "S2-15"), goods_have_codes),
    Check(Clause("customs-attachments", "1", "S2-14, H-13, H-43"), attachments_fit),
    Check(Clause("customs-reason", "1", "S2-40, H-14"), reason_is_short),
)
NUMBERS: tuple[Check[Application], ...] = (
    Check(Clause("customs-numbers", "1", "S2-17"), numbers_are_few),
    Check(Clause("customs-number-form", "1", "S2-18"), numbers_are_well_formed),
    Check(Clause("customs-number-flag", "1", "S2-19, H-16"), flags_agree),
    Check(Clause("customs-number-firm", "1", "S2-20, H-16, H-25"), firms_agree),
    Check(Clause("customs-number-ports", "1", "S2-21, H-16"), ports_agree),
    Check(Clause("customs-number-date", "1", "S2-22, H-16"), dates_agree),
)


def pre_entry_number(year: int, serial: int) -> str:
    """预录入编号: YTG + year + 11 digits (S2-07); raises ValueError beyond what fits.

    The caller hands out each serial of a year once.
    """
    if serial < 0:
        raise ValueError(f"no serial: {serial}")
    number = f"YTG{year:04}{serial:0{_SERIAL_DIGITS}}"
    if check_appointment_number(number) is not None:
        raise ValueError(f"no pre-entry number of {year}: {serial}")
    return number
