"""DECLARATION NUMBERS fed back: do they fit the application.

Source: rules.md F.2 (S2-17 … S2-22, S2-44), H-16, H-25.  A mismatch warns and keeps the number; the
switch of the application makes it an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from gateway.findings import Finding, FindingKind, Severity
from gateway.limits import CUSTOMS_DECLARATION_CHARACTERS, CUSTOMS_DECLARATIONS_MAX
from gateway.rules.calendar import port_day
from gateway.rules.customs_form import FLOWS, Application
from gateway.rules.registration import check_declaration
from gateway.rules.verdict import Check, Clause, kind

# The ninth character of a declaration number is its flag.
_FLAG_AT = 8

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


NUMBERS: tuple[Check[Application], ...] = (
    Check(Clause("customs-numbers", "1", "S2-17"), numbers_are_few),
    Check(Clause("customs-number-form", "1", "S2-18"), numbers_are_well_formed),
    Check(Clause("customs-number-flag", "1", "S2-19, H-16"), flags_agree),
    Check(Clause("customs-number-firm", "1", "S2-20, H-16, H-25"), firms_agree),
    Check(Clause("customs-number-ports", "1", "S2-21, H-16"), ports_agree),
    Check(Clause("customs-number-date", "1", "S2-22, H-16"), dates_agree),
)
