"""Parties told in the same words by many bills: one model for all, and nothing else changes."""

from __future__ import annotations

import json

import pytest

from gateway.canonical.party import Party
from gateway.mappings import sharing, straight
from gateway.mappings.sharing import Shared
from gateway.pipeline.translation import Part, translate
from tests.bench.ifcsum import interchange
from tests.bench.load_plan_csv import load_plan

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


@pytest.fixture(scope="module")
def rows() -> bytes:
    made = b"".join(load_plan(60_000)).decode("gb18030").splitlines(keepends=True)
    # Places and packages of which there is no model, no number or none at all; in two columns, too.
    for at, column, text in ((300, 10, ""), (310, 10, "X" * 71), (320, 15, "1,5"), (330, 16, "")):
        cells = made[at].split(",")
        cells[column] = text
        made[at] = ",".join(cells)
    return "".join(made).encode()


def test_rows_of_a_table_share_places_and_packages(rows):
    models = [part.draft.model for part in parts(rows) if part.draft.model]
    goods = [item for model in models for bill in model.bills for item in bill.goods]
    late = slice(len(models) // 2, None)
    # Rows that are odd, and those beside them, are read by the general code.
    assert len({id(model.load_port) for model in models[late]}) < 10
    assert len({id(model.bills[0].delivery_place) for model in models[late]}) < 10
    assert len({id(item.packages) for item in goods[late]}) < 100


def test_sharing_changes_nothing_that_is_told_of_a_table(rows, monkeypatch):
    with_sharing = parts(rows)
    monkeypatch.setattr(Shared, "keep", lambda _self, _values, element: element)
    without = parts(rows)
    assert [part.draft.model is None for part in without].count(True) == 1
    assert len(with_sharing) == len(without)
    for one, other in zip(with_sharing, without, strict=True):
        assert one.draft.json() == other.draft.json()
        assert [f.as_json() for f in one.findings] == [f.as_json() for f in other.findings]
