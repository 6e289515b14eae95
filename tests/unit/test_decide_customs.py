"""KIND `customs-appointment`: the worked examples of rules.md G.2, its aftercare, the form."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case
from gateway.rules.calendar_file import shipped
from gateway.rules.credit import Standing, grade_of
from gateway.rules.customs_application import pre_entry_number
from gateway.rules.customs_life import State, decide_query, takes_answer, working_time

# Only the weeks that the examples are about: a case is read anew for each of them.
SPANS = ("2018-09", "2023-03", "2023-04", "2026-09", "2026-10", "2026-11", "2026-12")
CALENDAR = {
    str(day): [["09:00", "16:30"]] if hours else []
    for day, hours in shipped("9999").days.items()
    if str(day)[:7] in SPANS
}
TIME_TEXT = "预约时间不满足海关规定的时长，请重新修改时间！"
EMPTY_TEXT = "获取该关区的工作时间表为空"
CREDIT_TEXT = "失信企业不允许操作"
GEN, ADV = "常规", "高级认证"


def firm(credit=GEN, **more):
    return {"credit": credit, "qualified": True, "unfed": False, **more}


def at(text):
    """`2026-11-28 10:00` on the port's clock."""
    return datetime.fromisoformat(f"{text}+08:00").isoformat()


def submit(start, submitted, same=True, credit=GEN, **more):
    return {
        "profile": "s2",
        "submitted": at(submitted),
        "start": at(start),
        "declaring_port": "9999",
        "entry_exit_port": "9999" if same else "9998",
        "declarant": firm(credit),
        "consignee": firm(credit),
        "calendars": {"9999": CALENDAR, "9998": CALENDAR},
        **more,
    }


def decide(case):
    return decide_case("customs-appointment", json.dumps(case, ensure_ascii=False).encode())


SAT = "2026-11-28 10:00"
# no., start, submitted, same port, class, outcome and code, deadline, D.
G2 = [
    ("A1", SAT, "2026-11-27 08:30:00", True, GEN, "", "2026-11-27 08:30", "2026-11-27"),
    ("A2", SAT, "2026-11-27 08:30:01", True, GEN, "TOO_LATE", "2026-11-27 08:30", "2026-11-27"),
    ("A3", SAT, "2026-11-26 16:30:00", False, GEN, "", "2026-11-26 16:30", "2026-11-27"),
    ("A3+", SAT, "2026-11-26 16:30:01", False, GEN, "TOO_LATE", "2026-11-26 16:30", "2026-11-27"),
    ("A4", SAT, "2026-11-27 08:30", False, ADV, "", "2026-11-27 08:30", "2026-11-27"),
    ("A4+", SAT, "2026-11-27 08:31", False, ADV, "TOO_LATE", "2026-11-27 08:30", "2026-11-27"),
    ("A5", SAT, "2026-11-27 12:30", True, ADV, "", "2026-11-27 12:30", "2026-11-27"),
    ("A5+", SAT, "2026-11-27 12:31", True, ADV, "TOO_LATE", "2026-11-27 12:30", "2026-11-27"),
    (
        "A6",
        "2026-11-25 10:00",
        "2026-11-23 09:00",
        True,
        GEN,
        "IN_WORKING_HOURS",
        "2026-11-24 08:30",
        "2026-11-24",
    ),
    (
        "A7",
        "2026-11-25 19:00",
        "2026-11-25 08:00",
        True,
        GEN,
        "",
        "2026-11-25 08:30",
        "2026-11-25",
    ),
    (
        "A7+",
        "2026-11-25 19:00",
        "2026-11-25 09:00",
        True,
        GEN,
        "TOO_LATE",
        "2026-11-25 08:30",
        "2026-11-25",
    ),
    (
        "A9",
        "2026-10-10 10:00",
        "2026-10-08 09:00",
        True,
        GEN,
        "IN_WORKING_HOURS",
        "2026-10-09 08:30",
        "2026-10-09",
    ),
    (
        "A10",
        "2026-09-19 13:00",
        "2026-09-18 08:30",
        True,
        GEN,
        "",
        "2026-09-18 08:30",
        "2026-09-18",
    ),
    (
        "A11",
        "2026-09-20 18:00",
        "2026-09-20 08:00",
        True,
        GEN,
        "",
        "2026-09-20 08:30",
        "2026-09-20",
    ),
    (
        "A13",
        "2026-10-03 09:00",
        "2026-09-30 08:30",
        True,
        GEN,
        "",
        "2026-09-30 08:30",
        "2026-09-30",
    ),
    (
        "A13+",
        "2026-10-03 09:00",
        "2026-10-01 08:00",
        True,
        GEN,
        "TOO_LATE",
        "2026-09-30 08:30",
        "2026-09-30",
    ),
    ("A16", "2027-01-09 10:00", "2027-01-08 08:00", True, GEN, "CALENDAR_EMPTY", None, None),
    (
        "A19",
        "2023-04-07 00:00",
        "2023-04-06 08:30",
        True,
        GEN,
        "",
        "2023-04-06 08:30",
        "2023-04-06",
    ),
    (
        "A20",
        "2018-09-29 13:00",
        "2018-09-27 16:43",
        True,
        "一般信用",
        "IN_WORKING_HOURS",
        "2018-09-28 08:30",
        "2018-09-28",
    ),
]


