"""KIND `payment`: the table of D.3, the rows of G.5 after the verifier, H-39 to H-41."""

from __future__ import annotations

import json

import pytest

from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case

PAY = {
    "kind": "payment_succeeded", "provider": "unionpay", "event_id": "Q1", "transaction": "Q1",
    "amount_fen": 25600, "currency": "156", "merchant": "M1", "order": "PO1",
}  # fmt: skip
CLOSED = {"kind": "payment_closed", "provider": "alipay", "event_id": "N1"}
CHECKOUT, CLOSE = {"kind": "checkout"}, {"kind": "close"}


def refund(name, fen, kind="refund_succeeded", **more):
    key = {"provider": "unionpay", "event_id": f"{name}/{kind}"}
    return {"kind": kind, "refund": name, "amount_fen": fen, **key, **more}


def request(name, fen):
    return {"kind": "refund_request", "refund": name, "amount_fen": fen}


def total(fen, name=None):
    """Alipay's cumulative refund_fee."""
    told = {"provider": "alipay", "event_id": f"N/{fen}", "cumulative": True}
    return {"kind": "refund_succeeded", "amount_fen": fen, "refund": name, **told}


def fold(*events, **order):
    case = {
        "order": {
            "number": "PO1", "amount_fen": 25600, "currency": "CNY", "merchant": "M1", **order
        },
        "events": [
            {"at": f"2026-11-21T08:{n // 60:02}:{n % 60:02}+08:00", **event}
            for n, event in enumerate(events)
        ],
    }  # fmt: skip
    said = decide_case("payment", json.dumps(case).encode())
    ledger = said["ledger"]
    moved = sum(ledger[f"{name}_fen"] for name in ("due", "paid", "refunding", "refunded"))
    assert moved == case["order"]["amount_fen"]
    assert min(ledger.values()) >= 0
    return said


def money(said):
    ledger = said["ledger"]
    return tuple(ledger[f"{name}_fen"] for name in ("due", "paid", "refunding", "refunded"))


def kinds(notes):
    return [note["kind"] for note in notes]


