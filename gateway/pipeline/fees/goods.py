"""GOODS DECLARATIONS 货物申报: made, changed, handed in, withdrawn, answered (S3-10 … S3-18).

Every function works in the caller's transaction.  A `Refused` carries all findings; the caller
answers them and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.findings import Finding, Severity
from gateway.pipeline.fees.assessing import Assessed, assess, rated
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.telling import as_json, ask_authority, tell_declarant
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import DeclarationRow, ManifestRow
from gateway.rules.declaration_facts import GOODS_FIELDS, missing
from gateway.rules.declaration_life import (
    Event,
    goods_after,
    is_own,
    manifest_is_approved,
    not_now,
)
from gateway.rules.verdict import kind

FEES_PAID = "fees_paid"
IN_AN_ORDER = kind(
    "IN_AN_ORDER",
    "提单{value}在未支付的订单中，不能取消认定",
    "bill {value} is in an order that is not paid yet; its approval stays",
    ("请先关闭订单", "close the order first"),
)


class Refused(Exception):
    """What was asked cannot be done; `findings` say why, all at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(each.code for each in findings))
        self.findings = tuple(findings)


def make(desk: Desk, manifest: ManifestRow, said: Mapping[str, Any]) -> DeclarationRow:
    """A draft under a manifest declaration, rated; raises Refused where it is not right (S3-08).

    said: bill_of_lading, load_port, discharge_port, account, document, facts.
    """
    row = DeclarationRow(
        id=new_id(),
        manifest=manifest.id,
        partner=manifest.partner,
        account=said["account"],
        document=said.get("document"),
        bill_of_lading=said["bill_of_lading"],
        kind=manifest.kind,
        # The payer is the declarant of the goods declaration.
        payer=manifest.partner,
        region=manifest.region,
        load_port=said.get("load_port") or "",
        discharge_port=said.get("discharge_port") or "",
        direction=manifest.direction,
        trade=said.get("trade") or manifest.trade,
        ship_at=manifest.ship_at,
        ship_time=manifest.ship_time,
        goods_form="bulk" if said["facts"].get("cargo") else "container",
        facts=dict(said["facts"]),
        state="draft",
        revision=1,
        created_at=desk.now,
    )
    found = faults(desk, row)
    row = replace(row, reason=_reason(found), facts={**row.facts, "findings": as_json(found)})
    if not desk.tx.money.declarations.add(row):
        raise Refused((not_now("submitted", Event.CHANGE),))
    _tell_faults(desk, row, found)
    if row.kind != "clean":
        assess(desk, row)
    return row


def faults(desk: Desk, row: DeclarationRow) -> tuple[Finding, ...]:
    """What keeps a declaration from being handed in: empty fields, and what rating refuses."""
    values = {
        "bill_of_lading": row.bill_of_lading,
        "load_port": row.load_port,
        "discharge_port": row.discharge_port,
    }
    return (*missing(values, GOODS_FIELDS), *rated(desk.policy, row).findings)


def _tell_faults(desk: Desk, row: DeclarationRow, found: Sequence[Finding]) -> None:
    """Whoever sent the manifest hears why a bill is not handed in (S3-08)."""
    if row.reason:
        told = {"bill_of_lading": row.bill_of_lading, "findings": as_json(found)}
        tell_declarant(desk, row.id, row.revision, row.state, row.partner, told)


def _reason(found: Sequence[Finding]) -> str | None:
    codes = dict.fromkeys(each.code for each in found if each.severity is Severity.ERROR)
    return ", ".join(codes) or None


def own(desk: Desk, id_: str, partner: str, account: str | None) -> DeclarationRow:
    """The declarant's own declaration; LookupError for any other, Refused for a colleague's.

    account None: the firm itself (its resend of a manifest) or an officer.
    """
    row = desk.tx.money.declarations.find(id_)
    if row is None or row.partner != partner or row.state == "deleted":
        raise LookupError(id_)
    if account is not None and (said := is_own(row.account, account)):
        raise Refused(said)
    return row


def change(desk: Desk, row: DeclarationRow, said: Mapping[str, Any]) -> DeclarationRow:
    """New facts for a draft or a rejected one (S3-18); rated again."""
    state = _after(row, Event.CHANGE)
    facts = dict(said.get("facts") or {k: v for k, v in row.facts.items() if k != "findings"})
    moved = replace(
        row,
        document=said.get("document", row.document),
        load_port=said.get("load_port") or row.load_port,
        discharge_port=said.get("discharge_port") or row.discharge_port,
        trade=said.get("trade") or row.trade,
        ship_at=said.get("ship_at", row.ship_at),
        ship_time=said.get("ship_time", row.ship_time),
        goods_form="bulk" if facts.get("cargo") else "container",
        facts=facts,
        authority_fen=None,
    )
    found = faults(desk, moved)
    moved = replace(moved, reason=_reason(found), facts={**facts, "findings": as_json(found)})
    changed = _moved(desk, moved, state)
    _tell_faults(desk, changed, found)
    if changed.kind != "clean":
        assess(desk, changed)
    return changed


