"""MANIFEST DECLARATIONS 舱单申报: first of all, and approved by themselves (S3-05 … S3-09, S3-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.findings import Finding
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.telling import as_json, ask_authority, tell_declarant
from gateway.pipeline.fees.voyage import ShipCall
from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import ManifestRow
from gateway.pipeline.rows import DocumentRow
from gateway.rules.declaration_facts import MANIFEST_FIELDS, missing
from gateway.rules.declaration_life import Event, manifest_after


def declare_manifest(
    desk: Desk,
    document: DocumentRow,
    call: ShipCall,
    region: str,
    findings: Sequence[Finding],
) -> ManifestRow:
    """The manifest declaration of a document's call, made or brought up to date.

    It is handed in as soon as it is complete; the authority approves it by itself (S3-09).  The
    times of an approved one follow the newest manifest: its goods are rated by the ship's time.
    """
    held = desk.tx.money.manifests.of(document.partner, call.kind, call.vessel, call.voyage, region)
    row = held or _new(desk, document, call, region)
    if held is None:
        desk.tx.money.manifests.add(row)
    values = {"vessel": call.vessel, "voyage": call.voyage, "ship_time": call.ship_time}
    wrong = (*findings, *missing(values, MANIFEST_FIELDS))
    reason = ", ".join(dict.fromkeys(each.code for each in wrong)) or None
    told = replace(
        row,
        document=document.id,
        ship_at=call.ship_at,
        ship_time=call.ship_time,
        facts=call.facts,
        reason=reason,
    )
    if told != row:
        told = _change(desk, told)
        if reason:
            said = {"findings": as_json(wrong)}
            tell_declarant(desk, told.id, told.revision, told.state, told.partner, said)
    return hand_in(desk, told) if not wrong and told.state != "approved" else told


def hand_in(desk: Desk, row: ManifestRow) -> ManifestRow:
    """Submitted and, as S3-09 says, approved by the platform itself; the authority is told."""
    sent = manifest_after(row.state, Event.SUBMIT)
    if sent is None:
        return row
    row = _change(desk, replace(row, state=sent, submitted_at=desk.now))
    body = {
        "kind": row.kind,
        "vessel": row.vessel,
        "voyage": row.voyage,
        "region": row.region,
        "direction": row.direction,
        "ship_time": row.ship_time,
        "facts": row.facts,
    }
    ask_authority(desk, "manifest", row.id, row.revision, body, row.partner)
    approved = manifest_after(row.state, Event.APPROVE)
    assert approved is not None, "what was submitted can be approved"
    return _change(desk, replace(row, state=approved, decided_at=desk.now))


def _new(desk: Desk, document: DocumentRow, call: ShipCall, region: str) -> ManifestRow:
    return ManifestRow(
        id=new_id(),
        partner=document.partner,
        account=document.account,
        document=document.id,
        kind=call.kind,
        vessel=call.vessel,
        voyage=call.voyage,
        region=region,
        direction=call.direction,
        trade=call.trade,
        ship_at=call.ship_at,
        ship_time=call.ship_time,
        departed_at=None,
        facts=call.facts,
        state="draft",
        revision=1,
        created_at=desk.now,
    )


def _change(desk: Desk, row: ManifestRow) -> ManifestRow:
    changed = replace(row, revision=row.revision + 1)
    desk.tx.money.manifests.change(changed)
    return changed
