"""S3-33, H-32: the authority's amount binds."""

from __future__ import annotations

import pytest

from gateway.rules.authority_amount import binding


@pytest.mark.parametrize(
    ("own", "authority", "due", "differs"),
    [
        (25600, None, 25600, False),
        (25600, 25600, 25600, False),
        (25600, 25601, 25601, True),
        (None, 25600, 25600, False),
        (0, 100, 100, True),
        (100, 0, 0, True),
        (None, None, None, False),
    ],
)
def test_the_authoritys_amount_binds(own, authority, due, differs):
    found = binding("B1", own, authority)
    assert (found.due_fen, found.finding is not None) == (due, differs)


def test_the_finding_has_both_amounts_and_the_bill():
    finding = binding("B1", 25600, 19200).finding
    assert finding.place.key == "B1"
    assert "25600" in finding.en
    assert "19200" in finding.zh
