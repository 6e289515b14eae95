"""FORMS: the stored fields of an application as the rules take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from gateway.findings import Severity
from gateway.pipeline.customs.rows import ApplicationRow, AttachmentRow
from gateway.rules import customs_form as rules
from gateway.rules.calendar import PORT_ZONE
from gateway.rules.customs_request import WINDOW

SIDES = ("declarant", "consignee")
_CODES = ("customs_code", "credit_code")


def instant(text: str | None) -> datetime | None:
    """`2026-11-28T10:00:00+08:00`; None for nothing."""
    return None if text is None else datetime.fromisoformat(text)


def shown(at: datetime | None) -> str | None:
    """An instant on the port's clock, to the second."""
    return None if at is None else at.astimezone(PORT_ZONE).isoformat(timespec="seconds")


def end_of(start: datetime | None) -> datetime | None:
    """S2-13: the end is the start and two hours."""
    return None if start is None else start + WINDOW


def codes(form: Mapping[str, Any], side: str) -> list[str]:
    """The customs and the credit code of one firm, those that are given."""
    firm = form.get(side) or {}
    return [firm[name] for name in _CODES if firm.get(name)]


def attachments(rows: Iterable[AttachmentRow], purpose: str) -> list[rules.Attachment]:
    """Files of one purpose by their sizes."""
    return [
        rules.Attachment(row.size, row.pages, row.name) for row in rows if row.purpose == purpose
    ]


def declarations(
    form: Mapping[str, Any], given: Iterable[Mapping[str, Any]]
) -> list[rules.Declaration]:
    """Declaration numbers; a firm given by the consignee's credit code is the consignee, too."""
    consignee = codes(form, "consignee")
    return [
        rules.Declaration(
            number=each["number"],
            flow=each.get("flag"),
            firm=consignee[0] if each.get("firm") in consignee else each.get("firm"),
            declaring_port=each.get("declaring_port"),
            entry_exit_port=each.get("entry_exit_port"),
            declared=_declared(each.get("declared")),
        )
        for each in given
    ]


def _declared(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def application(
    row: ApplicationRow,
    submitted: datetime,
    mismatch: Severity,
    files: Iterable[AttachmentRow] = (),
    given: Iterable[Mapping[str, Any]] | None = None,
) -> rules.Application:
    """The form as the rules take it; given: the declaration numbers, else those of the form."""
    form = row.form
    numbers = form.get("declarations", ()) if given is None else given
    consignee = codes(form, "consignee")
    return rules.Application(
        submitted=submitted,
        declaring_port=form.get("declaring_port") or "",
        entry_exit_port=form.get("entry_exit_port") or "",
        goods=[rules.Goods(each["name"], each["hs"]) for each in form.get("goods", ())],
        attachments=attachments(files, "application"),
        declarations=declarations(form, numbers),
        flow=form.get("flag"),
        firm=consignee[0] if consignee else None,
        reason=form.get("reason") or "",
        mismatch=mismatch,
    )
