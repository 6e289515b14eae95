"""The examples of the kinds about money, as `gateway decide` answers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.pipeline.decide_cases.registry import decide_case

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "decide"
KINDS = ("fee", "settlement", "callback", "payment")
ANSWERS = {
    "fee-2018-export": ("accept", [], {"total_fen": 25600}),
    "fee-2026-import": ("accept", ["ABOLISHED"], {"total_fen": 13600}),
    "fee-mixed-form": ("reject", ["MIXED_FORM"], {"total_fen": None}),
    "fee-doubtful-goods": ("review", ["MANUAL_REVIEW"], {"total_fen": 1_200_000}),
    "settlement-refund": ("accept", ["REFUND_DIFFERENCE"], {}),
    "settlement-late": ("review", ["CLEAN_LATE"], {"receipts": []}),
    "callback-standard-webhooks": ("accept", [], {"verified": True}),
    "callback-aggregator": ("accept", [], {"verified": True}),
    "callback-unionpay": ("accept", [], {"verified": True}),
    "callback-replayed": ("reject", ["STALE"], {"verified": False}),
    "payment-paid": ("accept", [], {"state": "PAID"}),
    "payment-late": ("review", ["LATE_PAID"], {"state": "LATE_PAID"}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_examples(name):
    outcome, codes, adds = ANSWERS[name]
    said = decide_case(name.partition("-")[0], (EXAMPLES / f"{name}.json").read_bytes())
    assert (said["outcome"], said["codes"]) == (outcome, codes)
    assert {key: said[key] for key in adds} == adds


def test_every_example_about_money_has_its_answer_here():
    names = {path.stem for path in EXAMPLES.glob("*.json") if path.stem.startswith(KINDS)}
    assert names == set(ANSWERS)
