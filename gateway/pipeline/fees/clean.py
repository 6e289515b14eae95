"""CLEAN MANIFEST 清洁申报: what was really loaded against what was paid (S3-22 … S3-30).

The comparison is pure (rules/settlement); here its facts are read and its receipts recorded.  Only
rows of the tariff that are settled count on both sides.  What an officer must look at is a work
item: a late clean manifest, a bill that cannot be rated, a receipt that is already under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.pipeline.fees.assessing import AUTHORITY, assess, settling_fen
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.telling import FEE_DESK, tell_declarant, work
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import (
    ChargeRow,
    DeclarationRow,
    ManifestRow,
    SettlementRow,
    WorkRow,
)
from gateway.pipeline.rows import TimerRow
from gateway.rules.settlement import Call, Declared, Due, Paid, Receipt, Settled, settle
from gateway.rules.settlement_life import State

_SETTLING = {"APPLIED", "REFUNDING", "SETTLED"}


def settle_when_confirmed(
    desk: Desk, clean: ManifestRow, *, in_time: bool = False
) -> Settled | None:
    """Settle a call once every bill of its clean manifest is approved (S3-27); None: not yet.

    in_time: an officer has decided that a late clean manifest is settled all the same (H-38).
    """
    rows = [
        row
        for row in desk.tx.money.declarations.of_manifest(clean.id)
        if row.state not in ("deleted", "rejected")
    ]
    if clean.state != "approved" or any(row.state != "approved" for row in rows):
        return None
    planned = desk.tx.money.manifests.of(
        clean.partner, "pre_stowage", clean.vessel, clean.voyage, clean.region
    )
    before = desk.tx.money.declarations.of_manifest(planned.id) if planned else []
    before = [row for row in before if row.state != "deleted"]
    dues = _dues(desk, rows)
    departed = _departed(planned or clean)
    if dues is None or departed is None:
        return None
    settled = settle(
        Call(
            departure=departed,
            clean_submitted=departed if in_time else clean.submitted_at,
            paid=[each for row in before for each in _paid(desk, row)],
            prestow=[_declared(desk, row) for row in before],
            clean=dues,
        )
    )
    _record(desk, clean, settled, before, rows)
    return settled


def _departed(manifest: ManifestRow) -> datetime | None:
    """The actual departure where it is known, else the declared one (H-10)."""
    return manifest.departed_at or manifest.ship_at


def _dues(desk: Desk, rows: Sequence[DeclarationRow]) -> list[Due] | None:
    """What the clean bills owe; None (and work) where one of them cannot be rated."""
    dues = []
    for row in rows:
        fen, reason = settling_fen(desk.policy, row)
        if fen is None:
            work(desk, "CLEAN_UNRATED", f"{row.id}:{row.revision}", row, {"reason": row.reason})
            return None
        dues.append(Due(row.bill_of_lading, fen, reason))
    return dues


def _declared(desk: Desk, row: DeclarationRow) -> Declared:
    """A planned bill; one that owes nothing is settled without an order."""
    due = sum(
        each.amount_fen
        for each in desk.tx.money.charges.of_declaration(row.id)
        if each.state != "void" and is_settled(desk, each)
    )
    free = row.state == "approved" and not due
    return Declared(row.bill_of_lading, due, row.state == "paid" or free)


def _paid(desk: Desk, row: DeclarationRow) -> list[Paid]:
    """What each order collected for a bill, less what is on its way back; oldest first."""
    by_order: dict[str, int] = {}
    for each in desk.tx.money.charges.of_declaration(row.id):
        if each.state == "paid" and each.payment_order and is_settled(desk, each):
            fen = by_order.get(each.payment_order, 0) + each.amount_fen
            by_order[each.payment_order] = fen
    for receipt in desk.tx.money.settlements.of_bill(row.bill_of_lading):
        if receipt.payment_order in by_order and receipt.state in _SETTLING:
            by_order[receipt.payment_order] -= receipt.amount_fen
    return [Paid(order, row.bill_of_lading, fen) for order, fen in by_order.items()]


def is_settled(desk: Desk, charge: ChargeRow) -> bool:
    """Whether the clean manifest settles a charge: the tariff's row says so."""
    if charge.tariff == AUTHORITY:
        return True
    rows = (row for t in desk.policy.tariffs if t.code == charge.tariff for row in t.rows)
    return any(row.settles for row in rows if row.id == charge.tariff_row)


