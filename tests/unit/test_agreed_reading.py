"""What a partner has agreed counts for every syntax, also where a head does not name its type."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.canonical.partner import Partner
from gateway.pipeline.order import order_key
from gateway.pipeline.translation import End, Part, translate

SAMPLES = Path(__file__).parents[2] / "schemas" / "samples"


def partner(document: str, **agreed) -> Partner:
    agreements = [{"document": document, **agreed}]
    return Partner.model_validate({"code": "AB1", "name": "x", "agreements": agreements})


def severities(data: bytes, who: Partner | None, code: str) -> set[str]:
    items = list(translate([data], who))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    return {finding.severity.value for finding in findings if finding.code == code}


def test_counts_of_edifact():
    data = (SAMPLES / "booking" / "coparn.edi").read_bytes().replace(b"UNT+", b"UNT+9", 1)
    found = [f for item in translate([data]) if isinstance(item, Part) for f in item.findings]
    code = next(finding.code for finding in found if finding.severity == "error")
    assert severities(data, None, code) == {"error"}
    assert severities(data, partner("booking", envelope_counts="warn"), code) == {"warning"}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Seoul"])
def test_the_zone_of_a_workbook(zone):
    data = (SAMPLES / "verified_gross_mass" / "table.xlsx").read_bytes()
    who = partner("verified_gross_mass", zone=zone)
    parts = [item for item in translate([data], who) if isinstance(item, Part)]
    assert parts[0].draft.model.weighed_at.zone == zone


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("booking/coparn.edi", "a/booking"),
        ("booking/dcsa-booking-2.json", "a/booking"),
        ("booking/xml.xml", "a/booking"),
        ("manifest/customs-mt1101.xml", "a/manifest"),
        ("verified_gross_mass/table.xlsx", "a/unknown"),
    ],
)
def test_the_lane_that_a_head_tells(file, key):
    assert order_key("a", (SAMPLES / file).read_bytes()[:4096]) == key
