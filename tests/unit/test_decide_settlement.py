"""KIND `settlement`: the rows of G.4, several orders, lateness, and a receipt's life."""

from __future__ import annotations

import json

import pytest

from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case
from gateway.rules.settlement_life import Event, NotNow, State, next_state

LEFT = "2018-05-10T08:00:00+08:00"
IN_TIME = "2018-05-13T08:00:00+08:00"
LATE = "2018-05-13T08:00:01+08:00"


def settle(paid=(), clean=(), *, unpaid=(), submitted=IN_TIME, orders=None):
    """paid, clean, unpaid: (bill, fen) …; one order for all that is paid."""
    case = {
        "departure": LEFT,
        "clean_submitted": submitted,
        "orders": [
            {"number": number, "bills": [{"number": b, "paid_fen": fen} for b, fen in bills]}
            for number, bills in (orders or ([("PO1", paid)] if paid else []))
        ],
        "prestow": [{"number": b, "due_fen": fen, "paid": True} for b, fen in paid]
        + [{"number": b, "due_fen": fen, "paid": False} for b, fen in unpaid],
        "clean": [{"number": b, "due_fen": fen} for b, fen in clean],
    }
    return decide_case("settlement", json.dumps(case).encode())


def receipts(said):
    return [(r["bill"], r["kind"], r["amount_fen"], r["order"]) for r in said["receipts"]]


NEW = [("B9", "补收差额", 9600, None)]
G4 = [
    ("S1", [("B1", 25600)], [("B1", 25600)], ["BALANCED"], []),
    (
        "S2",
        [("B1", 19200)],
        [("B1", 9600)],
        ["REFUND_DIFFERENCE"],
        [("B1", "退还差额", 9600, "PO1")],
    ),
    ("S3", [("B1", 6400)], [("B1", 9600)], ["CHARGE_DIFFERENCE"], [("B1", "补收差额", 3200, None)]),
    ("S4 absent", [("B1", 6400)], [], ["FULL_REFUND"], [("B1", "全额退款", 6400, "PO1")]),
    ("S6", [("B1", 6400)], [("B1", 6400), ("B9", 9600)], ["NEW_IN_CLEAN"], NEW),
    # H-5: what one bill gets back never pays for another.
    (
        "never netted",
        [("B1", 9600), ("B2", 6400)],
        [("B1", 6400), ("B2", 9600)],
        ["REFUND_DIFFERENCE", "CHARGE_DIFFERENCE"],
        [("B1", "退还差额", 3200, "PO1"), ("B2", "补收差额", 3200, None)],
    ),
    # H-37: exempt after the payment.
    (
        "exempt",
        [("B1", 9600)],
        [("B1", 0)],
        ["REFUND_DIFFERENCE"],
        [("B1", "退还差额", 9600, "PO1")],
    ),
    ("zero", [("B1", 0)], [("B1", 0)], ["BALANCED"], []),
    ("new at zero", [("B1", 1)], [("B1", 1), ("B9", 0)], ["NEW_IN_CLEAN"], []),
]


@pytest.mark.parametrize(
    ("paid", "clean", "codes", "wanted"), [row[1:] for row in G4], ids=[row[0] for row in G4]
)
def test_the_rows_of_g4(paid, clean, codes, wanted):
    said = settle(paid, clean)
    assert (said["outcome"], said["codes"], receipts(said)) == ("accept", codes, wanted)


def test_s7_the_72_hours_end_with_their_last_instant():
    bills = [("B1", 25600)]
    assert settle(bills, bills)["codes"] == ["BALANCED"]
    late = settle(bills, [("B1", 9600)], submitted=LATE)
    assert (late["outcome"], late["codes"], late["receipts"]) == ("review", ["CLEAN_LATE"], [])
    utc = settle(bills, bills, submitted="2018-05-13T00:00:00+00:00")
    assert utc["codes"] == ["BALANCED"]


def test_s8_an_unpaid_bill_gets_no_receipt_and_owes_what_is_clean():
    said = settle(unpaid=[("B1", 19200)], clean=[("B1", 9600)])
    assert (said["codes"], said["receipts"]) == (["UNPAID"], [])
    assert said["payables"] == [{"bill": "B1", "due_fen": 9600}]


def test_an_unpaid_bill_that_is_not_loaded_owes_nothing():
    assert settle(unpaid=[("B1", 19200)])["payables"] == [{"bill": "B1", "due_fen": 0}]


def test_money_goes_back_through_the_orders_that_brought_it():
    orders = [("PO1", [("B1", 6400)]), ("PO2", [("B1", 3200)])]
    said = settle([("B1", 6400)], [("B1", 5000)], orders=orders)
    assert receipts(said) == [("B1", "退还差额", 3200, "PO2"), ("B1", "退还差额", 1400, "PO1")]


def test_without_a_clean_manifest_it_waits():
    said = settle([("B1", 1)], submitted=None)
    assert (said["outcome"], said["codes"]) == ("hold", ["CLEAN_MISSING"])
    assert said["clean_due"] == IN_TIME


def test_a_bill_twice_is_refused():
    said = settle([("B1", 1)], [("B1", 1), ("B1", 2)])
    assert (said["outcome"], said["codes"], said["receipts"]) == ("reject", ["BILL_TWICE"], [])


def test_a_bill_marked_paid_without_an_order_is_looked_at():
    said = settle([("B1", 19200)], [("B1", 9600)], orders=[("PO1", [])])
    assert said["outcome"] == "review"
    assert said["codes"] == ["PAID_BY_NO_ORDER", "REFUND_DIFFERENCE"]
    assert receipts(said) == [("B1", "退还差额", 9600, None)]


@pytest.mark.parametrize("fen", [-1, 1.0, "1", True, 10**13])
def test_fen_are_whole_numbers(fen):
    with pytest.raises(CaseUnfit):
        settle([("B1", fen)], [])


@pytest.mark.parametrize(
    ("kind", "events", "end"),
    [
        ("退还差额", ["apply", "approve", "refunded"], "SETTLED"),
        ("全额退款", ["apply", "reject", "apply", "approve", "refunded"], "SETTLED"),
        ("补收差额", ["apply", "approve", "paid"], "SETTLED"),
        ("补收差额", ["apply", "approve"], "ORDERED"),
    ],
)
def test_the_life_of_a_receipt(kind, events, end):
    state = State.RECEIPT
    for event in events:
        state = next_state(kind, state, Event(event))
    assert state == end


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("RECEIPT", "approve"),
        ("RECEIPT", "refunded"),
        ("APPLIED", "refunded"),
        ("APPLIED", "apply"),
        ("REJECTED", "approve"),
        ("REFUNDING", "approve"),
        ("REFUNDING", "paid"),
        ("ORDERED", "refunded"),
        ("SETTLED", "apply"),
    ],
)
def test_nothing_skips_the_approval(state, event):
    with pytest.raises(NotNow):
        next_state("退还差额", State(state), Event(event))
