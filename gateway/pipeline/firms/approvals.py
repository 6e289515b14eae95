"""APPROVALS: a firm asks a terminal, the terminal answers, functions open by themselves (S0-40)."""

from __future__ import annotations

from typing import Any, Final

from gateway.canonical.partner import Partner
from gateway.pipeline.firms.act import Act, change, firm
from gateway.pipeline.firms.life import refuse_inactive
from gateway.pipeline.firms.refusal import conflict, not_found
from gateway.pipeline.firms.rows import ApprovalRow
from gateway.pipeline.notices import Notice, notify

TERMINAL: Final = "码头公司"
# Which answer may follow which state.
_ANSWERS: Final = {
    "approved": ("requested", "refused", "withdrawn"),
    "refused": ("requested",),
    "withdrawn": ("approved",),
}


def ask_terminal(act: Act, partner: Partner, terminal: str) -> ApprovalRow:
    """A firm hands its agreement in to a terminal; asking again changes nothing."""
    refuse_inactive(partner)
    port = act.tx.partners.find(terminal)
    if port is None or TERMINAL not in port.types or port.state != "active":
        raise not_found(f"没有码头 {terminal}", f"there is no terminal {terminal}")
    known = act.tx.firms.approval(partner.code, terminal)
    if known is not None and known.state in ("requested", "approved"):
        return known
    row = ApprovalRow(partner.code, terminal, "requested", act.now)
    act.tx.firms.keep_approval(row)
    act.record(
        "approval.requested",
        partner.code,
        before=known and known.state,
        after="requested",
        terminal=terminal,
    )
    _tell(act, row, partner, [port])
    return row


def answer_firm(act: Act, terminal: str, code: str, answer: str, why: str) -> ApprovalRow:
    """Approved, refused or withdrawn by the terminal; its functions open or close for the firm."""
    known = act.tx.firms.approval(code, terminal)
    if known is None:
        raise not_found("没有该企业的申请", "that firm has not asked this terminal")
    if known.state not in _ANSWERS[answer]:
        raise conflict(
            "WRONG_STATE", f"申请状态为 {known.state}", f"the request's state is {known.state}"
        )
    partner = firm(act, code)
    if answer != "refused":
        partner = change(act, code, lambda before: _approved(before, terminal, answer))
    row = ApprovalRow(code, terminal, answer, known.requested_at, act.now, act.by, why)
    act.tx.firms.keep_approval(row)
    act.record(
        f"approval.{answer}", code, before=known.state, after=answer, terminal=terminal, why=why
    )
    _tell(act, row, partner, [partner])
    return row


def _approved(partner: Partner, terminal: str, answer: str) -> dict[str, Any]:
    others = [each for each in partner.terminal_approved if each != terminal]
    more = [terminal] if answer == "approved" else []
    return {"terminal_approved": (*others, *more)}


def _tell(act: Act, row: ApprovalRow, partner: Partner, receivers: list[Partner]) -> None:
    notice = Notice(
        kind="firm_approval",
        id=f"approval-{row.partner}-{row.terminal}",
        revision=int(act.now.timestamp() * 1_000_000),
        about={"firm": row.partner},
        body={
            "firm": row.partner,
            "name": partner.name,
            "terminal": row.terminal,
            "state": row.state,
            "at": act.now.isoformat(),
            "why": row.why,
        },
        state=row.state,
        sender=row.partner,
        test=partner.stage == "test",
    )
    notify(act.tx, receivers, notice, act.now)