@pytest.mark.parametrize(
    ("asked", "code", "deadline", "day"),
    [(row[1:5], *row[5:]) for row in G2],
    ids=[row[0] for row in G2],
)
def test_worked_examples(asked, code, deadline, day):
    said = decide(submit(*asked))
    assert said["codes"] == ([code] if code else [])
    assert said["outcome"] == ("reject" if code else "accept")
    assert said["deadline"] == (at(deadline) if deadline else None)
    assert said["calendar_day"] == day
    texts = {"CALENDAR_EMPTY": EMPTY_TEXT, "TOO_LATE": TIME_TEXT, "IN_WORKING_HOURS": TIME_TEXT}
    if code:
        assert said["explanation"]["zh"] == texts[code]


def test_a1_window_is_two_hours():
    assert decide(submit(SAT, "2026-11-27 08:30"))["end"] == at("2026-11-28 12:00")


@pytest.mark.parametrize("side", ["declarant", "consignee"])
@pytest.mark.parametrize("grade", ["失信", "严重失信"])
def test_a18_a_dishonest_firm_is_barred_before_any_time_check(side, grade):
    case = submit(SAT, "2026-11-27 20:00") | {side: firm(grade)}
    said = decide(case)
    assert (said["outcome"], said["codes"]) == ("reject", ["CREDIT"])
    assert said["explanation"]["zh"] == CREDIT_TEXT
    assert said["deadline"] is None


def test_a20_the_ports_own_calendar_decides():
    """H-18: accepted only where that port's calendar says closed."""
    closed = {**CALENDAR, "2018-09-29": []}
    case = submit("2018-09-29 13:00", "2018-09-27 16:43", credit="一般信用")
    assert decide(case | {"calendars": {"9999": closed}})["outcome"] == "accept"


@pytest.mark.parametrize(
    ("submitted", "profile", "codes"),
    [
        ("2026-11-27 08:30", "strict-109", []),
        ("2026-11-27 08:30", "s2", []),
        ("2026-11-27 09:00", "strict-109", []),
        ("2026-11-27 09:00", "s2", ["TOO_LATE"]),
        ("2026-11-27 10:00:00", "strict-109", []),
        ("2026-11-27 10:00:01", "strict-109", ["TOO_LATE"]),
    ],
)
def test_a21_the_two_profiles_differ(submitted, profile, codes):
    assert decide(submit(SAT, submitted, profile=profile))["codes"] == codes


