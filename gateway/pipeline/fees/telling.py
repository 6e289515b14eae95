"""TELLING: the authority is asked, the declarant is told, people get work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.findings import Finding
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.money.rows import DeclarationRow, WorkRow
from gateway.pipeline.notices import Notice, notify

# What routes subscribe to: the authority the first, declarants the second.
TO_AUTHORITY = "fee_declaration"
TO_DECLARANT = "fee_notice"
# The queue of those who look after declarations.
FEE_DESK = "fees"


def ask_authority(
    desk: Desk, subject: str, id_: str, revision: int, body: Mapping[str, Any], partner: str
) -> None:
    """Ask for a decision about a filing, manifest, goods, withdrawal, cancellation, settlement."""
    told = {"subject": subject, "id": id_, "revision": revision, **body}
    notice = Notice(
        kind=TO_AUTHORITY,
        id=f"{subject}-{id_}",
        revision=revision,
        about={"document": id_},
        body=told,
        state="asked",
        sender=partner,
    )
    notify(desk.tx, desk.partners, notice, desk.now)


def tell_declarant(
    desk: Desk, id_: str, revision: int, state: str, partner: str, body: Mapping[str, Any]
) -> None:
    """What became of it, on the declarant's own routes."""
    notice = Notice(
        kind=TO_DECLARANT,
        id=f"fee-{id_}",
        revision=revision,
        about={"document": id_},
        body={"id": id_, "revision": revision, "state": state, **body},
        state=state.lower(),
        sender=partner,
        receivers=(partner,),
    )
    notify(desk.tx, desk.partners, notice, desk.now)


def work(desk: Desk, kind: str, key: str, row: DeclarationRow, detail: Mapping[str, Any]) -> None:
    """Work for a person at the fee desk, once for each key."""
    desk.tx.money.work.add(
        WorkRow(
            key=f"{kind}:{key}",
            kind=kind,
            owner=FEE_DESK,
            created_at=desk.now,
            partner=row.partner,
            bill_of_lading=row.bill_of_lading,
            reference=row.id,
            detail=dict(detail),
        )
    )


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as they stand in answers."""
    return [finding.as_json() for finding in findings]
