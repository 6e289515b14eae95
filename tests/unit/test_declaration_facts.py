"""The facts of a bill, and the moves of declarations that are pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.pipeline.fees.voyage import call_of, trade_of
from gateway.rules.declaration_facts import bill_of, facts_of, length_ft
from gateway.rules.declaration_life import Event, goods_after, manifest_after, not_now
from gateway.rules.rating import rate
from gateway.rules.rating_case import Voyage
from gateway.rules.tariff import shipped


@pytest.mark.parametrize(
    ("size", "feet"),
    [
        ("22G1", 20), ("45G1", 40), ("25R1", 20), ("L5G1", 45), ("P5G1", 53), ("M2G1", 48),
        ("20GP", 20), ("40HQ", 40), ("45HQ", 45), ("45GP", 45), ("25GP", 25), ("30GP", 30),
        ("4310", 40), ("2200", 20), ("20", 20), ("40", 40), ("9500", None), ("??", None),
        ("", None), (None, None), ("XXXXX", None),
    ],
)  # fmt: skip
def test_lengths(size, feet):
    assert length_ft(size) == (None if feet is None else Decimal(feet))


def test_both_forms_have_no_amount():
    facts = {
        "containers": [{"number": "TSTU0000020", "length_ft": "20"}],
        "cargo": [{"name": "sand", "jt": "JT05", "tonnes": "10"}],
    }
    at = datetime(2018, 5, 10, tzinfo=UTC)
    voyage = Voyage(at, "export", "foreign")
    rated = rate([shipped()["PCF"]], voyage, bill_of("B1", facts))
    assert (rated.total_fen, [each.code for each in rated.findings]) == (None, ["MIXED_FORM"])


def test_a_manifests_bill_as_facts():
    part = {
        "number": "B1",
        "goods": [
            {
                "sequence": "1",
                "description": ["PAINT"],
                "cargo_code": "JT14",
                "dangerous": [{"hazard_class": "3", "packing_group": "II"}],
            },
            {"sequence": "2", "description": ["TOYS"]},
        ],
        "containers": [
            {"number": "TSTU0000020", "size_type": "22R1", "goods_sequence": "1", "status": "F"},
            {"number": "TSTU0000036", "size_type": "45G1", "goods_sequence": "2", "status": "E"},
        ],
    }
    first, second = facts_of(part)["containers"]
    assert (first["length_ft"], first["reefer"], first["laden"]) == ("20", True, True)
    assert first["dangerous"] == {"class": "3", "packing_group": "II"}
    assert (second["length_ft"], second["laden"], second["dangerous"]) == ("40", False, None)
    loose = {"goods": [{"description": ["ORE"], "cargo_code": "JT031", "gross_weight_kg": "12500"}]}
    assert facts_of(loose)["cargo"] == [{"name": "ORE", "jt": "JT031", "tonnes": "12.5"}]


def test_an_approved_manifest_has_no_way_back():
    """S3-16: changed, handed in, deleted only before it is approved."""
    assert manifest_after("draft", Event.DELETE) == "deleted"
    assert manifest_after("rejected", Event.CHANGE) == "rejected"
    assert manifest_after("failed", Event.SUBMIT) == "submitted"
    assert manifest_after("failed", Event.DELETE) is None
    assert {manifest_after("approved", event) for event in Event} == {None}
    assert {goods_after("paid", event) for event in Event} == {None}
    assert "已收费" in not_now("paid", Event.CHANGE).zh


@pytest.mark.parametrize(
    ("kind", "load", "discharge", "wanted"),
    [
        ("pre_stowage", "CNTXG", "KRPUS", ("export", "foreign", "CNTXG")),
        ("unstated", "CNTXG", "CNSHA", ("export", "domestic", "CNTXG")),
        ("import", "KRPUS", "CNTXG", ("import", "foreign", "CNTXG")),
    ],
)
def test_trade_and_direction(kind, load, discharge, wanted):
    header = {
        "message_type": "IFCSUM",
        "kind": kind,
        "load_port": {"code": load},
        "discharge_port": {"code": discharge},
        "sailing": {"wall": "2018-05-10T08:00", "zone": "Asia/Shanghai"},
        "arrival": {"wall": "2018-05-11T08:00", "zone": "Asia/Shanghai"},
    }
    call = call_of(header)
    assert (call.direction, trade_of(call, load, discharge), call.port) == wanted
    assert call.ship_at == datetime(2018, 5, 11 if kind == "import" else 10, tzinfo=UTC)
    feeder = call_of({**header, "trade": {"code": "FEEDER"}})
    assert trade_of(feeder, load, discharge) == "feeder"
    zoneless = call_of({**header, "sailing": {"wall": "2018-05-10"}, "arrival": None})
    assert zoneless.ship_at is None