def test_strict_109_whatever_the_ports_and_one_of_three_situations():
    for same in (True, False):
        said = decide(submit(SAT, "2026-11-27 10:00", same, profile="strict-109"))
        assert said["deadline"] == at("2026-11-27 10:00")
        said = decide(submit(SAT, "2026-11-28 02:00", same, ADV, profile="strict-109"))
        assert (said["outcome"], said["deadline"]) == ("accept", at("2026-11-28 02:00"))
    case = submit(SAT, "2026-11-27 08:30", profile="strict-109", situation="none")
    assert decide(case)["codes"] == ["CARGO_SITUATION"]
    assert decide(case | {"profile": "s2"})["codes"] == []
    assert decide(case | {"situation": "urgent"})["codes"] == []
    working = submit("2026-11-25 10:00", "2026-11-23 09:00", profile="strict-109")
    assert decide(working)["codes"] == ["IN_WORKING_HOURS"]


# --- bars -----------------------------------------------------------------------------------------


def test_bars_are_told_together_and_before_the_form():
    case = submit(SAT, "2026-11-27 20:00")
    case["declarant"] = firm("失信", qualified=False, unfed=True)
    said = decide(case)
    assert said["codes"] == ["CREDIT", "NOT_QUALIFIED", "UNFED"]
    assert decide(submit(SAT, "2026-11-27 08:30") | {"consignee": firm(qualified=False)})[
        "codes"
    ] == ["NOT_QUALIFIED"]
    assert decide(submit(SAT, "2026-11-27 08:30") | {"consignee": firm(unfed=True)})["codes"] == [
        "UNFED"
    ]


def test_the_lower_of_both_classes_counts():
    """S2-08: an advanced declarant for a general consignee has the general lead."""
    case = submit(SAT, "2026-11-27 12:00", credit=ADV)
    assert decide(case)["outcome"] == "accept"
    for side in ("declarant", "consignee"):
        assert decide(case | {side: firm(GEN)})["codes"] == ["TOO_LATE"]


GRADES = [
    # regime of 2018-05-01
    ("高级认证", "2018-05-01", Standing.ADVANCED, True),
    ("一般认证", "2021-10-31", Standing.GENERAL, True),
    ("一般信用", "2021-10-31", Standing.GENERAL, True),
    ("失信", "2021-10-31", Standing.BARRED, True),
    ("常规", "2021-10-31", Standing.GENERAL, False),
    # regime of 2021-11-01
    ("高级认证", "2021-11-01", Standing.ADVANCED, True),
    ("常规", "2021-11-01", Standing.GENERAL, True),
    ("一般认证", "2021-11-01", Standing.GENERAL, False),
    ("失信", "2026-03-31", Standing.BARRED, True),
    ("认证", "2026-03-31", Standing.GENERAL, False),
    ("严重失信", "2026-03-31", Standing.BARRED, False),
    # regime of 2026-04-01
    ("高级认证", "2026-04-01", Standing.ADVANCED, True),
    ("认证", "2026-04-01", Standing.GENERAL, True),
    ("常规", "2026-04-01", Standing.GENERAL, True),
    ("失信", "2026-04-01", Standing.BARRED, True),
    ("严重失信", "2026-04-01", Standing.BARRED, True),
    # before the first, and a class that never was
    ("一般信用", "2018-01-01", Standing.GENERAL, True),
    ("优秀", "2026-04-01", Standing.BARRED, False),
]


@pytest.mark.parametrize(("grade", "day", "standing", "current"), GRADES)
def test_credit_by_date(grade, day, standing, current):
    found = grade_of(grade, date.fromisoformat(day))
    assert (found.standing, found.current) == (standing, current)


# --- calendars and ports --------------------------------------------------------------------------


