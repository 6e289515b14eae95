"""Segments of a COSTCO → the segments of each box, over made-up records."""

from __future__ import annotations

import pytest

from gateway.findings import Findings
from gateway.mappings.container_load_plan import costco_boxes
from gateway.mappings.container_load_plan.costco_boxes import by_goods
from gateway.syntax.record import Record

SGP = "CNI/GID/SGP"


def records(*told: str) -> list[Record]:
    """ "EQD A", "CNI 1", "CNI/GID", "SGP A": a label, and the box or bill that it names."""
    found = []
    for ordinal, each in enumerate(told, 1):
        label, _, name = each.partition(" ")
        label = SGP if label == "SGP" else label
        values = ["CN", name] if label == "EQD" else [name]
        found.append(Record(label, values, ordinal, 0, ordinal))
    return found


def parts(*told: str, findings: Findings | None = None) -> list[list[str]]:
    made = by_goods(records(*told), findings if findings is not None else Findings())
    return [[f"{r.label.rsplit('/', 1)[-1]} {r.values[-1]}".strip() for r in part] for part in made]


def test_a_box_gets_the_consignments_whose_goods_name_it():
    assert parts(
        "EQD A", "EQD/SEL S", "EQD B", "CNI 1", "CNI/GID", "SGP A", f"{SGP}/MEA 5", "SGP B",
        "CNI 2", "SGP B",
    ) == [
        ["EQD A", "SEL S", "CNI 1", "GID", "SGP A", "MEA 5"],
        ["EQD B", "CNI 1", "GID", "SGP B", "CNI 2", "SGP B"],
    ]  # fmt: skip


def test_goods_of_a_consignment_behind_a_box_belong_to_all_its_boxes():
    assert parts("EQD A", "EQD B", "CNI 1", "CNI/GID", "SGP A", "CNI/GID", "SGP B") == [
        ["EQD A", "CNI 1", "GID", "SGP A", "GID"],
        ["EQD B", "CNI 1", "GID", "GID", "SGP B"],
    ]


def test_a_box_that_only_goods_name_is_a_part():
    assert parts("EQD A", "CNI 1", "SGP B") == [["EQD A"], ["CNI 1", "SGP B"]]


@pytest.mark.parametrize(
    ("boxes", "made"),
    [
        (("EQD A",), [["EQD A", "CNI 1", "GID"]]),
        (("EQD A", "EQD B"), [["EQD A"], ["EQD B"], ["CNI 1", "GID"]]),
        ((), [["CNI 1", "GID"]]),
    ],
)
def test_a_consignment_without_a_box(boxes: tuple[str, ...], made: list[list[str]]):
    """It belongs to the only box there is, else it stands alone."""
    assert parts(*boxes, "CNI 1", "CNI/GID") == made


def test_the_same_number_written_differently_is_one_box():
    assert parts("EQD AB12", "CNI 1", "SGP ab-12") == [["EQD AB12", "CNI 1", "SGP ab-12"]]


def test_too_many_links_end_with_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(costco_boxes, "LOAD_PLAN_RECORDS_MAX", 5)
    findings = Findings()
    assert parts("EQD A", "EQD B", "CNI 1", "SGP A", "SGP B", findings=findings) == [
        ["EQD A", "CNI 1", "SGP A"]
    ]
    assert [each.code for each in findings] == ["LOAD-PLAN-SIZE"]
