"""RECEIPTS 补退清算: applied for, approved by the authority, paid back or collected (S3-28, S3-29).

Money goes back by the original payment path, a refund of the order that brought it; what is due in
addition becomes a charge of its own, which the payer puts into a new order.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.pipeline.fees.assessing import settling_fen
from gateway.pipeline.fees.clean import is_settled
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.telling import ask_authority, tell_declarant
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.ledger import Office, refold
from gateway.pipeline.money.orders import happened
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow, RefundRow, SettlementRow
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.rules.settlement import ReceiptKind
from gateway.rules.settlement_life import Event, NotNow, State, next_state

__all__ = ["NotNow", "apply", "decide", "exempted"]

_KINDS: dict[str, ReceiptKind] = {
    "退还差额": "退还差额", "补收差额": "补收差额", "全额退款": "全额退款",
}  # fmt: skip
_SUPPLEMENT = "补收差额"


def apply(desk: Desk, row: SettlementRow) -> SettlementRow:
    """The declarant asks for it; raises NotNow where the receipt is past that."""
    asked = _moved(desk, replace(row, applied_at=desk.now), Event.APPLY)
    body = {
        "bill_of_lading": row.bill_of_lading,
        "kind": row.kind,
        "amount_fen": row.amount_fen,
        "order": row.payment_order,
        "reason": row.reason,
    }
    ask_authority(desk, "settlement", row.id, asked.revision, body, row.partner)
    if desk.policy.approver == "embedded":
        return decide(desk, asked, Event.APPROVE)
    return asked


def decide(
    desk: Desk,
    row: SettlementRow,
    event: Event,
    *,
    number: str | None = None,
    note: str | None = None,
) -> SettlementRow:
    """The authority's answer, approve or reject; raises NotNow out of turn."""
    told = replace(row, authority_number=number, note=note, decided_at=desk.now)
    if event is Event.APPROVE and row.kind != _SUPPLEMENT:
        told = replace(told, refund=_refund_id(row))
    decided = _moved(desk, told, event)
    if decided.state == State.REFUNDING:
        _refund(desk, decided)
    elif decided.state == State.ORDERED:
        _charge(desk, decided)
    said = {"bill_of_lading": row.bill_of_lading, "kind": row.kind, "fen": row.amount_fen}
    tell_declarant(desk, row.id, decided.revision, decided.state, row.partner, said)
    return decided


def exempted(desk: Desk, row: DeclarationRow) -> list[SettlementRow]:
    """What a paid bill has paid too much by today's tariff becomes receipts (2020-14, H-37)."""
    due, reason = settling_fen(desk.policy, row)
    if due is None or row.state != "paid":
        return []
    by_order: dict[str, int] = {}
    for each in desk.tx.money.charges.of_declaration(row.id):
        if each.state == "paid" and each.payment_order and is_settled(desk, each):
            order = each.payment_order
            by_order[order] = by_order.get(order, 0) + each.amount_fen
    for known in desk.tx.money.settlements.of_bill(row.bill_of_lading):
        if known.payment_order in by_order:
            by_order[known.payment_order] -= known.amount_fen
    made = []
    left = sum(by_order.values()) - due
    for order, fen in reversed(by_order.items()):
        taken = min(left, fen)
        if taken > 0:
            made += _issued(desk, row, order, taken, reason or "EXEMPTION")
            left -= taken
    return made


def _issued(
    desk: Desk, row: DeclarationRow, order: str, fen: int, reason: str
) -> list[SettlementRow]:
    receipt = SettlementRow(
        id=new_id(),
        partner=row.partner,
        bill_of_lading=row.bill_of_lading,
        declaration=row.id,
        clean_declaration=None,
        payment_order=order,
        kind="退还差额",
        amount_fen=fen,
        reason=reason,
        state=State.RECEIPT.value,
        revision=1,
        created_at=desk.now,
    )
    return [receipt] if desk.tx.money.settlements.add(receipt) else []


def _refund_id(row: SettlementRow) -> str:
    """Letters and digits, as every platform takes them; the same for the same receipt."""
    return f"RS{row.id.upper()}"


def _refund(desk: Desk, row: SettlementRow) -> None:
    """A part or all of the order goes back; the fold of its events asks the provider."""
    orders = desk.tx.money.orders
    orders.lock(row.payment_order)
    order = orders.find(row.payment_order)
    assert order is not None, "a receipt names the order that collected"
    refund = RefundRow(
        id=_refund_id(row),
        payment_order=order.number,
        partner=order.partner,
        provider=order.provider,
        amount_fen=row.amount_fen,
        reason="SETTLEMENT",
        state="requested",
        requested_by=row.partner,
        created_at=desk.now,
        settlement=row.id,
        transaction_id=order.transaction_id,
    )
    if not desk.tx.money.refunds.add(refund):
        return
    asked = PaymentEvent(Kind.REFUND_REQUEST, refund=refund.id, amount_fen=refund.amount_fen)
    happened(desk.tx, order.number, asked, desk.now)
    refold(desk.tx, order, Office(lambda: desk.partners), desk.now)


def _charge(desk: Desk, row: SettlementRow) -> None:
    """A charge of its own, for a new order; never a change of an old one."""
    about = row.declaration or row.clean_declaration
    assert about is not None, "an extra is due for a declared bill"
    declared = desk.tx.money.declarations.find(about)
    assert declared is not None, "a receipt names its declaration"
    desk.tx.money.charges.add(
        [
            ChargeRow(
                id=new_id(),
                declaration=about,
                bill_of_lading=row.bill_of_lading,
                partner=declared.payer,
                tariff="AUTHORITY",
                tariff_row="",
                tariff_version=row.authority_number or "",
                basis="bill",
                quantity="1",
                rate="",
                amount_fen=row.amount_fen,
                reason=row.reason or row.kind,
                state="due",
                # Behind every rating of the declaration, and told from other receipts' charges.
                revision=declared.revision,
                line=1000 + len(desk.tx.money.charges.of_declaration(about)),
                created_at=desk.now,
                settlement=row.id,
            )
        ]
    )


def _moved(desk: Desk, row: SettlementRow, event: Event) -> SettlementRow:
    state = next_state(_KINDS[row.kind], State(row.state), event)
    moved = replace(row, state=state.value, revision=row.revision + 1)
    desk.tx.money.settlements.change(moved)
    return moved
