"""KIND `permission`: both role tables cell by cell, the merged profile, the conditions beside."""

from __future__ import annotations

import json

import pytest

from gateway.pipeline.decide_cases.registry import decide_case
from gateway.resources import read_text
from gateway.rules.permission_tables import PROFILES, parse_tables, tables

# The columns of rules.md F.1, and its cells: ● table 1, ○ table 2, ◆ both, · none.
COLUMNS = (
    ("货代", "集装箱堆场", "散货堆场"),
    ("仓储企业",),
    ("普通车队", "特殊资质车队"),
    ("船东", "船代"),
    ("租船人", "无船承运人"),
    ("码头公司",),
    ("报关行", "报检行"),
    (
        "政府部门",
        "事业单位",
        "银行",
        "保险代理人",
        "理货公司",
        "制造商",
        "贸易商",
        "分销商",
        "中货专区用户",
        "其它",
    ),
)
CELLS = {
    "eclp_upload": "◆○●·····",
    "schedule_upload": "···◆○◆··",
    "booking_upload": "···◆○···",
    "prestow_manifest_upload": "···○○···",
    # No table names it; F.4 gives it the senders of the pre-stow manifest.
    "clean_manifest_upload": "···○○···",
    "ncl_upload": "···◆○···",
    "do_upload": "···●····",
    "information_query": "◆○◆◆○◆··",
    "pay_fees": "◆○◆·····",
    "import_pickup": "●·◆·····",
    "export_gate_in": "●·◆·····",
    "goods_name_check": "◆○·◆○◆◆·",
    "my_payments": "◆○◆·····",
    "my_pickups": "●·◆·····",
    "my_gate_ins": "●·◆·····",
    "my_breaches": "●·◆·····",
    "my_tracking": "●·◆·····",
    "smart_card": "··◆·····",
    # An entry of table 1, the text beside table 2 (S0-37).
    "driver_filing": "··◆·····",
    "terminal_back_office": "·····◆··",
}
# H-1, written out: what `merged` allows, so that the derivation is checked against a list.
MERGED = {
    "eclp_upload": "货代 集装箱堆场 散货堆场 仓储企业",
    "schedule_upload": "船东 船代 租船人 无船承运人 码头公司",
    "booking_upload": "船东 船代 租船人 无船承运人",
    "prestow_manifest_upload": "船东 船代 租船人 无船承运人",
    "clean_manifest_upload": "船东 船代 租船人 无船承运人",
    "ncl_upload": "船东 船代 租船人 无船承运人",
    "do_upload": "船东 船代",
    "information_query": "货代 集装箱堆场 散货堆场 仓储企业 普通车队 特殊资质车队 船东 船代 租船人 "
    "无船承运人 码头公司",
    "pay_fees": "货代 集装箱堆场 散货堆场 仓储企业 普通车队 特殊资质车队",
    "import_pickup": "普通车队 特殊资质车队",
    "export_gate_in": "普通车队 特殊资质车队",
    "goods_name_check": "货代 集装箱堆场 散货堆场 仓储企业 船东 船代 租船人 无船承运人 码头公司 "
    "报关行 报检行",
    "my_payments": "货代 集装箱堆场 散货堆场 仓储企业 普通车队 特殊资质车队",
    "my_pickups": "普通车队 特殊资质车队",
    "my_gate_ins": "普通车队 特殊资质车队",
    "my_breaches": "普通车队 特殊资质车队",
    "my_tracking": "普通车队 特殊资质车队",
    "smart_card": "普通车队 特殊资质车队",
    "driver_filing": "普通车队 特殊资质车队",
    "terminal_back_office": "码头公司",
}
ALL_TYPES = [type_ for column in COLUMNS for type_ in column]


def decide(**case):
    return decide_case("permission", json.dumps(case, ensure_ascii=False).encode())


def firm(*types, **more):
    return {
        "types": list(types),
        "state": "active",
        "terminal_approved": ["T1"],
        "payment_enabled": True,
        **more,
    }


def expected(profile, function):
    if profile == "merged":
        return set(MERGED[function].split())
    marks = {"table1": "●◆", "table2": "○◆"}[profile]
    pairs = zip(COLUMNS, CELLS[function], strict=True)
    return {type_ for column, cell in pairs if cell in marks for type_ in column}


def test_the_matrix_has_every_function_and_all_23_types():
    assert set(CELLS) == set(MERGED) == set(tables().functions)
    assert len(ALL_TYPES) == len(set(ALL_TYPES)) == 23
    assert set(ALL_TYPES) == set(tables().types)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("function", CELLS)
def test_cell_by_cell(profile, function):
    allowed = {
        type_
        for type_ in ALL_TYPES
        if decide(profile=profile, function=function, partner=firm(type_))["outcome"] == "accept"
    }
    assert allowed == expected(profile, function)


def test_the_answer_explains_itself():
    said = decide(profile="table2", function="booking_upload", partner=firm("船代"))
    assert said["explanation"] == {
        "zh": "船代可以上传 BOOKING(依据表2)",
        "en": "船代 may upload BOOKING by table 2",
    }
    said = decide(function="do_upload", partner=firm("船代"))
    assert said["explanation"]["en"] == "船代 may upload D/O by table 1"
    said = decide(function="export_gate_in", partner=firm("货代"))
    assert said["explanation"]["en"] == "货代 may not book export gate-in by table 2"


