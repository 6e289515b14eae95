"""GATE APPOINTMENT 预约集港, 进口提箱: may this firm have this slot for this box.

Source: rules.md C.3, F.4, G.3, H-1 … H-3, H-42; figures are those of `GatePolicy`.  Facts come from
the documents that were accepted; a fact that is not there counts as missing, never as given.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.findings import Finding, Severity
from gateway.rules.gate_request import DIRECTIONS, GateRequest, receiving_window, shown
from gateway.rules.identifiers import CONTAINER_CHECK_DIGIT, check_container_number
from gateway.rules.permission import CHECKS, RULES, PermissionCase
from gateway.rules.registration import check_identity, check_plate
from gateway.rules.verdict import NOTHING, Check, Clause, Verdict, ask, conclude, kind

QUOTA = kind(
    "QUOTA",
    "该时段名额已满({used}/{quota})",
    "the slot is full ({used} of {quota})",
    ("请另选时段", "choose another slot"),
)
TOO_EARLY = kind(
    "TOO_EARLY",
    "时段早于开港时间 {opens}",
    "the slot lies before the receiving window, which opens {opens}",
    ("请选择开港之后的时段", "choose a slot after that"),
)
AFTER_CUTOFF = kind(
    "AFTER_CUTOFF",
    "时段不早于截港时间 {closes}",
    "the slot does not lie before the closing of the yard, {closes}",
    ("请联系船公司或改配其他航次", "ask the carrier, or use another voyage"),
)
SLOT_PAST = kind("SLOT_PAST", "时段已结束", "the slot is over")
NOT_RELEASED = kind(
    "POOL_NOT_RELEASED",
    "该时段 {released} 起放号",
    "the slot is released {released}",
)
NO_SCHEDULE = kind(
    "NO_SCHEDULE",
    "没有该航次的船期(靠泊时间或截港时间)",
    "the schedule of this call (ETB or closing) is not known",
    ("请等待船期表", "wait for the vessel schedule"),
)
BAD_CHECK_DIGIT = kind(
    "BAD_CHECK_DIGIT",
    "箱号 {value} 的校验位应为 {expected}",
    "container {value}: the check digit should be {expected}",
    ("请核对箱号", "compare with the box"),
)
BAD_CONTAINER = kind(
    "BAD_CONTAINER",
    "“{value}”不是有效箱号",
    "“{value}” is not a container number",
    ("4 个大写字母(第四个为 U、J、Z)+ 7 位数字", "4 letters (the fourth U, J or Z), 7 digits"),
)
DUPLICATE_LIVE = kind(
    "DUPLICATE_LIVE",
    "箱 {value} 已有一个有效的{zh}",
    "box {value} has a live {en} appointment already",
    ("请先取消原预约", "cancel it first"),
)
SUSPENDED = kind(
    "SUSPENDED",
    "车队因违约暂停预约至 {until}",
    "the fleet is suspended for breaches until {until}",
)
BAD_PLATE = kind("BAD_PLATE", "“{value}”不是有效车牌号", "“{value}” is not a licence plate")
BAD_DRIVER = kind("BAD_DRIVER", "司机身份证号无效", "the driver's identity number is not valid")
NOT_IN_YARD = kind("NOT_IN_YARD", "箱 {value} 不在场", "box {value} is not in the yard")
_TRUCK = (
    ("truck_owned", kind("TRUCK_NOT_OWNED", "车辆不属于该车队", "the truck is not the fleet's")),
    ("driver_filed", kind("DRIVER_NOT_FILED", "司机未备案", "the driver is not filed")),
    ("card_active", kind("CARD_NOT_ACTIVE", "智能卡未激活", "the smart card is not active")),
)
NO_DRIVER = kind("NO_DRIVER", "没有备案司机", "no filed driver is named")


def _missing(code: str, zh: str, en: str) -> tuple[str, str, str]:
    return code, f"未收到{zh}", f"no {en}"


# Fact → code, zh, en; F.4 and the match keys of C.3.
_EXPORT_NEEDS = {
    "booking": _missing("NO_BOOKING", " BOOKING", "BOOKING was received for this box"),
    "eclp": _missing("NO_ECLP", " E-CLP", "E-CLP names this box"),
    "vgm": _missing("NO_VGM", " VGM(验证总质量)", "VGM was received for this box"),
}
_IMPORT_NEEDS = {
    "delivery_order": _missing("NO_DO", " D/O", "delivery order was received for this box"),
    "customs_released": ("NOT_RELEASED_BY_CUSTOMS", "海关尚未放行", "customs have not released it"),
    "fees_paid": ("UNPAID", "费用未缴清", "its fees are not paid"),
}
_NEEDS = {"export_gate_in": _EXPORT_NEEDS, "import_pickup": _IMPORT_NEEDS}
_MISSING = {fact: kind(*words) for needs in _NEEDS.values() for fact, words in needs.items()}


def firm_may(request: GateRequest) -> Sequence[Finding]:
    """The permission decision about this function (P1, P11)."""
    case = PermissionCase(
        request.direction, request.firm, request.account, request.terminal, request.profile
    )
    return ask(CHECKS, case)


def fleet_is_not_suspended(request: GateRequest) -> Sequence[Finding]:
    """C.3: three breaches in 30 days suspend for 7 days (P9)."""
    until = request.suspended_until
    if until is None or request.requested >= until:
        return NOTHING
    return (SUSPENDED.at(until=shown(until)),)


def slot_is_in_window(request: GateRequest) -> Sequence[Finding]:
    """The slot's start lies in the window (H-42, P4); a slot that is over is not given out."""
    slot = request.slot
    if request.direction == "export_gate_in":
        window = receiving_window(request.vessel_call, request.policy)
        if window is None:
            return (NO_SCHEDULE.at(),)
        if slot.start < window[0]:
            return (TOO_EARLY.at(opens=shown(window[0])),)
        if slot.start >= window[1]:
            return (AFTER_CUTOFF.at(closes=shown(window[1])),)
    return (SLOT_PAST.at(),) if request.requested >= slot.end else NOTHING