DUE, PAID = (25600, 0, 0, 0), (0, 25600, 0, 0)
# events, state, due/paid/refunding/refunded, effects, work items
TABLE = {
    "nothing": ([], "CREATED", DUE, [], []),
    "checkout": ([CHECKOUT], "PENDING", DUE, [], []),
    "K1 paid once": ([CHECKOUT, *[PAY] * 5], "PAID", PAID, ["PAID"], []),
    "same amount, new event id": (
        [PAY, {**PAY, "event_id": "Q2", "transaction": None}], "PAID", PAID, ["PAID"], [],
    ),
    "K2 a fen short": (
        [{**PAY, "amount_fen": 25599}], "AMOUNT_MISMATCH", DUE, [], ["AMOUNT_MISMATCH"],
    ),
    "a fen more": (
        [{**PAY, "amount_fen": 25601}], "AMOUNT_MISMATCH", DUE, [], ["AMOUNT_MISMATCH"],
    ),
    "other currency": (
        [{**PAY, "currency": "USD"}], "AMOUNT_MISMATCH", DUE, [], ["AMOUNT_MISMATCH"],
    ),
    "CNY and 156 are one": ([{**PAY, "currency": "CNY"}], "PAID", PAID, ["PAID"], []),
    "short, then right": (
        [{**PAY, "amount_fen": 1, "event_id": "Q0", "transaction": "Q0"}, PAY],
        "PAID", PAID, ["PAID"], ["AMOUNT_MISMATCH"],
    ),
    "other order": ([{**PAY, "order": "PO2"}], "CREATED", DUE, [], ["ORPHAN"]),
    "K5 closed unpaid": (
        [CHECKOUT, CLOSED], "CLOSED", DUE, ["CLOSED_BY_PROVIDER"], [],
    ),
    "K5 closed by the whole refund": (
        [PAY, total(25600)], "REFUNDED", (0, 0, 0, 25600), ["PAID", "REFUNDED"], [],
    ),
    "K7 two refunds beyond the payment": (
        [PAY, refund("R1", 9600), refund("R2", 19200)],
        "PART_REFUNDED", (0, 16000, 0, 9600), ["PAID", "REFUNDED"], ["OVER_REFUND"],
    ),
    "cumulative 96, then 256": (
        [PAY, total(9600, "R1"), total(25600, "R2")],
        "REFUNDED", (0, 0, 0, 25600), ["PAID", "REFUNDED", "REFUNDED"], [],
    ),
    "cumulative beyond the payment": (
        [PAY, total(9600, "R1"), total(28800, "R2")],
        "PART_REFUNDED", (0, 16000, 0, 9600), ["PAID", "REFUNDED"], ["OVER_REFUND"],
    ),
    "K10 abnormal": (
        [PAY, request("R1", 9600), refund("R1", 9600, "refund_abnormal")],
        "REFUNDING", (0, 16000, 9600, 0), ["PAID"], ["MANUAL"],
    ),
    "abnormal, then done by hand": (
        [PAY, refund("R1", 9600, "refund_abnormal"), refund("R1", 9600)],
        "PART_REFUNDED", (0, 16000, 0, 9600), ["PAID", "REFUNDED"], [],
    ),
    "a refund is asked for": (
        [PAY, request("R1", 9600)],
        "REFUNDING", (0, 16000, 9600, 0), ["PAID", "REFUND_REQUEST"], [],
    ),
    "asked beyond the payment": (
        [PAY, request("R1", 19200), request("R2", 9600)],
        "REFUNDING", (0, 6400, 19200, 0), ["PAID", "REFUND_REQUEST"], ["OVER_REFUND"],
    ),
    "a refund fails": (
        [PAY, request("R1", 9600), refund("R1", 9600, "refund_closed")],
        "PAID", PAID, ["PAID"], ["REFUND_CLOSED"],
    ),
    "refund before the payment": ([refund("R1", 9600)], "CREATED", DUE, [], []),
    "refund, then payment": (
        [refund("R1", 9600), PAY],
        "PART_REFUNDED", (0, 16000, 0, 9600), ["PAID", "REFUNDED"], [],
    ),
    "success after our close": (
        [CHECKOUT, CLOSE, PAY], "LATE_PAID", (0, 0, 25600, 0), ["REFUND_REQUEST"], ["LATE_PAID"],
    ),
    "late, and given back": (
        [CLOSE, PAY, refund("L", 25600)], "REFUNDED", (0, 0, 0, 25600), ["REFUNDED"], [],
    ),
    "close after success": ([PAY, CLOSE], "PAID", PAID, ["PAID"], []),
    "closed by us": ([CHECKOUT, CLOSE], "CLOSED", DUE, [], []),
    "paid twice": (
        [PAY, {**PAY, "event_id": "Q2", "transaction": "Q2"}],
        "PAID", PAID, ["PAID"], ["DUPLICATE_PAYMENT"],
    ),
    "same id, other body": (
        [PAY, {**PAY, "amount_fen": 1}], "PAID", PAID, ["PAID"], ["EVENT_CONFLICT"],
    ),
    "A6 waits for the query": (
        [{**PAY, "kind": "payment_accepted"}], "PENDING", DUE, [], [],
    ),
    "the query contradicts": (
        [PAY, {"kind": "query_contradicts"}], "PAID", PAID, ["PAID"], ["QUERY_CONTRADICTS"],
    ),
    "failed": ([{**PAY, "kind": "payment_failed"}], "PENDING", DUE, [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name):
    events, state, ledger, effects, work = TABLE[name]
    said = fold(*events)
    assert (said["state"], money(said)) == (state, ledger)
    assert (kinds(said["effects"]), kinds(said["work_items"])) == (effects, work)
    assert said["outcome"] == ("review" if work else "accept")


def test_another_merchants_event_is_rejected_and_does_nothing():
    said = fold({**PAY, "merchant": "M2"})
    assert (said["outcome"], said["codes"], money(said)) == ("reject", ["MERCHANT"], DUE)
    assert said["effects"] == said["work_items"] == []
    assert fold(PAY, {**PAY, "merchant": "M2", "event_id": "X"})["outcome"] == "accept"


def test_a_fen_short_is_held_until_somebody_gives_it_back():
    short = {**PAY, "amount_fen": 25599}
    assert fold(short)["ledger"]["held_fen"] == 25599
    back = fold(short, refund("R1", 25599))
    assert (back["ledger"]["held_fen"], back["ledger"]["returned_fen"]) == (0, 25599)
    assert money(back) == DUE


def test_the_second_payment_is_given_back_by_its_number():
    second = {**PAY, "event_id": "Q2", "transaction": "Q2"}
    said = fold(PAY, second, refund("R1", 25600, transaction="Q2"))
    assert (money(said), said["ledger"]["returned_fen"]) == (PAID, 25600)


@pytest.mark.parametrize(
    ("events", "asked"),
    [
        ([PAY], True),
        ([{**PAY, "kind": "payment_accepted"}], True),
        ([refund("R1", 1)], True),
        ([{**PAY, "provider": "wechatpay"}], False),
    ],
)
def test_what_the_provider_is_asked(events, asked):
    assert kinds(fold(*events)["queries"]) == (["QUERY"] if asked else [])


def test_keys_are_unique_and_of_the_order():
    said = fold(PAY, request("R1", 100), refund("R2", 200), {**PAY, "order": "X", "event_id": "Q9"})
    keys = [note["key"] for note in said["effects"] + said["work_items"]]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("PO1:") for key in keys)


def test_events_count_by_their_instant_not_by_their_place():
    pay = {**PAY, "at": "2026-11-21T09:00:00+08:00"}
    close = {**CLOSE, "at": "2026-11-21T08:59:59+08:00"}
    assert fold(pay, close)["state"] == fold(close, pay)["state"] == "LATE_PAID"


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 256.0}, {"amount_fen": "25600"}, {"amount_fen": -1}, {"amount_fen": True},
        {"amount_fen": None}, {"amount_fen": 10**13}, {"kind": "?"}, {"surprise": 1},
        {"at": "2026-11-21T08:00:00"},
    ],
)  # fmt: skip
def test_a_case_that_does_not_fit(change):
    with pytest.raises(CaseUnfit):
        fold({**PAY, **change})