def _record(
    desk: Desk,
    clean: ManifestRow,
    settled: Settled,
    before: Sequence[DeclarationRow],
    rows: Sequence[DeclarationRow],
) -> None:
    planned = {row.bill_of_lading: row for row in before}
    loaded = {row.bill_of_lading: row for row in rows}
    if settled.verdict.outcome != "accept":
        _officer(desk, clean, settled)
    for receipt in settled.receipts:
        _issue(desk, clean, receipt, planned.get(receipt.bill), loaded.get(receipt.bill))
    for due in settled.payables:
        if due.bill in planned:
            _payable(desk, planned[due.bill], loaded.get(due.bill))
    told = {
        "codes": list(settled.verdict.codes),
        "explanation": settled.verdict.explanation,
        "bills": [
            {
                "bill_of_lading": b.bill,
                "result": b.result,
                "paid_fen": b.paid_fen,
                "due_fen": b.due_fen,
            }
            for b in settled.bills
        ],
    }
    tell_declarant(desk, clean.id, clean.revision, "settled", clean.partner, told)


def _officer(desk: Desk, clean: ManifestRow, settled: Settled) -> None:
    code = next(iter(settled.verdict.codes), "SETTLEMENT")
    desk.tx.money.work.add(
        WorkRow(
            key=f"{code}:{clean.id}:{clean.revision}",
            kind=code,
            owner=FEE_DESK,
            created_at=desk.now,
            partner=clean.partner,
            reference=clean.id,
            detail={"codes": list(settled.verdict.codes)},
        )
    )


def _issue(
    desk: Desk,
    clean: ManifestRow,
    receipt: Receipt,
    planned: DeclarationRow | None,
    loaded: DeclarationRow | None,
) -> None:
    """One receipt; another one of its kind that is under way is an officer's matter."""
    row = SettlementRow(
        id=new_id(),
        partner=clean.partner,
        bill_of_lading=receipt.bill,
        declaration=planned.id if planned else None,
        clean_declaration=loaded.id if loaded else None,
        payment_order=receipt.order or "",
        kind=receipt.kind,
        amount_fen=receipt.amount_fen,
        reason=receipt.reason or "",
        state=State.RECEIPT.value,
        revision=1,
        created_at=desk.now,
    )
    if desk.tx.money.settlements.add(row):
        said = {"bill_of_lading": row.bill_of_lading, "kind": row.kind, "fen": row.amount_fen}
        tell_declarant(desk, row.id, row.revision, row.state, row.partner, said)
    elif (about := planned or loaded) is not None:
        detail = {"kind": receipt.kind, "amount_fen": receipt.amount_fen}
        work(desk, "RECEIPT_UNDER_WAY", f"{about.id}:{clean.revision}", about, detail)


def _payable(desk: Desk, row: DeclarationRow, loaded: DeclarationRow | None) -> None:
    """An unpaid bill owes what was really loaded from now on (S3-27)."""
    if any(each.state == "ordered" for each in desk.tx.money.charges.of_declaration(row.id)):
        work(desk, "ORDERED_BILL_CHANGED", f"{row.id}:{row.revision}", row, {})
        return
    facts = loaded.facts if loaded else {}
    changed = replace(row, facts=dict(facts), revision=row.revision + 1, authority_fen=None)
    desk.tx.money.declarations.change(changed)
    if loaded is None:
        desk.tx.money.charges.void(row.id)
    else:
        assess(desk, changed)


def clean_is_due(desk: Desk, timer: TimerRow) -> None:
    """72 hours after departure: whoever has not declared what was loaded is told (S3-23)."""
    planned = desk.tx.money.manifests.find(timer.key)
    if planned is None:
        return
    found = desk.tx.money.manifests.of(
        planned.partner, "clean", planned.vessel, planned.voyage, planned.region
    )
    if found is not None and found.submitted_at is not None:
        return
    desk.tx.money.work.add(
        WorkRow(
            key=f"CLEAN_MISSING:{planned.id}",
            kind="CLEAN_MISSING",
            owner=FEE_DESK,
            created_at=desk.now,
            partner=planned.partner,
            reference=planned.id,
            detail={"vessel": planned.vessel, "voyage": planned.voyage},
        )
    )
    told = {"vessel": planned.vessel, "voyage": planned.voyage}
    tell_declarant(desk, planned.id, planned.revision, "clean_missing", planned.partner, told)
