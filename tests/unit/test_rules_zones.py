"""The table of ports, and the zone of a document's times."""

from __future__ import annotations

import csv
import re
from zoneinfo import available_timezones

import pytest

from gateway.canonical.model import PortTime
from gateway.mappings.convert import compact_time
from gateway.resources import read_text
from gateway.rules.zones import (
    TABLE,
    ZONE_NAME,
    ZONE_UNKNOWN,
    ZONE_UNSTATED,
    zone_header,
    zone_of,
    zone_part,
)

ROWS = list(csv.DictReader(read_text(TABLE).splitlines()))


def test_the_table_is_well_formed():
    codes = [row["code"] for row in ROWS]
    assert len(codes) == len(set(codes))
    assert len([code for code in codes if len(code) == 5]) > 1000
    assert not [code for code in codes if not re.fullmatch(r"[A-Z]{2}([A-Z2-9]{3})?", code)]
    assert not {row["zone"] for row in ROWS} - available_timezones()
    assert not [row for row in ROWS if len(row["code"]) == 5 and not row["name"]]


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("CNTXG", "Asia/Shanghai"),
        ("cntxg", "Asia/Shanghai"),
        ("CNXYZ", "Asia/Shanghai"),
        ("KRPUS", "Asia/Seoul"),
        ("USLAX", "America/Los_Angeles"),
        ("USXYZ", None),
        ("ESLPA", "Atlantic/Canary"),
        ("DEHAM", "Europe/Berlin"),
        ("TXG", None),
        ("", None),
    ],
)
def test_the_zone_of_a_port(code, zone):
    assert zone_of(code) == zone


def test_an_export_manifest_runs_by_the_clock_of_the_port_of_departure():
    header = {
        "departure_port": {"code": "CNTXG"},
        "discharge_port": {"code": "KRPUS"},
        "sailing": {"wall": "2024-11-23"},
        "created_at": {"wall": "2024-11-21T09:30"},
    }
    assert zone_header("manifest", header) == ("Asia/Shanghai", ())
    assert header["sailing"] == {"wall": "2024-11-23", "zone": "Asia/Shanghai"}
    assert "zone" not in header["created_at"]
    loaded = {"load_port": {"code": "KRPUS"}, "arrival": {"wall": "2024-11-23"}}
    assert zone_header("manifest", loaded)[0] == "Asia/Seoul"


def test_a_file_is_created_by_the_clock_of_its_sender():
    header = {"sender_port": "JPTYO", "created_at": {"wall": "2024-11-21T09:30"}}
    zone_header("manifest", header)
    assert header["created_at"]["zone"] == "Asia/Tokyo"
    zone_header("booking", booking := {"created_at": {"wall": "2024-11-21"}}, "Asia/Seoul")
    assert booking["created_at"]["zone"] == "Asia/Seoul"


def test_an_import_runs_by_the_clock_of_discharge_and_was_loaded_by_that_of_loading():
    header = {
        "kind": "import",
        "departure_port": {"code": "CNTXG"},
        "discharge_port": {"code": "USLAX"},
        "arrival": {"wall": "2024-12-02"},
    }
    zone, flaws = zone_header("manifest", header)
    assert (zone, flaws) == ("America/Los_Angeles", ())
    bill = {"load_port": {"code": "CNTXG"}, "load_date": {"wall": "2024-11-20"}}
    assert zone_part("manifest", header, bill, zone) == ()
    assert bill["load_date"].zone == "Asia/Shanghai"
    (flaw,) = zone_part("manifest", header, {"load_date": {"wall": "2024-11-20"}}, zone)
    assert flaw.kind is ZONE_UNSTATED


def test_a_part_follows_its_own_port_and_else_the_header():
    own = {"load_port": {"code": "JPTYO"}, "load_date": {"wall": "2024-11-20"}}
    assert zone_part("manifest", {}, own, "Asia/Shanghai") == ()
    assert own["load_date"].zone == "Asia/Tokyo"
    none = {"load_date": {"wall": "2024-11-20"}}
    assert zone_part("manifest", {}, none, "Asia/Shanghai") == ()
    assert none["load_date"].zone == "Asia/Shanghai"


