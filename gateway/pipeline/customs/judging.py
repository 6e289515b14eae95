"""JUDGING a submission: facts of the store, the calendars and the register before the rules of C.1.

The functions of `gateway decide customs-appointment` decide; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.findings import Finding
from gateway.limits import CUSTOMS_FINDINGS_MAX
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.ports import FirmStanding, PortCalendar
from gateway.pipeline.customs.rows import ApplicationRow, AttachmentRow
from gateway.pipeline.customs.standing import codes_of
from gateway.pipeline.ports import Tx
from gateway.rules import appointment_customs as rules
from gateway.rules import customs_fields as fields
from gateway.rules.credit import credit_table
from gateway.rules.customs_application import FORM
from gateway.rules.customs_declarations import NUMBERS
from gateway.rules.customs_drafts import SUBMIT
from gateway.rules.customs_request import Firm, Request, Timing
from gateway.rules.verdict import Clause, Verdict, ask, conclude

_PASSED = ("预约时间符合规定", "the time satisfies customs' rules")
_NAMES = {"declarant": ("申报单位", "declarant"), "consignee": ("收发货人", "consignee")}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided about a submission; facts: calendars and tables that it relied on."""

    verdict: Verdict
    timing: Timing
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the application."""
        verdict, timing = self.verdict, self.timing
        return {
            "outcome": verdict.outcome,
            "codes": list(verdict.codes),
            "rules": [clause.as_json() for clause in verdict.rules],
            "explanation": dict(verdict.explanation),
            "findings": [finding.as_json() for finding in verdict.findings][:CUSTOMS_FINDINGS_MAX],
            "deadline": forms.shown(timing.deadline),
            "calendar_day": timing.calendar_day.isoformat() if timing.calendar_day else None,
            "facts": self.facts,
        }


def judge(
    office: Office, tx: Tx, row: ApplicationRow, files: Iterable[AttachmentRow], now: datetime
) -> Judgement:
    """May this application be submitted now: every failed check at once."""
    found = list(ask(fields.FIELDS, fields.Fields(row.form)))
    standings = {side: _standing(office, tx, row, side, now) for side in forms.SIDES}
    found += _about_firms(office, row, standings)
    calendars = _calendars(office, row)
    timing = Timing()
    request = _request(office, tx, row, standings, calendars, now)
    if request is not None:
        more, timing = rules.examine(request)
        found += more
    checks = (*FORM, *NUMBERS)
    found += ask(checks, forms.application(row, now, office.terms.mismatch, files))
    found += _unlisted_goods(tx, row)
    clauses = _clauses(office, checks)
    facts = {
        "profile": office.terms.profile,
        "submitted": forms.shown(now),
        "calendars": {port: loaded.version for port, loaded in calendars.items()},
        "credit_table": credit_table().version,
        "credit": {side: each.credit for side, each in standings.items()},
    }
    return Judgement(conclude(found, clauses, _PASSED), timing, facts)


def _clauses(office: Office, checks: Iterable[Any]) -> tuple[Clause, ...]:
    asked = (check.clause for check in (*fields.FIELDS, *checks))
    return (SUBMIT, *rules.clauses(office.terms.profile), *asked)


def _standing(
    office: Office, tx: Tx, row: ApplicationRow, side: str, now: datetime
) -> FirmStanding:
    return office.standings(tx.customs.register, forms.codes(row.form, side), now)


def _about_firms(
    office: Office, row: ApplicationRow, standings: dict[str, FirmStanding]
) -> list[Finding]:
    """Firms that nobody knows, and a declarant that is not the one signed in (S2-04)."""
    found = [
        fields.FIRM_UNKNOWN.at(value=given[0], who=_NAMES[side][0], who_en=_NAMES[side][1])
        for side, standing in standings.items()
        if not standing.known and (given := forms.codes(row.form, side))
    ]
    given = forms.codes(row.form, "declarant")
    if given and not _is_own(office, row, standings["declarant"].partner, given):
        found.append(fields.DECLARANT_FOREIGN.at(value=given[0]))
    return found


def _is_own(office: Office, row: ApplicationRow, owner: str | None, given: list[str]) -> bool:
    """Whether the declarant is the account's firm; a partner without codes is taken at its word."""
    if owner is not None:
        return owner == row.partner
    own = codes_of(office.directory.partner(row.partner))
    return not own or bool(own & set(given))


def _calendars(office: Office, row: ApplicationRow) -> dict[str, PortCalendar]:
    ports = (row.form.get("declaring_port"), row.form.get("entry_exit_port"))
    return {port: office.calendars.port(port) for port in dict.fromkeys(ports) if port}


def _request(
    office: Office,
    tx: Tx,
    row: ApplicationRow,
    standings: dict[str, FirmStanding],
    calendars: dict[str, PortCalendar],
    now: datetime,
) -> Request | None:
    """The time as the rules ask for it; None where the form does not say enough."""
    start = forms.instant(row.form.get("start"))
    declaring, entry_exit = row.form.get("declaring_port"), row.form.get("entry_exit_port")
    if start is None or not declaring or not entry_exit:
        return None
    firms = [_firm(tx, row, side, standings[side]) for side in forms.SIDES]
    return Request(
        submitted=now,
        start=start,
        declaring_port=declaring,
        entry_exit_port=entry_exit,
        declarant=firms[0],
        consignee=firms[1],
        calendars={port: loaded.calendar for port, loaded in calendars.items()},
        profile=office.terms.profile,
        situation=row.form.get("situation"),
    )


def _firm(tx: Tx, row: ApplicationRow, side: str, standing: FirmStanding) -> Firm:
    unfed = tx.customs.applications.unfed(forms.codes(row.form, side))
    return Firm(standing.credit, standing.qualified, unfed)


def _unlisted_goods(tx: Tx, row: ApplicationRow) -> list[Finding]:
    """HS codes that the loaded list does not have (S2-15); without a list nothing is said."""
    register = tx.customs.register
    if not register.lists_goods():
        return []
    given = dict.fromkeys(each["hs"] for each in row.form.get("goods", ()))
    return [fields.HS_NOT_LISTED.at(value=hs) for hs in given if not register.goods(hs, 1)]
