"""The nouns of money keep their word on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.pipeline.money.ports import BillTaken
from gateway.pipeline.money.rows import (
    BookRow,
    BookRun,
    ChargeRow,
    DeclarationRow,
    EventRow,
    FilingRow,
    ManifestRow,
    OrderBill,
    OrderRow,
    RefundRow,
    SettlementRow,
    WorkRow,
)
from gateway.pipeline.ports import Stale
from tests.contract.stores import START, Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]


def declaration(name: str = "d1", bill: str = "B1", **fields) -> DeclarationRow:
    given = {
        "id": name, "manifest": "m1", "partner": "ACME", "account": "acme", "document": None,
        "bill_of_lading": bill, "kind": "pre_stowage", "payer": "ACME", "region": "TJ",
        "load_port": "CNTXG", "discharge_port": "JPTYO", "direction": "export", "trade": "foreign",
        "ship_at": START, "ship_time": "2018-05-10T08:00:00+08:00", "goods_form": "container",
        "facts": {"containers": [{"length_ft": 20}]}, "state": "approved", "revision": 1,
        "created_at": START,
    }  # fmt: skip
    return DeclarationRow(**{**given, **fields})


def charge(name: str, of: str = "d1", fen: int = 6400, **fields) -> ChargeRow:
    given = {
        "id": name, "declaration": of, "bill_of_lading": "B1", "partner": "ACME", "tariff": "PCF",
        "tariff_row": "foreign/20", "tariff_version": "1", "basis": "box", "quantity": "1",
        "rate": "64.00", "amount_fen": fen, "reason": "RATED", "state": "due", "revision": 1,
        "line": int(name[-1]), "created_at": START,
    }  # fmt: skip
    return ChargeRow(**{**given, **fields})


def order(number: str = "PO20260301000001", fen: int = 6400, **fields) -> OrderRow:
    given = {
        "number": number, "partner": "ACME", "account": "acme", "amount_fen": fen,
        "currency": "CNY", "provider": "alipay", "merchant": "2088001", "invoice_title": "样例公司",
        "delivery_method": "pick_up", "recipient": {}, "state": "CREATED", "due_fen": fen,
        "created_at": START,
    }  # fmt: skip
    return OrderRow(**{**given, **fields})


def event(name: str, of: str = "PO20260301000001") -> EventRow:
    return EventRow(
        "alipay", name, of, "payment_succeeded", {"amount_fen": 6400}, "0" * 64, START, b"raw", {}
    )


def test_rows_come_back_as_they_went(bench: Bench):
    filing = FilingRow("f1", "ACME", "", "TJ", ["CNTXG"], ["pay"], "submitted", 1, START)
    manifest = ManifestRow(
        "m1", "ACME", "acme", "doc", "pre_stowage", "EXAMPLE", "V1", "TJ", "export", "foreign",
        START, "2018-05-10T08:00:00+08:00", None, {"berth": "一号"}, "submitted", 1, START,
    )  # fmt: skip
    receipt = SettlementRow(
        "s1", "ACME", "B1", "d1", "d2", "PO1", "退还差额", 9600, "", "RECEIPT", 1, START
    )

    def put(tx):
        money = tx.money
        assert money.filings.add(filing)
        assert not money.filings.add(replace(filing, id="f2"))
        assert money.manifests.add(manifest)
        assert money.declarations.add(declaration())
        assert not money.declarations.add(declaration("d2"))
        assert money.settlements.add(receipt)
        assert not money.settlements.add(replace(receipt, id="s2"))

    bench.write(put)
    money = bench.read(
        lambda tx: (
            tx.money.filings.of("ACME", "", "TJ"),
            tx.money.manifests.of("ACME", "pre_stowage", "EXAMPLE", "V1", "TJ"),
            tx.money.declarations.of_bill("B1"),
            tx.money.settlements.find("s1"),
        )
    )
    assert money == (filing, manifest, [declaration()], receipt)
    moved = replace(receipt, state="APPLIED", revision=2, applied_at=START)
    bench.write(lambda tx: tx.money.settlements.change(moved))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.money.settlements.change(moved))
    assert bench.read(lambda tx: tx.money.settlements.page("ACME", None, 5).rows) == [moved]
    assert bench.read(lambda tx: tx.money.settlements.page("OTHER", None, 5).rows) == []


def test_charges_go_from_due_to_paid_once(bench: Bench):
    def put(tx):
        tx.money.declarations.add(declaration())
        tx.money.declarations.add(declaration("d2", "B2", state="submitted"))
        tx.money.charges.add([charge("c1"), charge("c2", fen=9600)])
        tx.money.charges.add([charge("c1"), charge("c3", "d2", 100)])

    bench.write(put)
    due = bench.read(lambda tx: tx.money.charges.bills_due("ACME"))
    assert [(each.declaration, each.amount_fen) for each in due] == [("d1", 16000)]
    assert bench.read(lambda tx: tx.money.charges.bills_due("OTHER")) == []
    assert bench.read(lambda tx: tx.money.charges.bills_due("ACME", ["d2"])) == []
    assert bench.write(lambda tx: tx.money.charges.order("PO1", "d1")) == 16000
    assert bench.write(lambda tx: tx.money.charges.order("PO2", "d1")) == 0
    assert bench.write(lambda tx: tx.money.charges.void("d1")) == 0
    assert bench.write(lambda tx: tx.money.charges.release("PO1")) == 2
    assert bench.write(lambda tx: tx.money.charges.order("PO3", "d1")) == 16000
    assert bench.write(lambda tx: tx.money.charges.paid("PO3", START)) == 2
    assert bench.write(lambda tx: tx.money.charges.paid("PO3", START)) == 0
    assert bench.write(lambda tx: tx.money.declarations.paid("d1"))
    assert not bench.write(lambda tx: tx.money.declarations.paid("d1"))


def test_a_bill_is_in_one_open_order(bench: Bench):
    bills = [OrderBill("d1", "B1", 6400)]
    numbers = [bench.write(lambda tx: tx.money.orders.next_number("20260301")) for _ in range(2)]
    assert numbers == ["PO20260301000001", "PO20260301000002"]
    first = order(idempotency_key="k1")
    bench.write(lambda tx: tx.money.orders.add(first, bills))
    with pytest.raises(BillTaken):
        bench.write(lambda tx: tx.money.orders.add(order(numbers[1]), bills))
    assert bench.read(lambda tx: tx.money.orders.find(numbers[1])) is None
    assert bench.read(lambda tx: tx.money.orders.by_key("ACME", "k1")) == first
    assert bench.read(lambda tx: tx.money.orders.visible("OTHER", first.number)) is None
    closed = replace(first, state="CLOSED", revision=2, closed_at=START)
    bench.write(lambda tx: tx.money.orders.change(closed, open_=False))
    bench.write(lambda tx: tx.money.orders.add(order(numbers[1]), bills))
    assert bench.read(lambda tx: tx.money.orders.bills(numbers[1])) == bills
    page = bench.read(lambda tx: tx.money.orders.page("ACME", None, 1))
    assert [row.number for row in page.rows] == [numbers[1]]
    rest = bench.read(lambda tx: tx.money.orders.page("ACME", page.cursor, 1, "CLOSED"))
    assert rest.rows == [closed]


def test_an_event_and_an_effect_are_recorded_once(bench: Bench):
    assert bench.write(lambda tx: tx.money.events.add(event("N1")))
    assert not bench.write(lambda tx: tx.money.events.add(event("N1")))
    assert bench.write(lambda tx: tx.money.events.add(event("N2")))
    bench.write(lambda tx: tx.money.events.folded("PO20260301000001"))
    found = bench.read(lambda tx: tx.money.events.of_order("PO20260301000001", 9))
    assert [(each.event_id, each.folded, each.raw) for each in found] == [
        ("N1", True, None),
        ("N2", True, None),
    ]
    assert bench.read(lambda tx: tx.money.events.find("alipay", "N1")).raw == b"raw"
    effect = ("PO1", "PO1:PAID", "PAID", 6400, None)
    assert bench.write(lambda tx: tx.money.events.effect(*effect))
    assert not bench.write(lambda tx: tx.money.events.effect(*effect))


def test_calls_are_leased_and_fenced(bench: Bench):
    bench.write(lambda tx: tx.money.calls.put("query", "PO1", "alipay", START))
    later = START + timedelta(seconds=30)
    assert bench.read(lambda tx: tx.money.calls.next_due()) == START
    [leased] = bench.write(lambda tx: tx.money.calls.lease_due(START, later, "me", 10))
    assert (leased.fence, leased.attempts, leased.leased_by) == (1, 1, "me")
    assert bench.write(lambda tx: tx.money.calls.lease_due(START, later, "you", 10)) == []
    [again] = bench.write(lambda tx: tx.money.calls.lease_due(later, later, "you", 10))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.money.calls.finish(leased, "done", None))
    bench.write(lambda tx: tx.money.calls.finish(again, "done", None))
    assert bench.read(lambda tx: tx.money.calls.next_due()) is None
    bench.write(lambda tx: tx.money.calls.put("query", "PO1", "alipay", later))
    found = bench.read(lambda tx: tx.money.calls.find("query", "PO1"))
    assert (found.state, found.attempts, found.due_at) == ("due", 0, later)


def test_work_is_taken_and_resolved(bench: Bench):
    item = WorkRow("PO1:ORPHAN", "ORPHAN", "finance", START, payment_order="PO1", detail={"a": 1})
    assert bench.write(lambda tx: tx.money.work.add(item))
    assert not bench.write(lambda tx: tx.money.work.add(item))
    [found] = bench.read(lambda tx: tx.money.work.page(None, 10, "open")).rows
    assert replace(found, seq=0) == item
    assert bench.write(lambda tx: tx.money.work.take(found.seq, "clerk"))
    assert bench.write(lambda tx: tx.money.work.resolve(found.seq, "clerk", "退款", START))
    assert not bench.write(lambda tx: tx.money.work.resolve(found.seq, "clerk", "again", START))
    assert bench.read(lambda tx: tx.money.work.page(None, 10, "open")).rows == []
    assert bench.read(lambda tx: tx.money.work.find(found.seq)).owner == "clerk"


def test_books_hold_a_day_once(bench: Bench):
    paid = order(state="PAID", due_fen=0, paid_fen=6400, paid_at=START, transaction_id="T1")
    back = RefundRow("RF1", paid.number, "ACME", "alipay", 6400, "OFFICER", "requested", "o", START)
    bench.write(lambda tx: tx.money.orders.add(paid, []))
    assert bench.write(lambda tx: tx.money.refunds.add(back))
    done = replace(back, state="succeeded", provider_refund="R1", finished_at=START)
    bench.write(lambda tx: tx.money.refunds.change(done))
    assert bench.read(lambda tx: tx.money.refunds.of_order(paid.number)) == [done]
    day = timedelta(days=1)
    moves = bench.read(lambda tx: tx.money.books.own_moves("alipay", START, START + day))
    assert [(each.kind, each.reference, each.amount_fen) for each in moves] == [
        ("payment", paid.number, 6400),
        ("refund", "RF1", 6400),
    ]
    assert bench.read(lambda tx: tx.money.books.own_moves("alipay", START + day, START + day)) == []
    run = BookRun("b1", "alipay", "2026-03-01", "f", "0", 1, 0, 0, 0, 6400, 6400, "op", START)
    row = BookRow("b1", 1, "payment", "matched", paid.number, paid.number, "T1", 6400, 6400)
    assert bench.write(lambda tx: tx.money.books.add(run, [row]))
    assert not bench.write(lambda tx: tx.money.books.add(replace(run, id="b2"), [row]))
    assert bench.read(lambda tx: tx.money.books.rows("b1", "matched")) == [row]
    assert bench.read(lambda tx: tx.money.books.rows("b1", "missing")) == []
