"""The dated figures of gates, what waits for which fact, and what is shown of a driver."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from gateway.canonical.model import PortTime
from gateway.pipeline.gate.instants import instant
from gateway.pipeline.gate.wish import Wish, masked
from gateway.resources import read_text
from gateway.rules.gate_policy import DEFAULT_POLICY
from gateway.rules.gate_policy_table import FILE, parse_policies, shipped
from gateway.rules.gate_waiting import AWAITED, Papers, held, only_papers, waits_for
from gateway.rules.verdict import conclude, kind

LATER = read_text(FILE) + "\n"
SECOND = (
    LATER[LATER.index("\n[[policy]]") :]
    .replace('"2026-1"', '"2027-1"')
    .replace("2000-01-01", "2027-01-01")
    .replace("suspended_days = 7", "suspended_days = 14")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_the_shipped_figures_are_the_defaults_of_the_rules():
    (only,) = shipped().versions
    assert only.figures == DEFAULT_POLICY
    assert (only.released_days_before, only.released_at) == (1, time(14))


@pytest.mark.parametrize(
    ("when", "version"),
    [
        ("1999-12-31 12:00", "2026-1"),
        ("2026-12-31 23:59:59", "2026-1"),
        ("2027-01-01 00:00", "2027-1"),
    ],
)
def test_a_version_holds_from_its_day_on_the_ports_clock(when, version):
    table = parse_policies(LATER + SECOND)
    assert table.on(at(when)).version == version
    assert table.version("2027-1").figures.suspended_for.days == 14
    assert table.version("other") is None


def test_a_pool_is_released_the_day_before():
    released = shipped().on(at("2026-11-29 00:30")).released(at("2026-11-29 00:30"))
    assert released == at("2026-11-28 14:00")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("slot_minutes = 60", "slot_minutes = 0"), "slot_minutes"),
        (("slot_minutes = 60", "slot_minutes = true"), "slot_minutes"),
        (("slot_minutes = 60", 'slot_minutes = "60"'), "slot_minutes"),
        (("breach_days = 30", "breach_days = 4000"), "more than a year"),
        (("suspended_after = 3", "suspended_after = 0"), "suspended_after"),
        (("driver_filing_required = false", "driver_filing_required = 0"), "no bool"),
        (("released_at = 14:00:00", 'released_at = "14:00"'), "no time"),
        (("suspended_days = 7\n", ""), "suspended_days"),
        (("suspended_days = 7", "suspended_days = 7\nfine = 100"), "fine"),
        (("[[policy]]", "[[policies]]"), "nothing else"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole(change, says):
    with pytest.raises(ValueError, match=says):
        parse_policies(LATER.replace(*change))


def test_two_versions_of_one_day_are_refused():
    with pytest.raises(ValueError, match="one day"):
        parse_policies(LATER + SECOND.replace("2027-01-01", "2000-01-01"))


def refused(*codes):
    return conclude([kind(code, "无", "none").at() for code in codes], (), ("", ""))


@pytest.mark.parametrize(
    ("codes", "waits"),
    [
        (("UNPAID",), True),
        (tuple(AWAITED), True),
        (("UNPAID", "QUOTA"), False),
        (("SUSPENDED",), False),
        ((), False),
    ],
)
def test_only_papers_are_waited_for(codes, waits):
    assert only_papers(refused(*codes)) is waits


def test_a_request_that_waits_is_held_with_the_same_codes():
    verdict = held(refused("UNPAID", "NO_DO"))
    assert (verdict.outcome, verdict.codes) == ("hold", ("UNPAID", "NO_DO"))


def test_facts_come_under_any_of_the_names():
    papers = Papers("BOX1", booking="b1", bill="bl1", voyage="108w")
    assert waits_for(("NO_VGM", "UNPAID", "NO_SCHEDULE", "QUOTA"), papers) == (
        ("vgm", "BOX1"),
        ("vgm", "B1"),
        ("fees_paid", "BL1"),
        ("fees_paid", "BOX1"),
        ("schedule", "108W"),
    )
    assert waits_for(("NO_DO",), Papers("BOX1")) == (("delivery_order", "BOX1"),)


@pytest.mark.parametrize(
    ("given", "shown"),
    [(None, None), ("", None), ("1234", "****"), ("11010519491231002X", "1101**********002X")],
)
def test_a_driver_is_shown_masked(given, shown):
    assert masked(given) == shown


def test_a_request_is_known_without_its_drivers_number():
    one, other = (
        Wish("T1", "export_gate_in", "BOX1", driver=number)
        for number in ("11010519491231002X", "11010500000000002X")
    )
    assert one.digest == other.digest
    assert one.digest != Wish("T1", "export_gate_in", "BOX2").digest


@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2026-11-29T14:00", None, datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2026-11-29T14:00", "Asia/Tokyo", datetime(2026, 11, 29, 5, tzinfo=UTC)),
        ("2026-11-29", None, datetime(2026, 11, 28, 16, tzinfo=UTC)),
        ("2026-11-29T14:00", "Nowhere/None", None),
    ],
)
def test_wall_times_are_the_ports(wall, zone, expected):
    assert instant(PortTime(wall=wall, zone=zone)) == expected
    assert instant(None) is None
