"""Findings about parts that are right by themselves: a box told twice, a weight in tons."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.test_round_trip_edifact import read

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def codes(data: bytes) -> list[tuple[str, str | None]]:
    return [
        (f.code, f.value)
        for f in read(data)[2]
        if f.code in ("DUPLICATE-EQUIPMENT", "VALUE-UNIT-TON")
    ]


@pytest.mark.parametrize(
    "sample",
    [
        "container_list/coprar/good-load-list-d95b.edi",
        "load_discharge_report/baplie/good-smdg2-d95b.edi",
        "verified_gross_mass/vermas/good-two-boxes-d16a.edi",
    ],
)
def test_a_box_told_twice_is_found_at_its_second_place(sample: str):
    data = (SAMPLES / sample).read_bytes()
    numbers = [line.split(b"+")[2].rstrip(b"'") for line in data.splitlines() if b"EQD+" in line]
    first, second = numbers[:2]
    assert codes(data) == []
    assert codes(data.replace(second, first)) == [("DUPLICATE-EQUIPMENT", first.decode())]


def test_the_same_box_in_two_messages_is_not_told_twice():
    data = (SAMPLES / "container_list/coprar/good-load-list-d95b.edi").read_bytes()
    begin, end = data.index(b"UNH+"), data.index(b"UNZ+")
    again = data[begin:end].replace(b"UNH+1+", b"UNH+2+").replace(b"+1'\nUNZ", b"+2'\nUNZ")
    assert codes(data[:end] + again + data[end:]) == []


@pytest.mark.parametrize(
    ("unit", "found"), [("TON", True), ("MT", True), ("TNE", False), ("KGM", False)]
)
def test_a_weight_in_tons_of_no_code_list_is_noted(unit: str, found: bool):
    data = (SAMPLES / "manifest/cuscar/good-one-bill-d00b.edi").read_bytes()
    assert b"+TNE:14.2596" in data
    told = data.replace(b"+TNE:14.2596", f"+{unit}:14.2596".encode())
    assert codes(told) == ([("VALUE-UNIT-TON", f"{unit}:14.2596")] if found else [])
    weight = read(told)[1][0].goods[0].gross_weight_kg
    assert str(weight) == ("14.2596" if unit == "KGM" else "14259.6")
