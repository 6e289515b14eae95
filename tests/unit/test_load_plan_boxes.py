"""Boxes and bills of a load plan: joined by the records 56, never more than the limit."""

from __future__ import annotations

import pytest

from gateway.findings import Findings
from gateway.mappings.container_load_plan import boxes
from gateway.pipeline.translation import Part, translate
from gateway.syntax.record import Record


def records(*texts: str) -> list[Record]:
    rows = [text.split(":") for text in texts]
    return [Record(row[0], [*row, ""], n, n, n) for n, row in enumerate(rows, 1)]


def joined(split, *texts: str) -> list[list[str]]:
    findings = Findings()
    parts = [[":".join(r.values[:-1]) for r in part] for part in split(records(*texts), findings)]
    assert not findings
    return parts


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (["50:A", "51:X", "56:A"], [["50:A", "51:X", "56:A"]]),
        (["51:X", "56:A", "11:P", "50:A"], [["50:A", "51:X", "11:P", "56:A"]]),
        (["50:a-b", "51:X", "56:A B"], [["50:a-b", "51:X", "56:A B"]]),
        # One bill in two boxes, and two bills in one box.
        (
            ["50:A", "50:B", "51:X", "56:A", "56:B", "51:Y", "56:B"],
            [["50:A", "51:X", "56:A"], ["50:B", "51:X", "56:B", "51:Y", "56:B"]],
        ),
        # A box that only a link names; a bill that names none.
        (["50:A", "51:X", "56:B"], [["50:A"], ["51:X", "56:B"]]),
        (["50:A", "51:X", "52:1"], [["50:A", "51:X", "52:1"]]),
        (["50:A", "50:B", "51:X"], [["50:A"], ["50:B"], ["51:X"]]),
        (["51:X", "52:1"], [["51:X", "52:1"]]),
        (["50:A", "77:?", "50:B"], [["50:A", "77:?"], ["50:B"]]),
        (["50:A", "50:A"], [["50:A", "50:A"]]),
        (["50:", "50:"], [["50:"], ["50:"]]),
    ],
)
def test_by_link(texts, parts):
    assert joined(boxes.by_link, *texts) == parts


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (["12:P", "50:A", "50:B"], [["12:P", "50:A"], ["12:P", "50:B"]]),
        (["12:P", "50:A", "12:Q", "50:B"], [["12:P", "50:A"], ["12:Q", "50:B"]]),
        (["50:A", "12:P"], [["50:A"], ["12:P"]]),
        (["12:P", "12:Q", "50:A"], [["12:P"], ["12:Q", "50:A"]]),
        (["50:A", "77:?"], [["50:A"], ["77:?"]]),
    ],
)
def test_by_place(texts, parts):
    assert joined(boxes.by_place, *texts) == parts


def test_shared_bills_have_a_limit(monkeypatch):
    monkeypatch.setattr(boxes, "LOAD_PLAN_RECORDS_MAX", 10)
    texts = ["50:A", "50:B", "50:C", "51:X", *["53:T"] * 3, "56:A", "56:B", "56:C"]
    findings = Findings()
    parts = list(boxes.by_link(records(*texts), findings))
    assert [part[0].values[1] for part in parts] == ["A", "B"]
    (found,) = findings
    assert (found.code, found.severity.value) == ("LOAD-PLAN-SIZE", "error")


def test_each_part_tells_of_the_records_that_it_rests_on():
    """A fault of a shared bill is one of every box under it, a fault of a box its own."""
    text = (
        "00:COTEMP:LIST:9:A:B:202611200930'10:UN9523108::081E'"
        "50:TEMU3010013:20GP:F'50:TEMU3010029::F'51:'56:TEMU3010013'56:TEMU3010029'99:8'"
    )
    first, second = [p for p in translate([text.encode()]) if isinstance(p, Part)]
    spots = [[(f.place.tag, f.place.field) for f in p.findings] for p in (first, second)]
    assert ("51", 2) in spots[0]
    assert ("51", 2) in spots[1]
    assert ("50", 3) not in spots[0]
    assert ("50", 3) in spots[1]
    assert (first.errors, second.errors) == (1, 1)
