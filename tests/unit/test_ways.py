"""Which ways documents go is found once, and found again when a partner changes."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from gateway.pipeline import dispatch
from gateway.pipeline.dispatch import Dispatch, Ways
from gateway.pipeline.rows import DocumentRow, InterchangeRow
from gateway.routing.plan import DecidedDocument
from tests.contract.few_partners import FewPartners


def partner(code: str, payload: str = "canonical", **fields: Any) -> dict[str, Any]:
    booking = {"document": "booking", "payload": payload}
    route = {"name": "box", "kind": "mailbox", "subscriptions": [booking]}
    return {"code": code, "routes": [route], **fields}


def decided(sender: str = "ACME", **fields: Any) -> DecidedDocument:
    return DecidedDocument("i-1", "i", sender, "booking", {}, "accepted", **fields)


def codes(ways: Ways, document: DecidedDocument) -> list[str]:
    return [receiver.code for receiver, _route in ways.of(document)]


def test_ways_are_found_once_for_each_sender_type_and_test(monkeypatch):
    asked: list[DecidedDocument] = []
    find = dispatch.ways

    def counted(document: DecidedDocument, partners: Any) -> Any:
        asked.append(document)
        return find(document, partners)

    monkeypatch.setattr(dispatch, "ways", counted)
    directory: Any = FewPartners(partner("ACME"), partner("TERM"), partner("TRIAL", stage="test"))
    ways = Ways(directory)
    for _ in range(3):
        assert codes(ways, decided()) == ["TERM"]
        assert codes(ways, decided("TERM")) == ["ACME"]
        assert codes(ways, decided(test=True)) == ["TRIAL"]
    assert len(asked) == 3


def test_a_change_of_partners_is_seen_at_once():
    directory: Any = FewPartners(partner("ACME"), partner("TERM"))
    ways = Ways(directory)
    assert codes(ways, decided()) == ["TERM"]
    changed = FewPartners(partner("ACME"), partner("TERM", state="suspended"), partner("OTHER"))
    directory.partners = changed.partners
    assert codes(ways, decided()) == ["OTHER"]


def test_no_more_is_remembered_than_the_limit(monkeypatch):
    monkeypatch.setattr(dispatch, "WAYS_REMEMBERED_MAX", 10)
    directory: Any = FewPartners(partner("TERM"))
    ways = Ways(directory)
    for number in range(100):
        assert codes(ways, decided(f"S{number}")) == ["TERM"]
        assert len(ways._found[1]) <= 10


def row(kind: Any, **given: Any) -> Any:
    """A row of which nobody asks for more than what is given."""
    return kind(**{each.name: given.get(each.name) for each in fields(kind)})


def test_original_bytes_go_once_for_a_file_and_again_for_the_next():
    directory: Any = FewPartners(partner("TERM", "original"), partner("OTHER"))
    ways = Ways(directory)
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def sent(one: Dispatch, name: str) -> list[str]:
        document = row(DocumentRow, id=name, type="booking", key={"booking": name}, test=False)
        return sorted(each.partner for each in one.deliveries(document, "accepted"))

    for name in ("i1", "i2"):
        file = row(InterchangeRow, id=name, partner="ACME", revision=1, name="a.edi")
        one = Dispatch(file, None, ways, now)
        assert sent(one, f"{name}-1") == ["OTHER", "TERM"]
        assert sent(one, f"{name}-2") == ["OTHER"]