def test_a_firm_has_the_rights_of_all_its_types():
    """S0-13, S0-36: a logistics firm that is a yard, forwards and hauls ticks all three."""
    both = firm("货代", "普通车队")
    assert decide(function="export_gate_in", partner=both)["outcome"] == "accept"
    assert decide(function="eclp_upload", partner=both)["outcome"] == "accept"
    assert decide(function="booking_upload", partner=both)["codes"] == ["FORBIDDEN"]
    assert decide(function="information_query", partner=firm())["codes"] == ["FORBIDDEN"]


ONE = ["港口一站通"]
CONDITIONS = [
    ("not activated", "eclp_upload", {"state": "submitted"}, {}, ["PARTNER_NOT_ACTIVE"]),
    ("suspended", "eclp_upload", {"state": "suspended"}, {}, ["PARTNER_NOT_ACTIVE"]),
    ("of a state nobody knows", "eclp_upload", {"state": "x"}, {}, ["PARTNER_NOT_ACTIVE"]),
    ("activated, as the site says", "eclp_upload", {"state": "activated"}, {}, []),
    ("upload needs no terminal", "eclp_upload", {"terminal_approved": []}, {}, []),
    ("payment needs it", "pay_fees", {"terminal_approved": []}, {}, ["TERMINAL_NOT_APPROVED"]),
    ("payment needs no 随行支付 here", "pay_fees", {"payment_enabled": False}, {}, []),
    ("personal members look only", "eclp_upload", {"member": "personal"}, {}, ["FORBIDDEN"]),
    ("not subscribed", "eclp_upload", {"services": ["航运圈"]}, {}, ["SERVICE_NOT_SUBSCRIBED"]),
    ("subscribed", "eclp_upload", {"services": ONE}, {}, []),
    ("sub-account", "eclp_upload", {}, {"admin": False}, ["SERVICE_NOT_GRANTED"]),
    ("sub-account, granted", "eclp_upload", {}, {"admin": False, "services": ONE}, []),
    (
        "sub-account beyond its firm",
        "eclp_upload",
        {"services": []},
        {"admin": False, "services": ONE},
        ["SERVICE_NOT_SUBSCRIBED"],
    ),
]


@pytest.mark.parametrize(
    ("function", "partner", "account", "codes"),
    [row[1:] for row in CONDITIONS],
    ids=[row[0] for row in CONDITIONS],
)
def test_conditions_beside_the_role(function, partner, account, codes):
    account = {"admin": True, "services": [], **account}
    said = decide(function=function, partner=firm("货代", **partner), account=account)
    assert said["codes"] == codes
    assert said["outcome"] == ("reject" if codes else "accept")


def test_the_terminal_that_is_asked_must_have_approved():
    fleet = firm("普通车队")
    assert decide(function="export_gate_in", terminal="T1", partner=fleet)["codes"] == []
    said = decide(function="export_gate_in", terminal="T2", partner=fleet)
    assert said["codes"] == ["TERMINAL_NOT_APPROVED"]


def test_where_no_terminal_is_asked_none_is_named():
    said = decide(function="pay_fees", partner=firm("货代", terminal_approved=[]))
    assert said["codes"] == ["TERMINAL_NOT_APPROVED"]
    assert said["explanation"]["en"].startswith("no terminal has approved the firm yet")


def test_import_needs_payment_opened_and_the_terminal():
    """H-2: S0-24 and S0-39 are both asked for."""
    closed = firm("普通车队", payment_enabled=False)
    assert decide(function="import_pickup", partner=closed)["codes"] == ["PAYMENT_NOT_ENABLED"]
    assert decide(function="export_gate_in", partner=closed)["codes"] == []


def test_all_that_fails_is_told_at_once():
    partner = firm("银行", state="suspended", terminal_approved=[], payment_enabled=False)
    said = decide(
        function="import_pickup", partner=partner, account={"admin": False, "services": []}
    )
    assert said["codes"] == [
        "PARTNER_NOT_ACTIVE",
        "FORBIDDEN",
        "TERMINAL_NOT_APPROVED",
        "PAYMENT_NOT_ENABLED",
        "SERVICE_NOT_GRANTED",
    ]
    assert all(finding["zh"] and finding["en"] for finding in said["findings"])
    assert {rule["id"] for rule in said["rules"]} >= {"permission-role", "permission-terminal"}


def test_merged_follows_the_only_table_that_names_a_type():
    """H-1, the other way round: today no type stands in table 1 alone."""
    text = read_text("schemas/rules/permission.toml")
    text = text.replace('"仓储企业", "普通车队"', '"普通车队"').replace(', "仓储企业"', "")
    text = text.replace('"码头公司",\n    ', '"码头公司", "仓储企业",\n    ', 1)
    text = text.replace('types = [\n    "货代"', 'types = [\n    "仓储企业", "货代"', 1)
    text = text.replace('eclp_upload = ["货代"', 'eclp_upload = ["仓储企业", "货代"', 1)
    known = parse_tables(text)
    assert "仓储企业" not in known.table2.types
    assert known.allows("merged", "eclp_upload", "仓储企业")
    assert not known.allows("table2", "eclp_upload", "仓储企业")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("eclp_upload =", "other_upload ="), "unknown function"),
        (('"报检行", "货代", "制造商"', '"报检行", "制造商"'), "unknown type"),
        (('smart_card = ["普通车队", "特殊资质车队"]', 'smart_card = ["银行"]'), "table lacks"),
    ],
)
def test_a_table_that_names_what_it_does_not_declare_is_refused(change, message):
    text = read_text("schemas/rules/permission.toml").replace(*change, 1)
    with pytest.raises(ValueError, match=message):
        parse_tables(text)