def test_the_window_must_be_free_in_both_ports_and_the_lead_is_the_declaring_ports():
    """H-4."""
    case = submit(SAT, "2026-11-26 16:30", same=False)
    works = {**CALENDAR, "2026-11-28": [["08:00", "12:00"]]}
    said = decide(case | {"calendars": {"9999": CALENDAR, "9998": works}})
    assert said["codes"] == ["IN_WORKING_HOURS"]
    early = {**CALENDAR, "2026-11-27": [["09:00", "12:00"]]}
    said = decide(case | {"calendars": {"9999": CALENDAR, "9998": early}})
    assert (said["outcome"], said["deadline"]) == ("accept", at("2026-11-26 16:30"))
    said = decide(case | {"calendars": {"9999": early, "9998": CALENDAR}})
    assert (said["codes"], said["deadline"]) == (["TOO_LATE"], at("2026-11-26 12:00"))


@pytest.mark.parametrize(
    "calendars",
    [
        {},
        {"9998": CALENDAR},
        {"9999": {"2026-11-28": []}},
        {"9999": {"2026-11-28": [], "2026-11-26": [["09:00", "16:30"]]}},
    ],
    ids=["none", "of another port", "nothing before", "a gap on the way back"],
)
def test_what_is_not_loaded_is_never_guessed(calendars):
    said = decide(submit(SAT, "2026-11-20 08:00") | {"calendars": calendars})
    assert (said["outcome"], said["codes"]) == ("reject", ["CALENDAR_EMPTY"])
    assert said["explanation"]["zh"] == EMPTY_TEXT


def test_a_missing_calendar_is_told_before_working_time():
    """C.1: step 1 comes before step 2, whichever port it is."""
    works = {**CALENDAR, "2026-11-28": [["09:00", "12:00"]]}
    case = submit(SAT, "2026-11-20 08:00", same=False) | {"calendars": {"9999": works}}
    assert decide(case)["codes"] == ["CALENDAR_EMPTY"]


def test_the_day_of_the_end_must_be_loaded_too():
    case = submit("2026-12-31 22:30", "2026-12-31 08:00")
    assert decide(case)["codes"] == ["CALENDAR_EMPTY"]
    assert decide(submit("2026-12-30 22:30", "2026-12-30 08:00"))["codes"] == []


@pytest.mark.parametrize(
    ("start", "codes"),
    [
        ("2026-11-25 07:00", []),
        ("2026-11-25 07:00:01", ["IN_WORKING_HOURS"]),
        ("2026-11-25 16:29:59", ["IN_WORKING_HOURS"]),
        ("2026-11-25 16:30", []),
    ],
)
def test_the_whole_window_is_outside_working_time(start, codes):
    """H-22: [S, E) against [open, close)."""
    assert decide(submit(start, "2026-11-20 08:00"))["codes"] == codes


def test_a_lunch_break_is_no_working_time_and_the_last_close_counts():
    days = {**CALENDAR, "2026-11-25": [["13:30", "17:00"], ["08:00", "11:30"]]}
    case = submit("2026-11-25 11:30", "2026-11-24 08:30") | {"calendars": {"9999": days}}
    said = decide(case)
    assert (said["outcome"], said["calendar_day"]) == ("accept", "2026-11-24")


def test_a_port_that_never_closes_takes_no_appointment_and_midnight_is_a_close():
    always = {str(date(2026, 11, day)): [["00:00", "24:00"]] for day in range(20, 31)}
    case = submit(SAT, "2026-11-20 08:00") | {"calendars": {"9999": always}}
    assert decide(case)["codes"] == ["IN_WORKING_HOURS"]
    always["2026-11-28"] = []
    case = submit("2026-11-28 00:00", "2026-11-27 16:00") | {"calendars": {"9999": always}}
    assert (decide(case)["outcome"], decide(case)["deadline"]) == ("accept", at("2026-11-27 16:00"))


def test_instants_of_other_offsets_are_the_same_instants():
    case = submit(SAT, "2026-11-27 08:30")
    case |= {"submitted": "2026-11-27T00:30:00Z", "start": "2026-11-28T03:00:00+01:00"}
    said = decide(case)
    assert (said["outcome"], said["end"]) == ("accept", at("2026-11-28 12:00"))


