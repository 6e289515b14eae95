"""ASKING: which applications there are (S2-33, S2-34, S2-46), and a port's working time (S2-37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.limits import CUSTOMS_QUERY_DAYS_MAX
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.ports import Register
from gateway.pipeline.customs.rows import ApplicationRow, Question
from gateway.pipeline.customs.standing import codes_of
from gateway.pipeline.customs.telling import hears
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.calendar import Hours, at, port_day
from gateway.rules.customs_life import (
    NO_WORKING_TIME,
    QUERY,
    Asker,
    Side,
    decide_query,
    working_time,
)
from gateway.rules.verdict import Verdict, conclude

_PASSED = ("可以查询", "may be queried")
Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Search:
    """A query as asked: side A (申请企业) or B (收发货人 with its code); spans of days."""

    side: Side = "A"
    code: str | None = None
    state: str | None = None
    number: str | None = None
    reference: str | None = None
    applied: Days | None = None
    booked: Days | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer: rows and a cursor, or why not."""

    verdict: Verdict
    rows: tuple[ApplicationRow, ...] = ()
    cursor: str | None = None


def search(office: Office, tx: Tx, account: AccountRef, asked: Search) -> Listed:
    """Own applications, and those where the asker's own firm is the 收发货人.

    Without a span, a number or a reference the last 15 days of application are meant.  Raises
    ValueError for a foreign cursor.
    """
    today = port_day(office.clock.now())
    applied = asked.applied
    if applied is None and not (asked.booked or asked.number or asked.reference):
        applied = (today - timedelta(days=CUSTOMS_QUERY_DAYS_MAX), today)
    verdict = _verdict(asked, applied, today)
    if verdict.outcome == "reject":
        return Listed(verdict)
    code = asked.code if asked.side == "B" else None
    question = Question(
        partner=None if account.operator else account.partner,
        consignee=code,
        owns_consignee=code is not None and owns(office, tx.customs.register, account, code),
        state=asked.state,
        number=asked.number,
        reference=asked.reference,
        applied=_instants(applied),
        booked=_instants(asked.booked),
    )
    rows, cursor = tx.customs.applications.page(question, asked.cursor, asked.limit)
    return Listed(verdict, tuple(rows), cursor)


def _verdict(asked: Search, applied: Days | None, today: date) -> Verdict:
    asker = Asker(asked.side, asked.code)
    first = decide_query("applied", *(applied or (today, today)), asker)
    found = list(first.findings)
    if asked.booked is not None:
        found += decide_query("booked", *asked.booked).findings
    return conclude(found, QUERY, _PASSED)


def _instants(days: Days | None) -> tuple[datetime, datetime] | None:
    """Both days whole, on the port's clock."""
    return None if days is None else (at(days[0], 0), at(days[1] + timedelta(days=1), 0))


def owns(office: Office, register: Register, account: AccountRef, code: str) -> bool:
    """Whether a firm's code is of the account's own firm."""
    if code in codes_of(office.directory.partner(account.partner)):
        return True
    return office.standings(register, [code], office.clock.now()).partner == account.partner


def may_see(office: Office, tx: Tx, account: AccountRef, row: ApplicationRow) -> bool:
    """The applicant, the consignee once it is no draft, customs that were told, operators."""
    if account.operator or row.partner == account.partner:
        return True
    if row.submitted_at is None:
        return False
    if hears(office.directory.partner(account.partner), row):
        return True
    consignee = row.form.get("consignee") or {}
    given = [consignee[name] for name in ("customs_code", "credit_code") if consignee.get(name)]
    return any(owns(office, tx.customs.register, account, code) for code in given)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Working days of a port in a span; days off are not shown."""

    verdict: Verdict
    port: str = ""
    name: str = ""
    days: tuple[tuple[date, Hours], ...] = ()


def working_hours(office: Office, port: str, first: date, last: date) -> WorkingTime:
    """What S2-37 shows; nothing found is told with the advice of the manual."""
    verdict = decide_query("working", first, last)
    if verdict.outcome == "reject":
        return WorkingTime(verdict, port)
    loaded = office.calendars.port(port)
    days = tuple(working_time(loaded.calendar, first, last))
    if not days:
        verdict = conclude((NO_WORKING_TIME.at(value=port),), QUERY, _PASSED)
    return WorkingTime(verdict, port, loaded.name, days)
