"""The published DCSA samples: what they say is read, what is wrong with them is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.pipeline.translation import End, Part, translate

SHARED = Path(__file__).parents[3] / "shared" / "samples" / "edifact"
FOLDER = SHARED / "JSON_DCSA"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared samples are not here")
READ = ("booking", "ovs", "commercialschedules-api-1.0.0-vs")
FILES = sorted(path for path in FOLDER.glob("*.json") if path.name.startswith(READ))
# Files that are wrong on purpose → a finding that must be told.
WRONG = {
    "booking-request_with_errors.json": "VALUE-CODE",
    "ovs-300-response-wrong-structure.json": "JSON-004",
    "ovs-300-response-wrong-attribute-values.json": "JSON-006",
    "commercialschedules-api-1.0.0-vs.json": "JSON-006",
}


def read(path: Path):
    items = list(translate([path.read_bytes()]))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    return [item for item in items if isinstance(item, Part)], findings


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_published_sample(path):
    parts, findings = read(path)
    codes = {finding.code for finding in findings}
    errors = [finding.en for finding in findings if finding.severity == "error"]
    if path.name in WRONG:
        assert WRONG[path.name] in codes
    else:
        assert parts
        assert not errors


def facts(name: str) -> dict[str, object]:
    entries = json.loads((SHARED / "facts.json").read_text("utf-8"))["entries"]
    return next(entry["facts"] for entry in entries if entry["file"] == f"JSON_DCSA/{name}")


def test_the_facts_of_a_booking():
    name = "booking-api-2.0.0-reefer.json"
    told, (part,) = facts(name), read(FOLDER / name)[0]
    booking = part.draft.model
    assert booking.delivery_term == f"{told['receipt']}-{told['delivery']}"
    assert booking.references[0].number == told["contract"]
    assert (booking.vessel.name, booking.voyage) == (told["vessel"], told["export_voyage"])
    assert (booking.load_port.code, booking.discharge_port.code) == (told["pol"], told["pod"])
    assert booking.equipment[0].size_type == told["equipment"][0]["iso_type"]
    assert booking.goods[0].temperature.setting == told["equipment"][0]["temperature_setpoint_c"]
    assert booking.goods[0].description == (told["commodity"],)
    assert booking.goods[0].gross_weight_kg == told["gross_kg"]


def test_the_facts_of_a_schedule():
    name = "commercialschedules-api-1.0.0-vs.json"
    told, ((part,), findings) = facts(name), read(FOLDER / name)
    header, call = part.document.header.model, part.draft.model
    assert header.trade.code == told["service"]
    ship = {"name": header.vessel.name, "imo": header.vessel.imo}
    assert {**ship, "call_sign": header.vessel.call_sign} == told["vessel"]
    assert (call.port.code, call.eta.wall) == (told["port"], told["arrival_planned"])
    assert call.eta.zone == "Europe/Amsterdam"  # the port's: at that time +01:00, as written
    assert {"JSON-006", "DUMMY-VESSEL"} <= {finding.code for finding in findings}