def slot_has_room(request: GateRequest) -> Sequence[Finding]:
    """Quota of the pool (P2, P3); the store takes the place in the same transaction."""
    slot = request.slot
    found = []
    if slot.released is not None and request.requested < slot.released:
        found.append(NOT_RELEASED.at(released=shown(slot.released)))
    if slot.used >= slot.quota:
        found.append(QUOTA.at(used=slot.used, quota=slot.quota))
    return found


def box_is_right(request: GateRequest) -> Sequence[Finding]:
    """ISO 6346; here a wrong check digit refuses, for a person typed it (P8)."""
    fault = check_container_number(request.container)
    if fault is None:
        return NOTHING
    if fault.kind is CONTAINER_CHECK_DIGIT:
        return (BAD_CHECK_DIGIT.at(value=request.container, **fault.params),)
    return (BAD_CONTAINER.at(value=request.container),)


def box_is_free(request: GateRequest) -> Sequence[Finding]:
    """At most one live appointment of a box and direction (P12)."""
    if not request.facts.live_appointment:
        return NOTHING
    zh, en = DIRECTIONS[request.direction]
    return (DUPLICATE_LIVE.at(value=request.container, zh=zh, en=en),)


def papers_are_there(request: GateRequest) -> Sequence[Finding]:
    """Documents first, then the appointment: C.3, F.4 (P2, P10)."""
    facts = request.facts
    needed = _NEEDS[request.direction]
    found = [_MISSING[fact].at() for fact in needed if not getattr(facts, fact)]
    if request.direction == "import_pickup" and facts.in_yard is False:
        found.append(NOT_IN_YARD.at(value=request.container))
    return found


def truck_is_right(request: GateRequest) -> Sequence[Finding]:
    """Plate and driver where they are given; a driver must be named if the switch says so (H-3)."""
    found = [
        missing.at()
        for fact, missing in _TRUCK
        if getattr(request.facts, fact) is False
        and (fact != "driver_filed" or request.policy.driver_filing_required)
    ]
    if request.plate is not None and check_plate(request.plate) is not None:
        found.append(BAD_PLATE.at(value=request.plate))
    if request.driver is None:
        if request.policy.driver_filing_required:
            found.append(NO_DRIVER.at())
    elif (fault := check_identity(request.driver)) and fault.kind.severity is Severity.ERROR:
        # The number itself is nobody's business but the driver's.
        found.append(BAD_DRIVER.at())
    return found


GATE_CHECKS: tuple[Check[GateRequest], ...] = (
    Check(Clause("gate-suspension", "1", "C.3 policy; P9"), fleet_is_not_suspended),
    Check(Clause("gate-window", "1", "C.3 policy; H-42; P4"), slot_is_in_window),
    Check(Clause("gate-quota", "1", "C.3; P2, P3"), slot_has_room),
    Check(Clause("gate-container", "1", "rules.md E; P8"), box_is_right),
    Check(Clause("gate-one-live", "1", "C.3; P12"), box_is_free),
    Check(Clause("gate-papers", "1", "C.3, F.4; S0-24; P2, P10"), papers_are_there),
    Check(Clause("gate-truck", "1", "C.3; S0-19, S0-37, S0-42, H-3"), truck_is_right),
)
GATE_RULES: tuple[Clause, ...] = (*RULES, *(check.clause for check in GATE_CHECKS))


def decide_gate(request: GateRequest) -> Verdict:
    """Every failed check at once; accepted means that one place of the slot is taken."""
    found = [*firm_may(request), *ask(GATE_CHECKS, request)]
    zh, en = DIRECTIONS[request.direction]
    slot = f"{shown(request.slot.start)} - {shown(request.slot.end)}"
    passed = (f"{zh}已确认：{slot}", f"the {en} is confirmed: {slot}")
    return conclude(found, GATE_RULES, passed)
