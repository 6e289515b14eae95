"""SETTLEMENT 补退清算: what was paid against what the clean manifest says is due (S3-22 … S3-30).

Per bill of lading, never netted (H-5); only for paid bills (S3-27); the clean manifest is due 72
hours after departure, that instant included (S3-23, H-10, H-27).  A bill that two orders paid is
paid back by each of them, the newest first: money goes back the way that it came (S3-28).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from gateway.findings import Finding
from gateway.rules.verdict import Clause, Verdict, conclude, kind

CLEAN_WITHIN = timedelta(hours=72)
ReceiptKind = Literal["退还差额", "补收差额", "全额退款"]
Result = Literal[
    "BALANCED", "REFUND_DIFFERENCE", "CHARGE_DIFFERENCE", "FULL_REFUND", "NEW_IN_CLEAN", "UNPAID"
]
CLAUSES = (
    Clause("SETTLE-TIME", "1", "S3-23, H-10, H-27, H-38"),
    Clause("SETTLE-BILL", "1", "S3-24, S3-25, S3-26, S3-27, H-5"),
    Clause("SETTLE-NEW", "1", "H-6"),
)
CLEAN_LATE = kind(
    "CLEAN_LATE",
    "清洁舱单于{value}提交，晚于{due}，不自动清算",
    "the clean manifest came at {value}, after {due}: no automatic receipt",
    ("由海事管理人员决定", "an officer decides"),
    "warning",
)
CLEAN_MISSING = kind(
    "CLEAN_MISSING",
    "清洁舱单尚未提交，截止{due}",
    "there is no clean manifest yet, it is due by {due}",
    ("离港后 72 小时内提交", "submit it within 72 hours of departure"),
    "warning",
)
TWICE = kind(
    "BILL_TWICE",
    "提单{value}在{where}中出现两次",
    "bill {value} stands twice in {where}",
    ("请合并或更正", "join or correct the entries"),
)
PAID_BY_NO_ORDER = kind(
    "PAID_BY_NO_ORDER",
    "提单{value}标为已收费，但没有订单收过款",
    "bill {value} is marked paid, but no order collected for it",
    ("请核对订单", "compare the orders"),
    "warning",
)


@dataclass(frozen=True, slots=True)
class Paid:
    """What one order collected for one bill, in fen; orders stand oldest first.

    order: None where a bill is marked paid and nobody knows by which order.
    """

    order: str | None
    bill: str
    fen: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A bill of the pre-stow declaration.  due_fen: what was rated then."""

    bill: str
    due_fen: int
    paid: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A bill of the clean manifest.  reason: why less is due (an exemption, H-37)."""

    bill: str
    due_fen: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One ship's call.  departure: the actual one if known; clean_submitted: None is not yet."""

    departure: datetime
    clean_submitted: datetime | None
    paid: Sequence[Paid] = ()
    prestow: Sequence[Declared] = ()
    clean: Sequence[Due] = ()

    @property
    def clean_due(self) -> datetime:
        """The last instant for the clean manifest."""
        return self.departure + CLEAN_WITHIN


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an application may ask for.  order: whose payment is returned; None is a new order."""

    bill: str
    kind: ReceiptKind
    amount_fen: int
    order: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BillResult:
    """One bill: what was paid, what is due by the clean manifest (None: the bill is not in it)."""

    bill: str
    result: Result
    paid_fen: int
    due_fen: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The whole call.  payables: unpaid bills, with what they owe from now on (S8)."""

    verdict: Verdict
    receipts: tuple[Receipt, ...] = ()
    bills: tuple[BillResult, ...] = ()
    payables: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class _Books:
    """The call by bill."""

    paid: Mapping[str, list[Paid]]
    prestow: Mapping[str, Declared]
    clean: Mapping[str, Due]
    order: list[str] = field(default_factory=list)


def settle(call: Call) -> Settled:
    """Compare the call's two manifests; faults are findings, all at once."""
    faults = _faults(call)
    if faults:
        return Settled(_conclude(faults, ""))
    if call.clean_submitted is None:
        waiting = CLEAN_MISSING.at(due=call.clean_due.isoformat())
        return Settled(conclude([waiting], CLAUSES, ("等待清洁舱单", "waiting"), "hold"))
    if call.clean_submitted > call.clean_due:
        said, due = call.clean_submitted.isoformat(), call.clean_due.isoformat()
        return Settled(_conclude([CLEAN_LATE.at(value=said, due=due)], "review"))
    return _compare(call)


