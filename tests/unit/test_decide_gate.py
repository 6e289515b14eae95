"""KIND `gate-appointment`: the worked examples of rules.md G.3 and every code."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case
from gateway.rules.gate_life import breach_count

BOX = "CSQU3054383"


def at(text):
    return datetime.fromisoformat(f"{text}+08:00").isoformat()


def fleet(*types, **more):
    return {
        "types": list(types) or ["普通车队"],
        "state": "active",
        "terminal_approved": ["T1"],
        "payment_enabled": True,
        "suspended_until": None,
        **more,
    }


CALL = {"etb": at("2026-12-01 00:00"), "open": None, "gate_close": at("2026-11-30 12:00")}
PAPERS = {
    "booking": True,
    "eclp": True,
    "vgm": True,
    "delivery_order": False,
    "customs_released": False,
    "fees_paid": False,
    "live_appointment": False,
}
IMPORT_PAPERS = {
    "booking": False,
    "eclp": False,
    "vgm": False,
    "delivery_order": True,
    "customs_released": True,
    "fees_paid": True,
    "live_appointment": False,
}


def slot(start="2026-11-29 14:00", quota=1, used=0, **more):
    begins = datetime.fromisoformat(at(start))
    ends = begins + timedelta(hours=1)
    return {
        "start": begins.isoformat(),
        "end": ends.isoformat(),
        "quota": quota,
        "used": used,
        **more,
    }


def gate_in(**more):
    return {
        "profile": "merged",
        "direction": "export_gate_in",
        "requested": at("2026-11-28 10:00"),
        "slot": slot(),
        "vessel_call": CALL,
        "container": BOX,
        "facts": PAPERS,
        "partner": fleet(),
        **more,
    }


def pick_up(**more):
    return gate_in(direction="import_pickup", vessel_call=None, facts=IMPORT_PAPERS) | more


def decide(case):
    return decide_case("gate-appointment", json.dumps(case, ensure_ascii=False).encode())


G3 = [
    ("P1 merged", gate_in(partner=fleet("货代")), ["FORBIDDEN"]),
    ("P1 table2", gate_in(partner=fleet("货代"), profile="table2"), ["FORBIDDEN"]),
    ("P1 table1", gate_in(partner=fleet("货代"), profile="table1"), []),
    ("P2", gate_in(), []),
    ("P3", gate_in(slot=slot(used=1)), ["QUOTA"]),
    ("P4", gate_in(slot=slot("2026-11-23 23:00")), ["TOO_EARLY"]),
    ("P8", gate_in(container="CSQU3054384"), ["BAD_CHECK_DIGIT"]),
    ("P10 unpaid", pick_up(facts={**IMPORT_PAPERS, "fees_paid": False}), ["UNPAID"]),
    ("P10 paid", pick_up(), []),
    ("P11", pick_up(partner=fleet(payment_enabled=False)), ["PAYMENT_NOT_ENABLED"]),
    ("P12", gate_in(facts={**PAPERS, "live_appointment": True}), ["DUPLICATE_LIVE"]),
    (
        "P12 pick-up",
        pick_up(facts={**IMPORT_PAPERS, "live_appointment": "GA-1"}),
        ["DUPLICATE_LIVE"],
    ),
]
WINDOW = [
    ("first instant", gate_in(slot=slot("2026-11-24 00:00"), requested=at("2026-11-23 10:00")), []),
    ("last slot", gate_in(slot=slot("2026-11-30 11:00")), []),
    ("start in the window, end beyond", gate_in(slot=slot("2026-11-30 11:59")), []),
    ("at the closing", gate_in(slot=slot("2026-11-30 12:00")), ["AFTER_CUTOFF"]),
    (
        "开港 later than ETB - 7 d",
        gate_in(vessel_call={**CALL, "open": at("2026-11-29 15:00")}),
        ["TOO_EARLY"],
    ),
    ("no schedule", gate_in(vessel_call=None), ["NO_SCHEDULE"]),
    ("no closing", gate_in(vessel_call={"etb": CALL["etb"]}), ["NO_SCHEDULE"]),
    ("no ETB, no 开港", gate_in(vessel_call={**CALL, "etb": None}), ["NO_SCHEDULE"]),
    ("over", gate_in(requested=at("2026-11-29 15:00")), ["SLOT_PAST"]),
    ("pick-up over", pick_up(requested=at("2026-11-29 15:00")), ["SLOT_PAST"]),
    (
        "not yet released",
        gate_in(slot=slot(released=at("2026-11-28 14:00"))),
        ["POOL_NOT_RELEASED"],
    ),
    ("released", gate_in(slot=slot(released=at("2026-11-28 10:00"))), []),
    (
        "a window of the policy",
        gate_in(slot=slot("2026-11-27 23:00"), policy={"window_days_before_etb": 3}),
        ["TOO_EARLY"],
    ),
]
PAPER_CODES = [
    ("booking", gate_in(facts={**PAPERS, "booking": False}), ["NO_BOOKING"]),
    ("E-CLP", gate_in(facts={**PAPERS, "eclp": None}), ["NO_ECLP"]),
    ("VGM", gate_in(facts={**PAPERS, "vgm": ""}), ["NO_VGM"]),
    ("numbers are facts", gate_in(facts={"booking": "B1", "eclp": "E1", "vgm": "V1"}), []),
    ("nothing known", gate_in(facts={}), ["NO_BOOKING", "NO_ECLP", "NO_VGM"]),
    ("D/O", pick_up(facts={**IMPORT_PAPERS, "delivery_order": False}), ["NO_DO"]),
    (
        "customs",
        pick_up(facts={**IMPORT_PAPERS, "customs_released": False}),
        ["NOT_RELEASED_BY_CUSTOMS"],
    ),
    (
        "nothing known of a pick-up",
        pick_up(facts={}),
        ["NO_DO", "NOT_RELEASED_BY_CUSTOMS", "UNPAID"],
    ),
    ("not in the yard", pick_up(facts={**IMPORT_PAPERS, "in_yard": False}), ["NOT_IN_YARD"]),
    ("in the yard", pick_up(facts={**IMPORT_PAPERS, "in_yard": True}), []),
]
BOXES = [
    ("full-width digit", gate_in(container="CSQU30543８3"), ["BAD_CONTAINER"]),
    ("digits in the owner code", gate_in(container="1A2U3054381"), ["BAD_CONTAINER"]),
    ("category R", gate_in(container="MSKR1234563"), ["BAD_CONTAINER"]),
    ("remainder 10", gate_in(container="TSTU0000020"), []),
    ("line feed", gate_in(container=BOX + "\n"), ["BAD_CONTAINER"]),
]
TRUCKS = [
    ("plate", gate_in(plate="津A12345"), []),
    ("no plate", gate_in(plate="津O12345"), ["BAD_PLATE"]),
    ("driver", gate_in(driver="11010519491231002X"), []),
    ("driver of 滨海新区", gate_in(driver="12011619851120003X"), []),
    ("no driver's number", gate_in(driver="120107198511200031"), ["BAD_DRIVER"]),
    ("H-3 off", gate_in(facts={**PAPERS, "driver_filed": False}), []),
    ("H-3 on", gate_in(policy={"driver_filing_required": True}), ["NO_DRIVER"]),
    (
        "H-3 on, not filed",
        gate_in(
            policy={"driver_filing_required": True},
            driver="11010519491231002X",
            facts={**PAPERS, "driver_filed": False},
        ),
        ["DRIVER_NOT_FILED"],
    ),
    ("truck", gate_in(facts={**PAPERS, "truck_owned": False}), ["TRUCK_NOT_OWNED"]),
    ("card", gate_in(facts={**PAPERS, "card_active": False}), ["CARD_NOT_ACTIVE"]),
]
FIRMS = [
    ("not active", gate_in(partner=fleet(state="suspended")), ["PARTNER_NOT_ACTIVE"]),
    ("no terminal", gate_in(partner=fleet(terminal_approved=[])), ["TERMINAL_NOT_APPROVED"]),
    ("another terminal", gate_in(terminal="T2"), ["TERMINAL_NOT_APPROVED"]),
    ("its terminal", gate_in(terminal="T1"), []),
    (
        "sub-account",
        gate_in(account={"admin": False, "services": []}),
        ["SERVICE_NOT_GRANTED"],
    ),
    ("export without 随行支付", gate_in(partner=fleet(payment_enabled=False)), []),
    (
        "suspended for breaches",
        gate_in(partner=fleet(suspended_until=at("2026-11-28 10:00:01"))),
        ["SUSPENDED"],
    ),
    ("suspension over", gate_in(partner=fleet(suspended_until=at("2026-11-28 10:00"))), []),
]
ROWS = [*G3, *WINDOW, *PAPER_CODES, *BOXES, *TRUCKS, *FIRMS]


@pytest.mark.parametrize(("case", "codes"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_requests(case, codes):
    said = decide(case)
    assert said["codes"] == codes
    assert said["outcome"] == ("reject" if codes else "accept")
    assert said["state"] == (None if codes else "confirmed")
    assert said["explanation"]["zh"]
    assert said["explanation"]["en"]


def test_p2_takes_the_last_place():
    assert decide(gate_in())["slot_left"] == 0
    assert decide(gate_in(slot=slot(quota=50, used=10)))["slot_left"] == 39
    assert decide(gate_in(slot=slot(used=1)))["slot_left"] == 0


def test_all_that_fails_is_told_at_once():
    case = gate_in(
        partner=fleet("货代", terminal_approved=[], suspended_until=at("2026-12-05 00:00")),
        slot=slot("2026-11-23 23:00", used=1),
        container="CSQU3054384",
        facts={"live_appointment": True},
        plate="津O12345",
    )
    said = decide(case)
    assert said["codes"] == [
        "FORBIDDEN",
        "TERMINAL_NOT_APPROVED",
        "SUSPENDED",
        "TOO_EARLY",
        "QUOTA",
        "BAD_CHECK_DIGIT",
        "DUPLICATE_LIVE",
        "NO_BOOKING",
        "NO_ECLP",
        "NO_VGM",
        "BAD_PLATE",
    ]
    assert [finding["code"] for finding in said["findings"]] == said["codes"]


def test_a_slot_without_an_end_has_the_length_of_the_policy():
    stated = {"start": at("2026-11-29 14:00"), "quota": 1, "used": 0}
    said = decide(gate_in(slot=stated, requested=at("2026-11-29 14:59")))
    assert said["codes"] == []
    said = decide(
        gate_in(slot=stated, requested=at("2026-11-29 14:59"), policy={"slot_minutes": 30})
    )
    assert said["codes"] == ["SLOT_PAST"]


def test_the_drivers_number_is_in_no_answer():
    said = decide(gate_in(driver="120107198511200031"))
    assert "120107198511200031" not in json.dumps(said, ensure_ascii=False)


# --- afterwards -----------------------------------------------------------------------------------

LATER = {**CALL, "etb": at("2026-12-08 00:00"), "gate_close": at("2026-12-07 12:00")}
CHANGES = [
    ("P6 a new ETB", LATER, "accept", [], "confirmed"),
    (
        "a cut-off before the slot",
        {**CALL, "gate_close": at("2026-11-29 13:00")},
        "review",
        ["CUTOFF_MOVED"],
        "REVIEW",
    ),
    (
        "a cut-off at its start",
        {**CALL, "gate_close": at("2026-11-29 14:00")},
        "review",
        ["CUTOFF_MOVED"],
        "REVIEW",
    ),
    (
        "a cut-off inside it",
        {**CALL, "gate_close": at("2026-11-29 14:01")},
        "accept",
        [],
        "confirmed",
    ),
    ("the call is gone", None, "review", ["NO_SCHEDULE"], "REVIEW"),
]


@pytest.mark.parametrize(
    ("call", "outcome", "codes", "state"), [r[1:] for r in CHANGES], ids=[r[0] for r in CHANGES]
)
def test_schedule_changes(call, outcome, codes, state):
    said = decide({"event": "schedule-change", "slot": slot(), "vessel_call": call})
    assert (said["outcome"], said["codes"], said["state"]) == (outcome, codes, state)


# The slot is 14:00 - 15:00, so a truck may come from 13:30 to 16:00.
ARRIVALS = [
    ("awaited", None, "2026-11-29 16:00:00", "hold", [], "confirmed"),
    ("P9", None, "2026-11-29 16:00:01", "reject", ["BREACHED"], "BREACHED"),
    ("in the slot", "2026-11-29 14:30", "2026-11-29 20:00", "accept", [], "used"),
    ("first instant", "2026-11-29 13:30", "2026-11-29 13:30", "accept", [], "used"),
    (
        "too early",
        "2026-11-29 13:29:59",
        "2026-11-29 13:30",
        "reject",
        ["ARRIVED_EARLY"],
        "confirmed",
    ),
    ("H-42 end + grace", "2026-11-29 16:00:00", "2026-11-29 16:00", "accept", [], "used"),
    ("late", "2026-11-29 16:00:01", "2026-11-29 17:00", "reject", ["BREACHED"], "BREACHED"),
]


@pytest.mark.parametrize(
    ("arrived", "now", "outcome", "codes", "state"),
    [r[1:] for r in ARRIVALS],
    ids=[r[0] for r in ARRIVALS],
)
def test_arrivals(arrived, now, outcome, codes, state):
    case = {"event": "attendance", "slot": slot(), "now": at(now)}
    said = decide(case | ({"arrived": at(arrived)} if arrived else {}))
    assert (said["outcome"], said["codes"], said["state"]) == (outcome, codes, state)


BREACHES = [
    ("first", [], 1, None),
    ("second", ["2026-11-20 16:00"], 2, None),
    ("third", ["2026-11-20 16:00", "2026-11-21 16:00"], 3, "2026-12-06 16:00"),
    ("H-42 just in the span", ["2026-10-30 16:00:00", "2026-11-21 16:00"], 3, "2026-12-06 16:00"),
    ("just outside", ["2026-10-30 15:59:59", "2026-11-21 16:00"], 2, None),
]


@pytest.mark.parametrize(
    ("earlier", "count", "until"), [r[1:] for r in BREACHES], ids=[r[0] for r in BREACHES]
)
def test_p9_breaches_count_and_the_third_suspends(earlier, count, until):
    case = {"event": "attendance", "slot": slot(), "now": at("2026-11-29 16:00:01")}
    said = decide(case | {"breaches": [at(each) for each in earlier]})
    assert said["breaches"] == count
    assert said["suspended_until"] == (at(until) if until else None)
    assert said["codes"] == ["BREACHED", *(["SUSPENDED"] if until else [])]


def test_breaches_by_another_policy():
    case = {"event": "attendance", "slot": slot(), "now": at("2026-11-29 15:10:01")}
    policy = {"grace_after_minutes": 10, "suspended_after": 1, "suspended_days": 1}
    said = decide(case | {"policy": policy})
    assert said["suspended_until"] == at("2026-11-30 15:10")
    assert breach_count(()) == (0, None)


@pytest.mark.parametrize(
    ("state", "now", "codes"),
    [
        ("confirmed", "2026-11-29 13:59:59", []),
        ("REVIEW", "2026-11-29 13:59:59", []),
        ("confirmed", "2026-11-29 14:00:00", ["SLOT_STARTED"]),
        ("used", "2026-11-29 13:59:59", ["NOT_LIVE"]),
        ("cancelled", "2026-11-29 13:59:59", ["NOT_LIVE"]),
        ("BREACHED", "2026-11-29 13:59:59", ["NOT_LIVE"]),
    ],
)
def test_cancel_until_the_slot_starts(state, now, codes):
    start = at("2026-11-29 14:00")
    said = decide({"event": "cancel", "state": state, "start": start, "now": at(now)})
    assert said["codes"] == codes
    assert said["state"] == (state if codes else "cancelled")


UNFIT = [
    ("a slot backwards", {"slot": {**slot(), "end": at("2026-11-29 13:00")}}),
    ("no offset", {"requested": "2026-11-28T10:00:00"}),
    ("another direction", {"direction": "sideways"}),
    ("a type that is none of the 23", {"partner": fleet("海盗")}),
    ("a negative quota", {"slot": slot(quota=-1)}),
    ("an unknown figure", {"policy": {"fine": 100}}),
    ("a number for a fact", {"facts": {"booking": 1}}),
]


@pytest.mark.parametrize("change", [row[1] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_a_case_that_does_not_fit_is_refused(change):
    with pytest.raises(CaseUnfit):
        decide(gate_in() | change)
