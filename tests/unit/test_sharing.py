"""Parties told in the same words by many bills: one model for all, and nothing else changes."""

from __future__ import annotations

import json

import pytest

from gateway.canonical.party import Party
from gateway.mappings import sharing, straight
from gateway.mappings.sharing import Shared
from gateway.pipeline.translation import Part, translate
from tests.bench.ifcsum import interchange

BILLS = 600


def parts(data: bytes) -> list[Part]:
    return [item for item in translate([data]) if isinstance(item, Part)]


@pytest.fixture(scope="module")
def data() -> bytes:
    made = b"".join(interchange(BILLS * 420))
    # A weight below nothing is found out only when the model is made.
    return made.replace(b"KGM:93", b"KGM:-93")


def test_the_same_words_make_the_same_party(data, monkeypatch):
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 2)
    parties = [
        each for part in parts(data) if part.draft.model for each in part.draft.model.parties
    ]
    notified = [each for each in parties if each.role == "notify"]
    # The first bills of an order are read by the general code.
    assert len({id(each) for each in notified}) < len(notified) / 4
    assert len(set(notified)) == 1


def test_sharing_changes_nothing_that_is_told(data, monkeypatch):
    with_sharing = parts(data)
    monkeypatch.setattr(Shared, "keep", lambda _self, _values, element: element)
    without = parts(data)
    assert len(with_sharing) == len(without) > BILLS / 2
    assert any(part.draft.model is None for part in without[BILLS // 4 :])
    for one, other in zip(with_sharing, without, strict=True):
        assert json.loads(one.draft.json()) == json.loads(other.draft.json())
        assert [f.as_json() for f in one.findings] == [f.as_json() for f in other.findings]


def test_what_makes_no_model_stays_a_draft_and_is_not_kept():
    shared = Shared(Party)
    wrong = {"role": "shipper", "lines": [""]}
    assert shared.keep(("a",), wrong) is wrong
    assert not shared


def test_so_many_elements_are_kept(monkeypatch):
    monkeypatch.setattr(sharing, "SHARED_ELEMENTS_MAX", 3)
    shared = Shared(Party)
    for number in range(10):
        shared.keep((str(number),), {"role": "shipper"})
        assert 1 <= len(shared) <= 3