def test_a_port_outside_chinas_time_is_not_judged():
    case = submit(SAT, "2026-11-27 08:30", declaring_port="JPTYO", entry_exit_port="JPTYO")
    said = decide(case | {"calendars": {"JPTYO": CALENDAR}})
    assert "ZONE_UNKNOWN" in said["codes"]
    case = submit(SAT, "2026-11-27 08:30", declaring_port="CNTXG", entry_exit_port="CNTXG")
    assert decide(case | {"calendars": {"CNTXG": CALENDAR}})["outcome"] == "accept"


def test_both_time_faults_are_told_at_once_with_one_text():
    """S2-39 has one text for two causes; the hints tell them apart."""
    said = decide(submit("2026-11-25 10:00", "2026-11-25 08:00"))
    assert said["codes"] == ["IN_WORKING_HOURS", "TOO_LATE"]
    assert said["explanation"]["zh"] == TIME_TEXT
    assert len({finding["hint"]["zh"] for finding in said["findings"]}) == 2


# --- the form -------------------------------------------------------------------------------------

IMPORT, EXPORT = "020220261000000001", "020220260000000001"
MIB = 1024 * 1024


def form(**fields):
    return decide(submit(SAT, "2026-11-27 08:30", **fields))["codes"]


FORM = [
    ("B7", {"goods": [{"name": "货" * 2500, "hs": "2006001000"}] * 2}, ["GOODS_NAMES_TOO_LONG"]),
    ("4000 together", {"goods": [{"name": "货" * 2000, "hs": "2006001000"}] * 2}, []),
    ("HS of 8 digits", {"goods": [{"name": "货", "hs": "20060010"}]}, ["HS-WRONG"]),
    ("B8 six files", {"attachments": [{"bytes": 1, "pages": [1]}] * 6}, ["ATTACHMENTS_TOO_MANY"]),
    ("five files", {"attachments": [{"bytes": 1, "pages": [1]}] * 5}, []),
    ("4 MiB", {"attachments": [{"bytes": 4 * MIB, "pages": []}]}, []),
    ("B8 4194305", {"attachments": [{"bytes": 4194305, "pages": []}]}, ["ATTACHMENT_TOO_LARGE"]),
    ("page of 200 KiB", {"attachments": [{"bytes": 1, "pages": [204800]}]}, []),
    (
        "B8 page of 204801",
        {"attachments": [{"bytes": 1, "pages": [1, 204801]}]},
        ["ATTACHMENT_PAGE_TOO_LARGE"],
    ),
    ("no PDF", {"attachments": [{"bytes": 1, "name": "a.doc"}]}, ["ATTACHMENT_NOT_PDF"]),
    ("PDF in capitals", {"attachments": [{"bytes": 1, "name": "a.PDF"}]}, []),
    ("reason of 255 bytes", {"reason": "因" * 85}, []),
    ("reason of 258 bytes", {"reason": "因" * 86}, ["REASON_TOO_LONG"]),
]


@pytest.mark.parametrize(("fields", "codes"), [r[1:] for r in FORM], ids=[r[0] for r in FORM])
def test_the_form(fields, codes):
    assert form(**fields) == codes


def number(serial):
    return {"number": f"020220261{serial:09}"}


