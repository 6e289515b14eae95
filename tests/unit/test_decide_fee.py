"""KIND `fee`: the rows of G.1, the goods, the boxes, the tariffs as data."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import pytest

from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case
from gateway.resources import read_text
from gateway.rules.dangerous import Dangerous, is_first_class
from gateway.rules.tariff import diff, explain, find_faults, parse_tariff, shipped

MAY_2018 = "2018-05-10T08:00:00+08:00"
TODAY = "2026-11-21T10:00:00+08:00"
SAND = {"trade": "domestic", "direction": "export"}


def boxes(*many):
    """(count, feet, more) …"""
    made = []
    for count, feet, *more in many:
        box = {"length_ft": feet, "state": "laden", **(more[0] if more else {})}
        made += [box] * count
    return made


def rate(bill=None, *, containers=(), cargo=(), **case):
    asked = {
        "tariffs": ["PCF"],
        "as_of": MAY_2018,
        "direction": "export",
        "trade": "foreign",
        "bill": {"number": "B1", "containers": list(containers), "cargo": list(cargo)},
        **case,
    }
    asked["bill"].update(bill or {})
    return decide_case("fee", json.dumps(asked, default=str).encode())


def goods(name, jt, tonnes, **more):
    return [{"name": name, "jt": jt, "tonnes": tonnes, **more}]


EMPTY = {"state": "empty"}
F5 = boxes((10, 40, EMPTY), (2, 20, {"merchandise": True}))
DUES = {"tariffs": ["CARGO_DUES", "SECURITY"], "as_of": TODAY, "direction": "import"}
OUT = {"trade": "domestic"}
IN = {"direction": "import"}
ABOLISHED = {"trade": "domestic", "as_of": "2021-01-01T00:00:00+08:00"}


def at(text):
    return {"direction": "import", "as_of": f"{text}+08:00"}


UNROUNDED = {"options": {"tonne_rounding": "none"}}
# id, case, yuan, codes
G1 = [
    ("F1", {"containers": boxes((1, 20), (2, 40))}, "256.00", []),
    ("F2", {"containers": boxes((3, 20), (1, 40)), **OUT}, "144.00", []),
    ("F3", {"containers": boxes((2, 40)), "trade": "feeder"}, "96.00", []),
    ("F4", {"containers": boxes((2, 45), (1, 25), (1, 30)), **IN}, "352.00", []),
    ("F5", {"containers": F5}, "128.00", ["EXEMPT_EMPTY"]),
    ("F6", {"cargo": goods("iron ore", "JT031", 12345.68), **IN}, "69135.81", []),
    ("F6 up", {"cargo": goods("iron ore", "JT031", "12345.678"), **IN}, "69135.81", []),
    (
        "F6 plain",
        {"cargo": goods("iron ore", "JT031", "12345.678"), **IN, **UNROUNDED},
        "69135.80",
        [],
    ),
    ("F7", {"cargo": goods("水泥", "JT06", 3000), **OUT}, "6000.00", ["HALF"]),
    ("F8", {"cargo": goods("grain", "JT11", "25000.50"), **IN}, "70001.40", ["HALF"]),
    ("F9", {"cargo": goods("黄沙", "JT05", 5000), **OUT}, "0.00", ["DEFERRED"]),
    ("F11a", {"containers": boxes((1, 40)), **at("2020-02-29T23:59:59")}, "96.00", []),
    (
        "F11b",
        {"containers": boxes((1, 40)), **at("2020-03-01T00:00:00")},
        "0.00",
        ["EXEMPT_2020_14"],
    ),
    (
        "F11c",
        {"containers": boxes((1, 40)), **at("2020-06-30T23:59:59")},
        "0.00",
        ["EXEMPT_2020_14"],
    ),
    (
        "F12",
        {"containers": boxes((1, 20)), **OUT, "as_of": "2020-05-01T00:00:00+08:00"},
        "32.00",
        [],
    ),
    (
        "F13a",
        {"containers": boxes((1, 40)), **OUT, "as_of": "2020-12-31T23:59:59+08:00"},
        "48.00",
        [],
    ),
    ("F13b", {"containers": boxes((1, 40)), **ABOLISHED}, "0.00", ["ABOLISHED"]),
    # The instant decides, however it is written.
    (
        "F13 utc",
        {"containers": boxes((1, 40)), **OUT, "as_of": "2020-12-31T16:00:00+00:00"},
        "0.00",
        ["ABOLISHED"],
    ),
    ("F16", {"containers": boxes((2, 20), (1, 40)), **DUES}, "136.00", []),
    (
        "F19",
        {"containers": boxes((1, 20), (1, 40, {"reefer": True})), **DUES, "trade": "domestic"},
        "35.00",
        [],
    ),
    ("F21", {"containers": boxes((5, 40, EMPTY)), **DUES}, "0.00", ["EXEMPT_EMPTY"]),
]


@pytest.mark.parametrize(("case", "yuan", "codes"), [row[1:] for row in G1], ids=[r[0] for r in G1])
def test_the_rows_of_g1(case, yuan, codes):
    said = rate(**case)
    assert said["outcome"] == "accept"
    assert said["total_fen"] == int(Decimal(yuan) * 100)
    assert said["codes"] == codes
    assert sum(line["amount_fen"] for line in said["lines"]) == said["total_fen"]


def test_f5_has_a_line_for_each_empty_box():
    lines = rate(containers=F5)["lines"]
    assert [line["reason"] for line in lines].count("EXEMPT_EMPTY") == 10
    assert len(lines) == 12


def test_f15_boxes_and_goods_in_one_bill_have_no_amount():
    said = rate(containers=boxes((1, 20)), cargo=goods("iron ore", "JT031", 10))
    assert (said["outcome"], said["codes"]) == ("reject", ["MIXED_FORM"])
    assert (said["lines"], said["total_fen"]) == ([], None)


@pytest.mark.parametrize(
    ("feet", "shown", "codes"),
    [
        (40, "13.00", ["ABOVE_CAP"]),
        (40, 12.00, []),
        (40, 12.01, ["ABOVE_CAP"]),
        (20, "8.00", []),
        (20, "8.01", ["ABOVE_CAP"]),
    ],
)
def test_f23_what_hides_in_the_lump_sum_is_capped(feet, shown, codes):
    box = boxes((1, feet, {"shown": {"SECURITY": shown}}))
    said = rate(containers=box, tariffs=["SECURITY"], as_of=TODAY)
    assert said["codes"] == codes
    assert said["lines"] == []


def test_security_has_a_line_only_while_it_had_a_government_price():
    before = rate(
        containers=boxes((1, 20), (1, 40)), tariffs=["SECURITY"], as_of="2022-03-31T23:59:59+08:00"
    )
    after = rate(
        containers=boxes((1, 20), (1, 40)), tariffs=["SECURITY"], as_of="2022-04-01T00:00:00+08:00"
    )
    assert (before["total_fen"], after["total_fen"], after["lines"]) == (2000, 0, [])


@pytest.mark.parametrize(
    ("name", "jt", "fen", "reason"),
    [
        ("cement", "06", 200, "HALF"),
        ("P.O 42.5", "JT06", 400, "MANUAL_REVIEW"),
        ("水泥", "JT17", 400, "MANUAL_REVIEW"),
        ("水泥设备", "JT12", 400, None),
        ("salt", "JT10", 200, "HALF"),
        ("asphalt", "JT02", 400, None),
        ("砂土", "JT05", 200, "HALF"),
        ("砂土", None, 400, "MANUAL_REVIEW"),
        ("碎石", "JT05", 0, "DEFERRED"),
        ("砂土和黄沙", "JT05", 400, "MANUAL_REVIEW"),
        ("brick", "JT05", 400, None),
        ("磷矿石", "JT081", 0, "DEFERRED"),
        ("石灰粉", "JT08", 200, "HALF"),
    ],
)
def test_half_and_deferred_need_the_code_and_the_name(name, jt, fen, reason):
    """H-15: where they disagree an officer decides, and the full rate stands in."""
    said = rate(cargo=goods(name, jt, 1), **OUT)
    assert (said["total_fen"], said["lines"][0]["reason"]) == (fen, reason)
    assert said["outcome"] == ("review" if reason == "MANUAL_REVIEW" else "accept")


@pytest.mark.parametrize("jt", ["JT18", "00", "JT", "6", "JT06１", "06\n", "062345"])
def test_a_code_that_is_no_jt_code_is_refused(jt):
    said = rate(cargo=goods("cement", jt, 1))
    expected = "accept" if jt.strip() == "06" else "reject"
    assert said["outcome"] == expected
    assert ("JT_FORMAT" in said["codes"]) == (expected == "reject")


@pytest.mark.parametrize(
    ("name", "more", "tonnes", "reason"),
    [
        ("活牛", {"tonnes": 9, "count": 12, "unit": "头"}, "12.00", None),
        ("piglets", {"tonnes": 9, "count": 100, "unit": "head"}, "3.00", None),
        ("eggs", {"tonnes": 9, "count": "10.5", "unit": "m3"}, "5.25", None),
        ("家具", {"tonnes": 2}, "6.00", None),
        ("machine", {"tonnes": None, "count": 4, "unit": "m3"}, "4.00", None),
        ("活牛", {"tonnes": 9}, "9.00", "MANUAL_REVIEW"),
        ("cowhide", {"tonnes": 9}, "9.00", None),
        ("machine", {"tonnes": "0.4"}, "1", None),
        ("machine", {"tonnes": "1.001"}, "1.01", None),
    ],
)
def test_conversion_tonnes(name, more, tonnes, reason):
    line = rate(cargo=[{"name": name, "jt": "JT16", **more}])["lines"][0]
    assert (Decimal(line["quantity"]), line["reason"]) == (Decimal(tonnes), reason)


RECEIPT = {"flag": True, "left_yard": False, "prior_receipt": "R-1"}


@pytest.mark.parametrize(
    ("moved", "as_of", "fen"),
    [
        (RECEIPT, MAY_2018, 0),
        ({**RECEIPT, "prior_receipt": None}, MAY_2018, 6400),
        ({**RECEIPT, "prior_receipt": " "}, MAY_2018, 6400),
        ({**RECEIPT, "left_yard": True}, MAY_2018, 6400),
        ({**RECEIPT, "flag": False}, MAY_2018, 6400),
        (RECEIPT, "2016-03-31T23:59:59+08:00", 6400),
    ],
)
def test_a_transshipped_bill_pays_once_and_proves_it(moved, as_of, fen):
    said = rate({"transshipment": moved}, containers=boxes((1, 20)), as_of=as_of)
    assert said["total_fen"] == fen
    assert (said["codes"] == ["TRANSSHIPMENT_PAID"]) == (fen == 0)


VOLUMES = {"options": {"inner_volumes": {"20": 33, "40": 67, "45": "85.76"}}}


def test_cargo_dues_of_other_lengths_go_by_inner_volume():
    said = rate(containers=boxes((1, 45)), **DUES, **VOLUMES)
    assert said["total_fen"] == 8704
    unknown = rate(containers=boxes((1, 45)), **DUES)
    assert (unknown["outcome"], unknown["lines"][0]["reason"]) == ("review", "MANUAL_REVIEW")


def test_a_box_without_a_length_has_no_rate():
    said = rate(containers=[*boxes((1, 20)), {"state": "laden"}])
    assert (said["outcome"], said["codes"], said["total_fen"]) == ("reject", ["BOX_LENGTH"], None)


@pytest.mark.parametrize(
    ("dangerous", "fen"),
    [
        ({"class": "3", "packing_group": "II"}, 6800),
        ({"class": "3", "packing_group": "III"}, 3400),
        ({"class": "2.1"}, 6800),
        ({"class": "9"}, 3400),
        ({"class": "3", "packing_group": "I", "farm_chemical": True}, 3400),
    ],
)
def test_first_class_dangerous_boxes_pay_double_dues(dangerous, fen):
    box = boxes((1, 20, {"dangerous": dangerous}))
    assert rate(containers=box, **DUES)["total_fen"] == fen


@pytest.mark.parametrize(
    ("hazard", "group", "answer"),
    [
        ("1.4S", None, "yes"), ("2.2", None, "yes"), ("7", None, "yes"), ("5.2", None, "yes"),
        ("6.2", None, "yes"), ("4.1", "II", "yes"), ("8", "iii", "no"), ("5.1", "I", "yes"),
        ("6.1", "III", "no"), ("9", None, "no"), ("3", None, "unknown"), ("5", "I", "unknown"),
        ("?", "I", "unknown"), ("10", "I", "unknown"),
    ],
)  # fmt: skip
def test_first_class_dangerous_is_an_exact_test(hazard, group, answer):
    assert is_first_class(Dangerous(hazard, group)) == answer


def test_a_port_above_nanjing_pays_half_and_a_quarter_only_where_it_is_switched():
    place = {"options": {"half_rate_port": True}}
    both = {"options": {"half_rate_port": True, "stack_half_rates": True}}
    cement = goods("cement", "06", 100)
    assert rate(containers=boxes((1, 20)), **place)["total_fen"] == 3200
    assert rate(cargo=cement, **OUT, **place)["total_fen"] == 20000
    assert rate(cargo=cement, **OUT, **both)["total_fen"] == 10000


def test_a_weak_row_is_switched():
    autumn = at("2020-09-01T00:00:00")
    off = {"options": {"switches": {"relief_2020_second_half": False}}}
    assert rate(containers=boxes((1, 20)), **autumn)["codes"] == ["EXEMPT_2020_14"]
    said = rate(containers=boxes((1, 20)), **autumn, **off)
    assert (said["total_fen"], said["lines"][0]["confidence"]) == (6400, "L")


@pytest.mark.parametrize(
    "case",
    [
        {"as_of": "2018-05-10T08:00:00"},
        {"tariffs": ["NOPE"]},
        {"tariffs": []},
        {"direction": "sideways"},
        {"bill": {"number": "B", "cargo": goods("x", "06", "NaN")}},
        {"bill": {"number": "B", "cargo": goods("x", "06", -1)}},
        {"bill": {"number": "B", "cargo": goods("x", "06", "1e30")}},
        {"bill": {"number": "B", "containers": [{"length_ft": 20, "state": "half"}]}},
    ],
)
def test_a_case_that_does_not_fit(case):
    with pytest.raises(CaseUnfit):
        rate(**case)


def test_before_the_file_begins_nobody_knows_the_rate():
    said = rate(containers=boxes((1, 20)), as_of="2011-09-30T23:59:59+08:00")
    assert (said["outcome"], said["lines"][0]["reason"]) == ("review", "MANUAL_REVIEW")


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["PCF", "CARGO_DUES", "SECURITY"])
def test_a_shipped_tariff_has_no_overlap_and_no_gap_and_names_its_sources(code):
    tariff = shipped()[code]
    assert find_faults(tariff) == []
    assert all(row.source and row.confidence for row in tariff.rows)
    assert all(row.settles == (code == "PCF") for row in tariff.rows)


def test_no_weak_row_is_a_hidden_constant():
    """A row of confidence L has a switch, or it says that it needs confirmation."""
    for tariff in shipped().values():
        for row in tariff.rows:
            weak = row.confidence == "L"
            assert not weak or row.only_if or row.unless or "needs confirmation" in row.source


PCF = read_text("tariffs/PCF.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to = 2020-03-01T00:00:00+08:00", "to = 2020-03-02T00:00:00+08:00", "overlap"),
        ("to = 2020-03-01T00:00:00+08:00", "to = 2020-02-01T00:00:00+08:00", "no row from"),
        ('only_if = "relief_2020_second_half"', 'only_if = "other"', "not declared"),
        ('rates = { 20 = "64.00"', "rates = { 20 = 64.00", "rates"),
        ('rates = { 20 = "64.00"', 'rates = { 20 = "-64.00"', "rates"),
        ("from = 2011-10-01T00:00:00+08:00", "from = 2011-10-01T00:00:00", "timezone"),
        ('id = "foreign/relief-2020"', 'id = "foreign/2011"', "same id"),
        ('confidence = "H"', 'confidence = "Z"', "confidence"),
    ],
)
def test_a_bad_file_is_refused_with_its_fault(old, new, said):
    assert old in PCF
    with pytest.raises(ValueError, match=said):
        parse_tariff(PCF.replace(old, new, 1))


def test_explain_and_diff():
    tariff = shipped()["PCF"]
    told = {row["cell"]: row for row in explain(tariff, datetime.fromisoformat(MAY_2018))}
    assert told["foreign export 20 general"]["rate"] == "64.00"
    assert told["feeder export ton general"]["reason"] == "NO_ROW"
    dearer = parse_tariff(PCF.replace('20 = "64.00"', '20 = "65.00"', 1))
    assert diff(tariff, tariff) == []
    assert [line for line in diff(tariff, dearer) if "65.00" in line]
