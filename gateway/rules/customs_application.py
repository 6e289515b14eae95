"""CUSTOMS APPLICATION: is the form itself right: goods, attachments, reason; its number.

Source: rules.md F.2 (S2-06, S2-07, S2-14 … S2-16, S2-40), H-13, H-14, H-43.  Attachments come as
sizes; an adapter measures the pages of a PDF.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.findings import Finding
from gateway.limits import (
    CUSTOMS_ATTACHMENT_BYTES_MAX,
    CUSTOMS_ATTACHMENTS_MAX,
    CUSTOMS_GOODS_NAMES_CHARACTERS_MAX,
    CUSTOMS_PAGE_BYTES_MAX,
    CUSTOMS_REASON_BYTES_MAX,
)
from gateway.rules.customs_form import Application, Attachment
from gateway.rules.registration import check_appointment_number, check_hs
from gateway.rules.verdict import NOTHING, Check, Clause, kind

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


FORM: tuple[Check[Application], ...] = (
    Check(Clause("customs-goods-names", "1", "S2-16"), goods_are_short),
    Check(Clause("customs-hs", "1", "S2-15"), goods_have_codes),
    Check(Clause("customs-attachments", "1", "S2-14, H-13, H-43"), attachments_fit),
    Check(Clause("customs-reason", "1", "S2-40, H-14"), reason_is_short),
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