NUMBERS = [
    ("50", {"declarations": [number(n) for n in range(50)]}, []),
    ("B5", {"declarations": [number(n) for n in range(51)]}, ["DECLARATIONS_TOO_MANY"]),
    ("17 characters", {"declarations": [{"number": IMPORT[:17]}]}, ["DECLARATION_LENGTH"]),
    ("B6", {"flag": "import", "declarations": [{"number": EXPORT}]}, ["DECLARATION_FLAG"]),
    ("B6 by row", {"declarations": [{"number": EXPORT, "flag": "1"}]}, ["DECLARATION_FLAG"]),
    ("agreeing", {"flag": "出口", "declarations": [{"number": EXPORT, "flag": 0}]}, []),
    (
        "another port",
        {"declarations": [{"number": IMPORT, "declaring_port": "0201"}]},
        ["DECLARATION_PORT"],
    ),
    (
        "another port of entry",
        {"declarations": [{"number": IMPORT, "entry_exit_port": "0201"}]},
        ["DECLARATION_PORT"],
    ),
    (
        "declared at the same instant",
        {"declarations": [{"number": IMPORT, "declared": at("2026-11-27 08:30")}]},
        ["DECLARATION_DATE"],
    ),
    (
        "declared a second later",
        {"declarations": [{"number": IMPORT, "declared": at("2026-11-27 08:30:01")}]},
        [],
    ),
    ("the same day", {"declarations": [{"number": IMPORT, "declared": "2026-11-27"}]}, []),
    (
        "the day before",
        {"declarations": [{"number": IMPORT, "declared": "2026-11-26"}]},
        ["DECLARATION_DATE"],
    ),
    (
        "ninth digit 2",
        {"declarations": [{"number": "020220262000000001"}]},
        ["DECLARATION-WRONG"],
    ),
    ("twice", {"declarations": [{"number": IMPORT}] * 2}, ["DECLARATION_TWICE"]),
]
ALWAYS_REFUSED = {"DECLARATIONS_TOO_MANY", "DECLARATION_LENGTH"}
NEVER_REFUSED = {"DECLARATION_TWICE"}


@pytest.mark.parametrize(("fields", "codes"), [r[1:] for r in NUMBERS], ids=[r[0] for r in NUMBERS])
def test_declaration_numbers_and_the_switch(fields, codes):
    """H-16: WARN keeps the number, ERROR refuses; the length of 18 always refuses."""
    for switch in ("WARN", "ERROR"):
        said = decide(submit(SAT, "2026-11-27 08:30", mismatch=switch, **fields))
        assert said["codes"] == codes
        refuses = ALWAYS_REFUSED if switch == "WARN" else set(codes) - NEVER_REFUSED
        assert said["outcome"] == ("reject" if set(codes) & refuses else "accept")


def test_the_consignee_of_a_declaration_is_compared_with_the_applications():
    """S2-20, H-25: with the 收发货人, not with the declarant."""
    fields = {"declarations": [{"number": IMPORT, "firm": "1202930001"}]}
    case = submit(SAT, "2026-11-27 08:30", **fields)
    case["declarant"] = firm(code="1202930001")
    case["consignee"] = firm(code="1202930002")
    assert decide(case)["codes"] == ["DECLARATION_FIRM"]
    case["consignee"] = firm(code="1202930001")
    assert decide(case)["codes"] == []


def test_form_and_time_are_told_together():
    codes = decide(submit(SAT, "2026-11-27 09:00", attachments=[{"bytes": 1}] * 6))["codes"]
    assert codes == ["TOO_LATE", "ATTACHMENTS_TOO_MANY"]


# --- aftercare ------------------------------------------------------------------------------------

START = "2026-11-28 10:00"
CANCELS = [
    ("B1", "预约成功", "2026-11-28 09:59:59", []),
    ("B1 已受理", "已受理", "2026-11-28 09:59:59", []),
    ("B2", "预约成功", "2026-11-28 10:00:00", ["TIME_REACHED"]),
    ("B3 申报", "申报", "2026-11-27 10:00", ["NOT_CANCELLABLE"]),
    ("B3 未受理", "未受理", "2026-11-27 10:00", ["NOT_CANCELLABLE"]),
    ("B3 退单", "退单", "2026-11-27 10:00", ["NOT_CANCELLABLE"]),
    ("B3 暂存", "暂存", "2026-11-27 10:00", ["NOT_CANCELLABLE"]),
    ("again", "已取消", "2026-11-29 10:00", ["NOT_CANCELLABLE", "TIME_REACHED"]),
]