def _conclude(findings: Sequence[Finding], otherwise: str) -> Verdict:
    outcome: Literal["accept", "review"] = "review" if otherwise == "review" else "accept"
    passed = ("已按提单比较预配与清洁申报", "compared bill by bill")
    return conclude(findings, CLAUSES, passed, outcome)


def _faults(call: Call) -> list[Finding]:
    lists = (
        ("prestow", [each.bill for each in call.prestow]),
        ("clean", [each.bill for each in call.clean]),
    )
    return [
        TWICE.at(value=bill, where=where)
        for where, bills in lists
        for bill, times in Counter(bills).items()
        if times > 1
    ]


def _orderless(call: Call) -> list[Declared]:
    """Bills marked paid that no order collected for; a bill rated at zero needs none."""
    collected = {each.bill for each in call.paid}
    return [
        each for each in call.prestow if each.paid and each.due_fen and each.bill not in collected
    ]


def _books(call: Call) -> _Books:
    paid: dict[str, list[Paid]] = {}
    for part in call.paid:
        paid.setdefault(part.bill, []).append(part)
    prestow = {each.bill: each for each in call.prestow}
    # A bill that was rated at zero is settled without an order.
    paid.update({b: [] for b, each in prestow.items() if each.paid and b not in paid})
    for each in _orderless(call):
        paid[each.bill] = [Paid(None, each.bill, each.due_fen)]
    clean = {each.bill: each for each in call.clean}
    return _Books(paid, prestow, clean, list(dict.fromkeys((*prestow, *paid, *clean))))


def _compare(call: Call) -> Settled:
    books = _books(call)
    receipts: list[Receipt] = []
    bills: list[BillResult] = []
    payables: list[Due] = []
    for bill in books.order:
        result, made = _bill(books, bill)
        bills.append(result)
        receipts += made
        if result.result == "UNPAID":
            payables.append(books.clean.get(bill, Due(bill, 0)))
    results = tuple(dict.fromkeys(each.result for each in bills if each.result != "BALANCED"))
    doubts = [PAID_BY_NO_ORDER.at(value=each.bill) for each in _orderless(call)]
    verdict = _conclude(doubts, "review" if doubts else "accept")
    codes = (*verdict.codes, *(results or ("BALANCED",)))
    verdict = Verdict(verdict.outcome, codes, verdict.rules, verdict.explanation, verdict.findings)
    return Settled(verdict, tuple(receipts), tuple(bills), tuple(payables))


def _bill(books: _Books, bill: str) -> tuple[BillResult, list[Receipt]]:
    """The outcome of one bill, and its receipts."""
    due = books.clean.get(bill)
    due_fen = None if due is None else due.due_fen
    if bill not in books.paid:
        if bill in books.prestow or due is None:
            return BillResult(bill, "UNPAID", 0, due_fen), []
        owed = Receipt(bill, "补收差额", due.due_fen, None, "NEW_IN_CLEAN")
        return BillResult(bill, "NEW_IN_CLEAN", 0, due_fen), [owed] if due.due_fen else []
    parts = books.paid[bill]
    total = sum(each.fen for each in parts)
    if due is None:
        made = list(_returned(parts, total, "全额退款", None))
        return BillResult(bill, "FULL_REFUND", total, None), made
    if total > due.due_fen:
        made = list(_returned(parts, total - due.due_fen, "退还差额", due.reason))
        return BillResult(bill, "REFUND_DIFFERENCE", total, due.due_fen), made
    if total < due.due_fen:
        more = Receipt(bill, "补收差额", due.due_fen - total, None, due.reason)
        return BillResult(bill, "CHARGE_DIFFERENCE", total, due.due_fen), [more]
    return BillResult(bill, "BALANCED", total, due.due_fen), []


def _returned(
    parts: Sequence[Paid], amount: int, how: ReceiptKind, reason: str | None
) -> Iterable[Receipt]:
    """Money back through the orders that brought it, the newest first."""
    left = amount
    for each in reversed(parts):
        taken = min(left, each.fen)
        if taken:
            yield Receipt(each.bill, how, taken, each.order, reason)
        left -= taken
