"""CUSTOMS APPOINTMENT 预约通关: may these firms have these two hours now.

Source: rules.md C.1 (the exact algorithm), G.2, H-4, H-8, H-20 … H-22, H-44; each rule's clause
stands in docs/rules/appointments.md.  The texts of the manual (S2) stand word for word.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.findings import Finding, Severity
from gateway.rules.calendar import (
    PORT_ZONE,
    NoData,
    last_close_before,
    overlap,
    port_day,
    port_keeps_china_time,
)
from gateway.rules.credit import Standing, grade_of, lower
from gateway.rules.customs_request import PROFILES, Profile, Request, Timing
from gateway.rules.verdict import NOTHING, Check, Clause, ask, kind

# (profile, same port) → standing → lead.  S2-27, S2-28; announcement 2018/109 knows no same port.
_SAME = {Standing.GENERAL: timedelta(hours=8), Standing.ADVANCED: timedelta(hours=4)}
_APART = {Standing.GENERAL: timedelta(hours=24), Standing.ADVANCED: timedelta(hours=8)}

_TIME_TEXT = "预约时间不满足海关规定的时长，请重新修改时间！"

CREDIT = kind(
    "CREDIT",
    "失信企业不允许操作",
    "a dishonest firm may not apply",
    ("{who}的信用等级为“{value}”", "the credit class of the {who_en} is “{value}”"),
)
NOT_QUALIFIED = kind(
    "NOT_QUALIFIED",
    "{who}没有报关资质，不能新增预约",
    "the {who_en} has no declaration qualification; it may not apply",
)
UNFED = kind(
    "UNFED",
    "{who}有“通关完成未反馈”的预约，不能新增预约",
    "the {who_en} has a cleared appointment whose declaration numbers were not fed back",
    ("请先反馈报关单号或提交情况说明", "feed the declaration numbers back first, or explain"),
)
GRADE_OF_ANOTHER_TIME = kind(
    "CREDIT_GRADE_DATE",
    "信用等级“{value}”在 {day} 不是现行等级({source})，按其原义处理",
    "credit class “{value}” was not in force on {day} ({source}); it keeps the meaning it had",
    severity="info",
)
ZONE_UNKNOWN = kind(
    "ZONE_UNKNOWN",
    "口岸“{value}”不在北京时间区，无法判断时间",
    "port “{value}” is not known to keep China's time; times cannot be judged",
    ("请填写关区代码(4 位)", "give the customs district code (4 digits)"),
)
CALENDAR_EMPTY = kind(
    "CALENDAR_EMPTY",
    "获取该关区的工作时间表为空",
    "the working time of this customs district is empty",
    (
        "口岸 {value} 没有 {day} 的工作时间；请先查询口岸工作时间，或联系口岸更新工作日历",
        "port {value} has no working time for {day}; look it up, or ask the port to update it",
    ),
)
IN_WORKING_HOURS = kind(
    "IN_WORKING_HOURS",
    _TIME_TEXT,
    "the time does not satisfy customs' rule: it is working time",
    (
        "口岸 {value} 在 {day} {opening} 办公，预约须在工作时间之外",
        "port {value} works on {day} {opening}; appointments lie outside working time",
    ),
)
TOO_LATE = kind(
    "TOO_LATE",
    _TIME_TEXT,
    "the time does not satisfy customs' rule: submitted too late",
    ("最迟应在 {deadline} 提交", "it had to be submitted by {deadline}"),
)
SITUATION = kind(
    "CARGO_SITUATION",
    "货物不属于可预约通关的三种情形",
    "the cargo is in none of the three situations that allow an appointment",
    (
        "国家救灾等物资或危险品；鲜活、冷冻、易腐；海关认可的其他急需货物",
        "disaster relief or dangerous; live, frozen or perishable; urgent with customs' consent",
    ),
)


def credit_allows(request: Request) -> Sequence[Finding]:
    """Step 0: neither firm is dishonest on the day of submission (S2-10 … S2-12, S2-24)."""
    day = port_day(request.submitted)
    found: list[Finding] = []
    for who, who_en, firm in request.firms:
        graded = grade_of(firm.credit, day)
        if graded.standing is Standing.BARRED:
            found.append(CREDIT.at(value=firm.credit, who=who, who_en=who_en))
        if not graded.current:
            source = graded.source
            found.append(GRADE_OF_ANOTHER_TIME.at(value=firm.credit, day=day, source=source))
    return found


def firms_are_qualified(request: Request) -> Sequence[Finding]:
    """Step 0a: both have a declaration qualification 报关资质 (S2-23)."""
    return [
        NOT_QUALIFIED.at(who=who, who_en=who_en)
        for who, who_en, firm in request.firms
        if not firm.qualified
    ]


def nothing_is_unfed(request: Request) -> Sequence[Finding]:
    """Step 0b: neither has an application in 通关完成未反馈 (S2-25)."""
    return [UNFED.at(who=who, who_en=who_en) for who, who_en, firm in request.firms if firm.unfed]


def situation_allows(request: Request) -> Sequence[Finding]:
    """Announcement 2018/109: one of its three cargo situations, where the form asks for it."""
    if request.profile == "strict-109" and request.situation == "none":
        return (SITUATION.at(),)
    return NOTHING


def ports_keep_china_time(request: Request) -> Sequence[Finding]:
    """Working time is wall time of the port; a port of unknown zone is never judged."""
    strange = [port for port in request.ports if not port_keeps_china_time(port)]
    return [ZONE_UNKNOWN.at(value=port) for port in strange]


def window_is_free(request: Request) -> Sequence[Finding]:
    """Steps 1 and 2: [S, E) is covered and outside working time in every port (S2-26, H-4, H-22).

    A port without data is told before working time is looked at, as the algorithm has it.
    """
    empty: list[Finding] = []
    working: list[Finding] = []
    for port in request.ports:
        try:
            hit = overlap(request.calendar(port), request.start, request.end)
        except NoData as gap:
            empty.append(CALENDAR_EMPTY.at(value=port, day=gap.day))
            continue
        if hit is not None:
            working.append(IN_WORKING_HOURS.at(value=port, day=hit[0], opening=hit[1]))
    return empty or working


def lead(request: Request) -> timedelta | None:
    """How long before it must be submitted; None where a firm is barred (S2-08, S2-27, S2-28)."""
    day = port_day(request.submitted)
    standing = lower(request.declarant.credit, request.consignee.credit, day)
    same = request.profile == "s2" and len(request.ports) == 1
    return (_SAME if same else _APART).get(standing)


def timing(request: Request) -> Timing:
    """Steps 3 and 4: the last instant to submit; under strict-109 it is S minus the lead.

    Clock hours (H-8).  Raises NoData where the declaring port's calendar does not reach back far
    enough.
    """
    before = lead(request)
    if before is None:
        return Timing()
    if request.profile == "strict-109":
        return Timing(request.start.astimezone(PORT_ZONE) - before)
    calendar = request.calendar(request.declaring_port)
    day, close = last_close_before(calendar, request.start)
    return Timing(close - before, day)


def is_in_time(request: Request, timed: Timing) -> Sequence[Finding]:
    """Step 5: submitted at the deadline is in time."""
    if timed.deadline is None or request.submitted <= timed.deadline:
        return NOTHING
    return (TOO_LATE.at(deadline=f"{timed.deadline:%Y-%m-%d %H:%M:%S}"),)


# Steps 0, 0a, 0b: they bar a new application before any time is looked at (A18).
BARS: tuple[Check[Request], ...] = (
    Check(Clause("customs-credit", "1", "S2-08 … S2-12, S2-24"), credit_allows),
    Check(Clause("customs-qualification", "1", "S2-23"), firms_are_qualified),
    Check(Clause("customs-unfed", "1", "S2-25"), nothing_is_unfed),
)
PLACES: tuple[Check[Request], ...] = (
    Check(Clause("customs-situation", "1", "announcement 2018/109, art. 1"), situation_allows),
    Check(Clause("customs-zone", "1", "house.md 5: an unknown zone"), ports_keep_china_time),
    Check(Clause("customs-window", "1", "S2-05, S2-26, S2-38, H-4, H-22"), window_is_free),
)
_OF_THE_WINDOW = frozenset({CALENDAR_EMPTY.code, IN_WORKING_HOURS.code})
LEAD = Clause("customs-lead", "1", "S2-27, S2-28, S2-39, H-8, H-21")
LEAD_109 = Clause("customs-lead-109", "1", "announcement 2018/109; H-44")


def clauses(profile: Profile) -> tuple[Clause, ...]:
    """What a profile asks."""
    asked = tuple(check.clause for check in (*BARS, *PLACES))
    return (*asked, LEAD if profile == "s2" else LEAD_109)


def examine(request: Request) -> tuple[list[Finding], Timing]:
    """Every failed check at once; a barred firm's times are not looked at.

    Raises ValueError for a profile that does not exist.
    """
    if request.profile not in PROFILES:
        raise ValueError(f"no profile {request.profile!r}")
    found = ask(BARS, request)
    if any(finding.severity is Severity.ERROR for finding in found):
        return found, Timing()
    placed = ask(PLACES, request)
    found += placed
    try:
        timed = timing(request)
    except NoData as gap:
        # Where the window was refused already, the gap before it is not the applicant's business.
        if not any(finding.code in _OF_THE_WINDOW for finding in placed):
            found.append(CALENDAR_EMPTY.at(value=request.declaring_port, day=gap.day))
        return found, Timing()
    return [*found, *is_in_time(request, timed)], timed