@pytest.mark.parametrize(
    ("state", "now", "codes"), [r[1:] for r in CANCELS], ids=[r[0] for r in CANCELS]
)
def test_cancel(state, now, codes):
    said = decide({"event": "cancel", "state": state, "start": at(START), "now": at(now)})
    assert said["codes"] == codes
    assert said["state"] == (state if codes else "已取消")


@pytest.mark.parametrize("state", [state.value for state in State])
def test_only_drafts_are_deleted(state):
    """S2-35, B3: 暂存 is deleted instead of cancelled."""
    said = decide({"event": "delete", "state": state})
    assert said["codes"] == ([] if state == "暂存" else ["NOT_DELETABLE"])


def feedback(state="预约成功", now="2026-11-29 10:00", **more):
    fields = ("submitted", "start", "declaring_port", "entry_exit_port")
    base = submit(SAT, "2026-11-27 08:30")
    case = {key: base[key] for key in fields}
    numbers = {"declarations": [{"number": IMPORT}]}
    return decide(case | {"event": "feedback", "state": state, "now": at(now)} | numbers | more)


FEEDBACKS = [
    ("in time", {}, []),
    ("still to be fed", {"state": "通关完成未反馈"}, []),
    ("not yet approved", {"state": "已受理"}, ["NOT_APPROVED"]),
    ("last instant", {"now": "2026-12-03 10:00:00"}, []),
    ("late", {"now": "2026-12-03 10:00:01"}, ["FEEDBACK_LATE"]),
    ("no number", {"declarations": []}, ["NO_DECLARATIONS"]),
    ("B5", {"declarations": [number(n) for n in range(51)]}, ["DECLARATIONS_TOO_MANY"]),
    ("B6", {"flag": "1", "declarations": [{"number": EXPORT}]}, ["DECLARATION_FLAG"]),
]


@pytest.mark.parametrize(
    ("more", "codes"), [r[1:] for r in FEEDBACKS], ids=[r[0] for r in FEEDBACKS]
)
def test_feedback(more, codes):
    """S2-31, H-11: five times 24 hours after the start."""
    said = feedback(**more)
    assert said["codes"] == codes
    assert said["deadline"] == at("2026-12-03 10:00")


def test_b6_keeps_the_number_or_refuses_it_by_the_switch():
    fields = {"flag": "import", "declarations": [{"number": EXPORT}]}
    kept = feedback(**fields)
    assert kept["outcome"] == "accept"
    assert kept["findings"][0]["severity"] == "warning"
    refused = feedback(**fields, mismatch="ERROR")
    assert (refused["outcome"], refused["findings"][0]["severity"]) == ("reject", "error")


EXPLANATIONS = [
    ("text", {"text": "说明"}, []),
    ("a PDF", {"attachments": [{"bytes": 1, "pages": [1], "name": "a.pdf"}]}, []),
    ("nothing", {}, ["NO_EXPLANATION"]),
    ("twice", {"text": "说明", "sent_before": True}, ["ALREADY_EXPLAINED"]),
    ("two files", {"attachments": [{"bytes": 1}] * 2}, ["ATTACHMENTS_TOO_MANY"]),
    ("a large file", {"attachments": [{"bytes": 4194305}]}, ["ATTACHMENT_TOO_LARGE"]),
    ("before approval", {"text": "说明", "state": "申报"}, ["NOT_APPROVED"]),
]


@pytest.mark.parametrize(
    ("more", "codes"), [r[1:] for r in EXPLANATIONS], ids=[r[0] for r in EXPLANATIONS]
)
def test_explanation(more, codes):
    """S2-32."""
    assert decide({"event": "explain", "state": "预约成功", **more})["codes"] == codes


@pytest.mark.parametrize(
    ("last", "codes"), [("2026-11-16", []), ("2026-11-17", ["QUERY_SPAN"])], ids=["15", "16"]
)
def test_b9_query_span(last, codes):
    said = decide({"event": "query", "from": "2026-11-01", "to": last})
    assert said["codes"] == codes
    if codes:
        assert said["explanation"]["zh"] == "申请时间查询范围不能超过15天"


