"""FILING 备案: which firm (and which of its operators) may declare and pay in which region.

Only the region of the loading port counts, never another one (S3-31); for imports from abroad that
of the port of discharge (H-26).  An operator has no region that his firm has not (S3-04).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.findings import Finding
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.telling import ask_authority, tell_declarant
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import FilingRow
from gateway.rules.verdict import kind

NO_FILING = kind(
    "NO_FILING",
    "企业未在装货港{value}所在区域备案，不能跨区域申报",
    "the firm has no filing in the region of port {value}, and none may be declared elsewhere",
    ("请向该港海事管理机构备案", "file with the maritime authority of that port"),
)
_PAGE = 200
# The whole firm, not one operator.
FIRM = ""


def region_of(desk: Desk, partner: str, account: str, port: str) -> tuple[str, Sequence[Finding]]:
    """The filed region that holds the port; "" and a finding where there is none."""
    for filed in filings(desk, partner):
        if filed.state != "approved" or port not in filed.ports:
            continue
        if filed.account in (FIRM, account) and _operator_may(desk, partner, account, filed.region):
            return filed.region, ()
    if not desk.policy.filing_required:
        return port, ()
    return "", (NO_FILING.at(value=port),)


def _operator_may(desk: Desk, partner: str, account: str, region: str) -> bool:
    """An operator with filings of his own is bound to them."""
    own = [each for each in filings(desk, partner) if each.account == account != FIRM]
    return not own or any(each.region == region and each.state == "approved" for each in own)


def filings(desk: Desk, partner: str) -> list[FilingRow]:
    """All of a firm's."""
    return list(desk.tx.money.filings.page(partner, None, _PAGE).rows)


def file(
    desk: Desk, partner: str, account: str, region: str, ports: Sequence[str], rights: Sequence[str]
) -> FilingRow | None:
    """Apply for a region; None where this firm or operator has applied for it before."""
    row = FilingRow(
        id=new_id(),
        partner=partner,
        account=account,
        region=region,
        ports=list(ports),
        rights=list(rights),
        state="submitted",
        revision=1,
        created_at=desk.now,
    )
    if not desk.tx.money.filings.add(row):
        return None
    body = {"region": region, "ports": list(ports), "rights": list(rights), "account": account}
    ask_authority(desk, "filing", row.id, row.revision, body, partner)
    if desk.policy.approver == "embedded":
        return decide_filing(desk, row, "approved", None, None)
    return row


def decide_filing(
    desk: Desk, row: FilingRow, state: str, number: str | None, reason: str | None
) -> FilingRow:
    """The authority's answer; raises Stale where somebody else was faster."""
    decided = replace(
        row,
        state=state,
        revision=row.revision + 1,
        authority_number=number,
        reason=reason,
        decided_at=desk.now,
    )
    desk.tx.money.filings.change(decided)
    tell_declarant(desk, row.id, decided.revision, state, row.partner, {"reason": reason})
    return decided