def test_the_profile_wins():
    booking = {
        "load_port": {"code": "KRPUS"},
        "cut_off": {"wall": "2024-11-20T12:00"},
        "containers": [{"positioned_at": {"wall": "2024-11-19"}}, {}],
    }
    assert zone_part("booking", {}, booking, None, "Asia/Shanghai") == ()
    assert booking["cut_off"].zone == "Asia/Shanghai"
    assert booking["containers"][0]["positioned_at"].zone == "Asia/Shanghai"


def test_an_unknown_zone_is_a_finding_and_the_time_stays_as_written():
    booking = {"load_port": {"code": "USXYZ"}, "cut_off": {"wall": "2024-11-20T12:00"}}
    (flaw,) = zone_part("booking", {}, booking, None)
    assert (flaw.path, flaw.kind, flaw.value) == (
        ("part", "load_port", "code"),
        ZONE_UNKNOWN,
        "USXYZ",
    )
    assert booking["cut_off"] == {"wall": "2024-11-20T12:00"}


def test_no_port_is_a_remark_only_where_there_are_times():
    assert zone_part("booking", {}, {"booking_number": "B1"}, None) == ()
    (flaw,) = zone_part("booking", {}, {"cut_off": {"wall": "2024-11-20"}}, None)
    assert flaw.kind is ZONE_UNSTATED
    assert zone_header("manifest", {"created_at": {"wall": "2024-11-20"}}) == (None, ())


def test_a_cached_time_is_never_written_into():
    shared_time = compact_time("202411200930")
    booking = {"load_port": {"code": "CNTXG"}, "cut_off": shared_time}
    zone_part("booking", {}, booking, None)
    assert compact_time("202411200930") == {"wall": "2024-11-20T09:30"}


def test_a_type_without_a_line_is_left_alone():
    part = {"at": {"wall": "2024-11-20"}}
    assert zone_part("acknowledgement", {}, part, "Asia/Shanghai") == ()
    assert part == {"at": {"wall": "2024-11-20"}}


@pytest.mark.parametrize(
    ("wall", "stated", "told"),
    [
        ("2024-11-21T14:00", "UTC", "2024-11-21T22:00"),
        ("2024-02-28T23:30:15.250", "UTC", "2024-02-29T07:30:15.250"),
        ("2024-11-21T24:00", "UTC", "2024-11-22T08:00"),
        ("2024-11-21T22:00", "Etc/GMT-8", "2024-11-21T22:00"),
        ("2024-11-21", "UTC", "2024-11-21"),
    ],
)
def test_a_time_that_states_its_zone_is_told_by_the_ports_clock(wall, stated, told):
    call = {"port": {"code": "CNTXG"}, "eta": {"wall": wall, "zone": stated}}
    assert zone_part("vessel_schedule", {}, call, None) == ()
    assert call["eta"] == PortTime(wall=told, zone="Asia/Shanghai")


def test_a_time_is_made_once_and_one_that_is_none_stays_as_it_was():
    calls = [{"port": {"code": "CNTXG"}, "eta": {"wall": "2024-11-21"}} for _ in range(2)]
    for call in calls:
        zone_part("vessel_schedule", {}, call, None)
    assert calls[0]["eta"] is calls[1]["eta"]
    wrong = {"port": {"code": "CNTXG"}, "eta": {"wall": "tomorrow"}}
    zone_part("vessel_schedule", {}, wrong, None)
    assert wrong["eta"] == {"wall": "tomorrow", "zone": "Asia/Shanghai"}


def test_a_stated_zone_that_is_none_is_a_finding():
    call = {"port": {"code": "CNTXG"}, "eta": {"wall": "2024-11-21T14:00", "zone": "XYZ"}}
    (flaw,) = zone_part("vessel_schedule", {}, call, None)
    assert (flaw.path, flaw.kind, flaw.value) == (("part", "eta"), ZONE_NAME, "XYZ")
    assert call["eta"] == PortTime(wall="2024-11-21T14:00", zone="Asia/Shanghai")
