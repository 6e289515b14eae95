"""UNPAID: a delivery order waits until the fees of its bills are paid (S3-21; house.md 5, holds).

Asked before a D/O is decided.  What the firm owes for the bill is a fact of the ledger; once an
order pays it, `fees_paid` is committed and the held D/O is decided again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from gateway.limits import PARTS_PER_BATCH_MAX
from gateway.pipeline.counsel import Adviser, Matter
from gateway.pipeline.fees.goods import FEES_PAID
from gateway.pipeline.ports import Tx
from gateway.rules.decision import NO_OBJECTION, HoldRequest, Ruling
from gateway.rules.verdict import kind

UNPAID = kind(
    "UNPAID",
    "提单{value}的规费尚未缴清，提货单暂存",
    "the fees of bill {value} are not paid; the delivery order waits",
    ("缴费后自动放行", "it goes on by itself once they are paid"),
    "warning",
)
# States of a charge in which money is still wanted.
_OWED = frozenset({"due", "ordered"})


def _wait(matter: Matter) -> Ruling:
    owing = [bill for bill in _bills(matter) if owes(matter.tx, bill)]
    if not owing:
        return NO_OBJECTION
    return Ruling(
        findings=tuple(UNPAID.at(value=bill) for bill in owing),
        holds=tuple(HoldRequest(FEES_PAID, bill) for bill in owing),
    )


def owes(tx: Tx, bill_of_lading: str) -> bool:
    """Whether something of the bill's fees is not paid yet."""
    return any(
        charge.amount_fen > 0 and charge.state in _OWED
        for row in tx.money.declarations.of_bill(bill_of_lading)
        if row.state in ("approved", "submitted", "paid")
        for charge in tx.money.charges.of_declaration(row.id)
    )


def _bills(matter: Matter) -> Iterator[str]:
    """The bills of a D/O, each once; it has few parts."""
    seen: set[str] = set()
    for part in matter.tx.documents.parts(matter.document.id, 0, PARTS_PER_BATCH_MAX):
        number = str(json.loads(part.canonical).get("bill_of_lading") or "").upper()
        if number and number not in seen:
            seen.add(number)
            yield number


PAID_FIRST: Final = Adviser("fees-paid", "1", _wait, frozenset({"delivery_order"}))
