"""Totals against goods, boxes against goods; nothing is said where nothing can be compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.canonical.booking import Booking
from gateway.canonical.manifest import Bill
from gateway.findings import Severity
from gateway.rules.consistency import consistency_findings


def goods(sequence="1", count=16, weight="34500", volume="72.549"):
    return {
        "sequence": sequence,
        "packages": {"count": count},
        "gross_weight_kg": None if weight is None else Decimal(weight),
        "volume_m3": Decimal(volume),
    }


def bill(**more):
    return Bill.model_validate({"number": "TJL001", **more})


def told(part, kind="manifest"):
    return [(flaw.path[1:], flaw.value) for flaw in consistency_findings(kind, part)]


TOTALS = {
    "total_packages": {"count": 66},
    "total_gross_weight_kg": Decimal("86720.000"),
    "total_volume_m3": Decimal("167.888"),
}


def test_totals_that_differ_are_told_one_by_one():
    part = bill(goods=[goods()], **TOTALS)
    assert told(part) == [
        (("total_packages", "count"), "66"),
        (("total_gross_weight_kg",), "86720"),
        (("total_volume_m3",), "167.888"),
    ]
    finding = consistency_findings("manifest", part)[1].finding()
    assert finding.severity is Severity.WARNING
    assert "34500" in finding.en


@pytest.mark.parametrize(
    "part",
    [
        bill(),
        bill(**TOTALS),
        bill(goods=[goods()]),
        bill(goods=[goods(), goods("2")], total_packages={"count": 32}),
        bill(
            goods=[goods(weight="0.10"), goods("2", weight="0.20")],
            total_gross_weight_kg=Decimal("0.3"),
        ),
        bill(goods=[goods(), goods("2", weight=None)], total_gross_weight_kg=Decimal(1)),
        bill(goods=[goods()], containers=[{"goods_sequence": "001"}, {"goods_sequence": "0"}, {}]),
        bill(goods=[{"sequence": None}], containers=[{"goods_sequence": "4"}]),
        bill(containers=[{"goods_sequence": "4"}]),
    ],
)
def test_nothing_is_said_where_it_agrees_or_cannot_be_compared(part):
    assert told(part) == []


def test_a_box_that_points_to_no_goods():
    boxes = [{"number": "CSQU3054383", "goods_sequence": "1"}, {"goods_sequence": "3"}]
    assert told(bill(goods=[goods("3")], containers=boxes)) == [
        (("containers", 0, "goods_sequence"), "1")
    ]
    booking = Booking.model_validate({"goods": [goods("3")], "containers": boxes})
    assert told(booking, "booking") == [(("containers", 0, "goods_sequence"), "1")]


def test_many_goods_are_named_a_few():
    many = [goods(str(number)) for number in range(1, 50)]
    (flaw,) = consistency_findings(
        "manifest", bill(goods=many, containers=[{"goods_sequence": "99"}])
    )
    assert flaw.finding().en.endswith("…")


def test_other_documents_are_left_alone():
    assert told(bill(goods=[goods()], **TOTALS), "acknowledgement") == []