def copy(desk: Desk, row: DeclarationRow, bill_of_lading: str, account: str) -> DeclarationRow:
    """A new draft under the same manifest with the lines of another bill (S3-10)."""
    manifest = desk.tx.money.manifests.find(row.manifest)
    assert manifest is not None, "a declaration stands under its manifest"
    said = {
        "bill_of_lading": bill_of_lading,
        "load_port": row.load_port,
        "discharge_port": row.discharge_port,
        "trade": row.trade,
        "account": account,
        "facts": {key: value for key, value in row.facts.items() if key != "findings"},
    }
    return make(desk, manifest, said)


def delete(desk: Desk, row: DeclarationRow) -> DeclarationRow:
    """A draft or a rejected one goes; its number stays on record."""
    state = _after(row, Event.DELETE)
    desk.tx.money.charges.void(row.id)
    return _moved(desk, row, state)


def revive(desk: Desk, row: DeclarationRow) -> DeclarationRow:
    """A deleted bill that a new manifest names again is a draft again."""
    return _moved(desk, row, "draft")


def submit(desk: Desk, row: DeclarationRow) -> DeclarationRow:
    """Hand in under an approved manifest (S3-05, S3-34); the embedded approver answers at once."""
    state = _after(row, Event.SUBMIT)
    manifest = desk.tx.money.manifests.find(row.manifest)
    wrong = [*manifest_is_approved(manifest.state if manifest else "draft"), *faults(desk, row)]
    if errors := [each for each in wrong if each.severity is Severity.ERROR]:
        raise Refused(errors)
    sent = _moved(desk, replace(row, submitted_at=desk.now, reason=None), state)
    due = rated(desk.policy, sent).total_fen
    body = {
        "bill_of_lading": sent.bill_of_lading,
        "manifest": sent.manifest,
        "kind": sent.kind,
        "region": sent.region,
        "load_port": sent.load_port,
        "discharge_port": sent.discharge_port,
        "goods_form": sent.goods_form,
        "facts": {key: value for key, value in sent.facts.items() if key != "findings"},
        "own_rating_fen": due,
    }
    ask_authority(desk, "goods", sent.id, sent.revision, body, sent.partner)
    if desk.policy.approver == "embedded":
        return answer(desk, sent, Event.APPROVE)
    return sent


def withdraw(desk: Desk, row: DeclarationRow) -> DeclarationRow:
    """提交取消: while the authority has not decided (H-29)."""
    taken = _moved(desk, row, _after(row, Event.WITHDRAW))
    ask_authority(desk, "withdrawal", row.id, taken.revision, {}, row.partner)
    return taken


def cancel(desk: Desk, row: DeclarationRow, reason: str | None = None) -> DeclarationRow:
    """Ask that the approval be cancelled (S3-18); a bill in an open order is not let go."""
    state = _after(row, Event.CANCEL)
    if any(each.state == "ordered" for each in desk.tx.money.charges.of_declaration(row.id)):
        raise Refused((IN_AN_ORDER.at(value=row.bill_of_lading),))
    asked = _moved(desk, replace(row, reason=reason), state)
    ask_authority(desk, "cancellation", row.id, asked.revision, {"reason": reason}, row.partner)
    if desk.policy.approver == "embedded":
        return answer(desk, asked, Event.CANCEL_APPROVED)
    return asked


def answer(
    desk: Desk,
    row: DeclarationRow,
    event: Event,
    *,
    number: str | None = None,
    fen: int | None = None,
    reason: str | None = None,
) -> DeclarationRow:
    """What the authority decided; fen: what its own platform rated (S3-33).

    An approved bill that owes nothing is as good as paid: whoever waits for the fee goes on.
    """
    changed = replace(
        row,
        authority_number=number or row.authority_number,
        authority_fen=fen if event is Event.APPROVE else row.authority_fen,
        reason=reason,
        decided_at=desk.now,
    )
    decided = _moved(desk, changed, _after(row, event))
    told: dict[str, Any] = {"bill_of_lading": row.bill_of_lading, "reason": reason}
    if event is Event.CANCEL_APPROVED:
        desk.tx.money.charges.void(row.id)
    if event is Event.APPROVE and decided.kind != "clean":
        assessed: Assessed = assess(desk, decided)
        told |= {"due_fen": assessed.due_fen, "findings": as_json(assessed.findings)}
        if assessed.due_fen == 0:
            nothing_due(desk, decided)
    tell_declarant(desk, row.id, decided.revision, decided.state, row.partner, told)
    return decided


def nothing_due(desk: Desk, row: DeclarationRow) -> None:
    """The fact that documents and appointments wait for: this bill's fees are settled."""
    desk.tx.holds.release(FEES_PAID, row.bill_of_lading)
    desk.tx.gate.fact(FEES_PAID, row.bill_of_lading)


def _after(row: DeclarationRow, event: Event) -> str:
    state = goods_after(row.state, event)
    if state is None:
        raise Refused((not_now(row.state, event),))
    return state


def _moved(desk: Desk, row: DeclarationRow, state: str) -> DeclarationRow:
    moved = replace(row, state=state, revision=row.revision + 1)
    desk.tx.money.declarations.change(moved)
    return moved