def test_other_queries_have_the_same_bound_and_an_order():
    for span in ("booked", "working"):
        query = {"event": "query", "span": span, "from": "2026-11-01"}
        assert decide(query | {"to": "2026-11-16"})["codes"] == []
        assert decide(query | {"to": "2026-11-17"})["codes"] == ["QUERY_SPAN"]
        assert decide(query | {"to": "2026-10-31"})["codes"] == ["QUERY_ORDER"]


@pytest.mark.parametrize(
    ("side", "code", "codes"),
    [
        ("A", None, []),
        ("B", None, ["CONSIGNEE_CODE"]),
        ("B", "130198004Y", []),
        ("B", "9113000034801880XB", []),
        ("B", "911309000000000000", ["CONSIGNEE_CODE"]),
    ],
)
def test_a_query_as_consignee_needs_its_code(side, code, codes):
    """S2-33."""
    query = {"event": "query", "from": "2026-11-01", "to": "2026-11-16", "side": side}
    assert decide(query | ({"code": code} if code else {}))["codes"] == codes


def test_working_time_shows_no_days_off():
    """S2-37."""
    first, last = date(2026, 9, 18), date(2026, 9, 21)
    assert decide_query("working", first, last).outcome == "accept"
    found = working_time(shipped("9999"), first, last)
    assert [str(day) for day, _ in found] == ["2026-09-18", "2026-09-20", "2026-09-21"]
    assert [str(opening) for opening in found[0][1]] == ["09:00-16:30"]
    assert working_time(shipped("9999"), date(2027, 1, 1), date(2027, 1, 9)) == []


@pytest.mark.parametrize(
    ("state", "answer", "moves"),
    [
        ("申报", "已受理", True),
        ("申报", "预约成功", True),
        ("申报", "退单", True),
        ("已受理", "预约成功", True),
        ("预约成功", "通关完成未反馈", True),
        ("预约成功", "已受理", False),
        ("已取消", "预约成功", False),
        ("退单", "已受理", False),
        ("暂存", "已受理", False),
        ("通关完成", "预约成功", False),
    ],
)
def test_answers_of_customs_are_never_applied_backwards(state, answer, moves):
    assert takes_answer(State(state), State(answer)) is moves


def test_numbers_of_applications():
    """S2-07."""
    assert pre_entry_number(2023, 1427600) == "YTG202300001427600"
    for year, serial in ((2026, -1), (2026, 10**11), (1999, 1)):
        with pytest.raises(ValueError, match="serial|pre-entry"):
            pre_entry_number(year, serial)


# --- cases that do not fit ------------------------------------------------------------------------

UNFIT = [
    ("no offset", {"start": "2026-11-28T10:00:00"}),
    ("a number for a time", {"start": 1790000000}),
    ("a year that is none of ours", {"start": "9999-12-31T23:00:00+08:00"}),
    ("an unknown key", {"colour": "red"}),
    ("an unknown profile", {"profile": "s3"}),
    ("an unknown class", {"declarant": {"credit": "优秀"}}),
    ("openings that overlap", {"calendars": {"9999": {"2026-11-28": [["09:00", "12:00"]] * 2}}}),
    ("an opening backwards", {"calendars": {"9999": {"2026-11-28": [["12:00", "09:00"]]}}}),
    ("25 hours", {"calendars": {"9999": {"2026-11-28": [["09:00", "25:00"]]}}}),
    ("no date", {"calendars": {"9999": {"2026-02-30": []}}}),
    ("text for a truth", {"consignee": {"credit": GEN, "qualified": "yes"}}),
    ("an unknown event", {"event": "dance"}),
    ("an event that is no text", {"event": {"a": 1}}),
]


@pytest.mark.parametrize("change", [row[1] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_a_case_that_does_not_fit_is_refused(change):
    with pytest.raises(CaseUnfit):
        decide(submit(SAT, "2026-11-27 08:30") | change)
