"""KIND `settlement`: 补退清算 of one call, bill by bill."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gateway.canonical.model import Code, Many, Model
from gateway.limits import AMOUNT_FEN_MAX, SETTLEMENT_BILLS_MAX
from gateway.pipeline.decide_cases.shape import Answer, Instant, answer
from gateway.rules import settlement as rules

Fen = Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX)]
Bills = Field(default=(), max_length=SETTLEMENT_BILLS_MAX)


class PaidBill(Model):
    """A bill of an order, and what was collected for it."""

    number: Code
    paid_fen: Fen


class OrderCase(Model):
    """An order that was paid; orders stand oldest first."""

    number: Code
    bills: Annotated[Many[PaidBill], Bills]


class PrestowBill(Model):
    """A bill of the pre-stow declaration."""

    number: Code
    due_fen: Fen
    paid: bool


class CleanBill(Model):
    """A bill of the clean manifest; reason: why less is due than before."""

    number: Code
    due_fen: Fen
    reason: Code | None = None


class SettlementCase(Model):
    """The case.  clean_submitted: null while there is no clean manifest."""

    departure: Instant
    clean_submitted: Instant | None = None
    orders: Annotated[Many[OrderCase], Bills]
    prestow: Annotated[Many[PrestowBill], Bills]
    clean: Annotated[Many[CleanBill], Bills]


class ReceiptShape(Model):
    """A receipt 回执.  order: whose payment is returned; null is a new order."""

    bill: str
    kind: rules.ReceiptKind
    amount_fen: int
    order: str | None
    reason: str | None


class BillShape(Model):
    """One bill; due_fen is null where the clean manifest does not have it."""

    bill: str
    result: rules.Result
    paid_fen: int
    due_fen: int | None


class PayableShape(Model):
    """An unpaid bill, rated anew."""

    bill: str
    due_fen: int


class SettlementAnswer(Answer):
    """clean_due: the last instant for the clean manifest."""

    receipts: Many[ReceiptShape]
    bills: Many[BillShape]
    payables: Many[PayableShape]
    clean_due: datetime


def decide(case: SettlementCase) -> SettlementAnswer:
    """Compare the two manifests of a call."""
    call = rules.Call(
        departure=case.departure,
        clean_submitted=case.clean_submitted,
        paid=[
            rules.Paid(order.number, bill.number, bill.paid_fen)
            for order in case.orders
            for bill in order.bills
        ],
        prestow=[rules.Declared(b.number, b.due_fen, b.paid) for b in case.prestow],
        clean=[rules.Due(b.number, b.due_fen, b.reason) for b in case.clean],
    )
    settled = rules.settle(call)
    return answer(
        SettlementAnswer,
        settled.verdict,
        receipts=tuple(
            ReceiptShape(
                bill=r.bill, kind=r.kind, amount_fen=r.amount_fen, order=r.order, reason=r.reason
            )
            for r in settled.receipts
        ),
        bills=tuple(
            BillShape(bill=b.bill, result=b.result, paid_fen=b.paid_fen, due_fen=b.due_fen)
            for b in settled.bills
        ),
        payables=tuple(PayableShape(bill=p.bill, due_fen=p.due_fen) for p in settled.payables),
        clean_due=call.clean_due,
    )
