"""Numbers of flat files as people write them: a comma is told, never guessed silently."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.mappings.convert import BadValue
from gateway.mappings.flat_convert import count, number
from gateway.pipeline.translation import End, Part, translate

MANIFEST = """00:IFCSUM:MANIFEST:9:DEMOAGT:DEMOTERM:202502031015'
10:BDEM:BO HAI DEMO:CN:012E:::20250205:20250206:CNTXG'
11:DML'
12:DML0330001::::::CNTXG:XINGANG'
13:KRPUS'
16::DEMO'
17::TO ORDER'
18::DEMO'
41:1::80:DR:DRUMS:{}::18.4'
47:1:PAINT'
51:1:TEMU3010029:S1:20GP:F:80:16240:2300:18.4'
99:12'
"""


def read(weight: str):
    items = list(translate([MANIFEST.format(weight).encode()]))
    (part,) = [item for item in items if isinstance(item, Part)]
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    assert {(f.place.tag, f.place.field) for f in findings} <= {("41", 7)}
    return part.draft.values["goods"][0].get("gross_weight_kg"), [f.code for f in findings]


@pytest.mark.parametrize(
    ("written", "weight", "codes"),
    [
        ("16240.5", "16240.5", []),
        ("16240,5", "16240.5", ["VALUE-COMMA"]),
        ("16240,000", "16240.000", ["VALUE-COMMA"]),
        ("0,500", "0.500", ["VALUE-COMMA"]),
        ("16,240", None, ["VALUE-COMMA-AMBIGUOUS"]),
        ("1,234.5", None, ["VALUE-NUMBER"]),
    ],
)
def test_a_comma_in_a_weight(written, weight, codes):
    found, told = read(written)
    assert told == codes
    assert found == (None if weight is None else Decimal(weight))


def test_a_comma_in_packages():
    assert count("80.000") == 80
    for text, meant in (("80,0", 80), ("80,000", None)):
        with pytest.raises(BadValue) as refused:
            count(text)
        assert refused.value.meant == meant
    assert number(" 5 ") == 5
