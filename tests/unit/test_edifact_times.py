"""C507: forms of 2379 that fit, forms that do not, zones that are stated."""

from __future__ import annotations

import pytest

from gateway.mappings.convert import BadValue
from gateway.mappings.edifact_convert import ODD_FORM, time, time_text


@pytest.mark.parametrize(
    ("composite", "expected"),
    [
        ("132:202411212200:203", {"wall": "2024-11-21T22:00"}),
        ("132:241121:101", {"wall": "2024-11-21"}),
        ("132:211124:2", {"wall": "2024-11-21"}),
        ("132:202411212400:203", {"wall": "2024-11-21T24:00"}),
        ("132:202411211400UTC:303", {"wall": "2024-11-21T14:00", "zone": "UTC"}),
        ("132:202411211400Z:303", {"wall": "2024-11-21T14:00", "zone": "UTC"}),
        ("132:202411211400+08:303", {"wall": "2024-11-21T14:00", "zone": "Etc/GMT-8"}),
        ("132:202411211400-0500:205", {"wall": "2024-11-21T14:00", "zone": "Etc/GMT+5"}),
        ("132:20241121140059CST:304", {"wall": "2024-11-21T14:00:59", "zone": "CST"}),
        ("132:202411211400:303", {"wall": "2024-11-21T14:00"}),
        ("132:20241121-20241130:718", {"wall": "2024-11-21"}),
        ("132::203", None),
    ],
)
def test_a_time_of_its_form(composite, expected):
    assert time(composite) == expected


@pytest.mark.parametrize(
    ("composite", "wall"),
    [
        ("132:20241121:203", "2024-11-21"),
        ("132:202411212200:102", "2024-11-21T22:00"),
        ("132:202411212200:204", "2024-11-21T22:00"),
        ("132:20241121:101", "2024-11-21"),
    ],
)
def test_a_form_that_does_not_fit_is_told_and_read_by_its_length(composite, wall):
    for read, meant in ((time, {"wall": wall}), (time_text, wall)):
        with pytest.raises(BadValue) as odd:
            read(composite)
        assert (odd.value.kind, odd.value.meant) == (ODD_FORM, meant)


def test_no_time_is_no_odd_form():
    with pytest.raises(BadValue) as refused:
        time("132:20240231:203")
    assert refused.value.kind is not ODD_FORM
    assert refused.value.meant is None
