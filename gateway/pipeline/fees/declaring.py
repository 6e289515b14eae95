"""DECLARING: an accepted manifest becomes a manifest declaration and a goods declaration a bill.

A step (`declare`), page by page; each page is claimed once.  The same manifest again changes
nothing; a changed one re-rates what is not yet paid, and what is paid becomes work for a person
(S3-18).  After the last bill of a clean manifest the call is settled (S3-22 … S3-27).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from gateway.limits import PARTS_PER_BATCH_MAX
from gateway.pipeline.counsel import Effect, Matter
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.fees import goods
from gateway.pipeline.fees.clean import settle_when_confirmed
from gateway.pipeline.fees.desk import Desk, FeePolicy
from gateway.pipeline.fees.filing import region_of
from gateway.pipeline.fees.manifests import declare_manifest
from gateway.pipeline.fees.telling import work
from gateway.pipeline.fees.voyage import ShipCall, call_of, trade_of
from gateway.pipeline.money.rows import DeclarationRow, ManifestRow
from gateway.pipeline.ports import Clock, Directory, Store, Tx
from gateway.pipeline.rows import DocumentRow, PartRow, TimerRow
from gateway.rules.declaration_facts import facts_of
from gateway.rules.settlement import CLEAN_WITHIN

STAGE = "declare"
CLEAN_DUE = "clean_manifest_due"
_BILLS_PER_PAGE = 50
# Function codes: cancel the manifest, delete the bills named, add or change the bills named.
_CANCEL, _DELETE, _PARTIAL = "1", "3", frozenset({"2", "3", "4"})
_ACCEPTED = frozenset({"accepted", "partly"})
_UNDECIDED = frozenset({"draft", "rejected"})
_OPEN = _UNDECIDED | {"submitted", "approved"}


def queue(matter: Matter) -> None:
    """The effect of an accepted manifest: the step does the work, in transactions of its own."""
    document = matter.document
    matter.tx.outbox.put(STAGE, document.id, matter.interchange.revision, f"fees/{document.id}")


DECLARE = Effect(frozenset({"manifest"}), queue)


class Declare:
    """The step."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, policy: FeePolicy) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._policy = policy

    async def run(self, subject: str, revision: int) -> None:
        """Declare one manifest document at one revision of its decision."""
        after = 0
        while True:
            done = await self._store.write(partial(self._page, subject, revision, after))
            crash_point("declare.recorded")
            if done is None:
                return
            after = done

    def _page(self, subject: str, revision: int, after: int, tx: Tx) -> int | None:
        document = tx.documents.find(subject)
        if document is None or document.state not in _ACCEPTED:
            return None
        parts = tx.documents.parts(document.id, after, _BILLS_PER_PAGE)
        last = len(parts) < _BILLS_PER_PAGE
        if tx.outbox.claim(STAGE, f"{document.id}/{after}", revision):
            desk = Desk(tx, self._policy, self._directory.partners(), self._clock.now())
            _Manifest(desk, document).take(parts, last=last)
            crash_point("declare.before_commit")
        return None if last else parts[-1].ordinal


@dataclass(slots=True)
class _Manifest:
    """One manifest document on the desk."""

    desk: Desk
    document: DocumentRow

    def take(self, parts: Sequence[PartRow], *, last: bool) -> None:
        call = call_of(self.document.header)
        region, findings = region_of(
            self.desk, self.document.partner, self.document.account, call.port
        )
        manifest = declare_manifest(self.desk, self.document, call, region, findings)
        decisions = self.desk.tx.documents.decisions(self.document.id)
        left_out = set(decisions[-1].facts.get("rejected_parts", ())) if decisions else set()
        for part in parts:
            if part.ordinal not in left_out:
                self._bill(manifest, call, part)
        if last:
            self._end(manifest, call)

    def _bill(self, manifest: ManifestRow, call: ShipCall, part: PartRow) -> None:
        said = self._said(call, json.loads(part.canonical))
        if not said["bill_of_lading"]:
            return
        same = self.desk.tx.money.declarations.of_bill(said["bill_of_lading"])
        held = next((row for row in same if row.manifest == manifest.id), None)
        if self.document.function in (_CANCEL, _DELETE):
            if held is not None:
                self._remove(held)
        elif held is None:
            self._submit(goods.make(self.desk, manifest, said))
        elif held.state == "deleted":
            self._submit(goods.change(self.desk, goods.revive(self.desk, held), said))
        else:
            self._change(manifest, held, said)

    def _said(self, call: ShipCall, bill: dict[str, Any]) -> dict[str, Any]:
        load, discharge = _port(bill, "load_port"), _port(bill, "discharge_port")
        return {
            "bill_of_lading": (bill.get("number") or "").upper(),
            "load_port": load or (call.port if call.direction == "export" else ""),
            "discharge_port": discharge or (call.port if call.direction == "import" else ""),
            "trade": trade_of(call, load or call.port, discharge),
            "account": self.document.account,
            "document": self.document.id,
            "facts": facts_of(bill),
        }

    def _change(self, manifest: ManifestRow, held: DeclarationRow, said: dict[str, Any]) -> None:
        """A resend: the same facts are no news; an undecided bill is taken back and sent anew."""
        before = {name: value for name, value in held.facts.items() if name != "findings"}
        same = before == said["facts"] and held.ship_at == manifest.ship_at
        if same:
            if held.state in _UNDECIDED:
                self._submit(held)
            return
        said |= {"ship_at": manifest.ship_at, "ship_time": manifest.ship_time}
        row = self._freed(held)
        if row is not None:
            self._submit(goods.change(self.desk, row, said))

    def _freed(self, held: DeclarationRow) -> DeclarationRow | None:
        """The bill in a state that allows a change; None where only a person can go on."""
        row = held
        try:
            if row.state == "submitted":
                row = goods.withdraw(self.desk, row)
            elif row.state == "approved":
                row = goods.cancel(self.desk, row, "manifest changed")
        except goods.Refused as refused:
            codes = [each.code for each in refused.findings]
            self._stuck(held, codes)
            return None
        if row.state in _UNDECIDED:
            return row
        self._stuck(row, [row.state])
        return None

    def _stuck(self, row: DeclarationRow, why: Sequence[str]) -> None:
        """Its declared facts and the manifest now differ; the clean manifest settles a paid one."""
        detail = {"document": self.document.id, "why": list(why)}
        work(self.desk, "BILL_CHANGED", f"{row.id}:{self.document.id}", row, detail)

    def _submit(self, row: DeclarationRow) -> None:
        """Where the policy hands in at once; what is not complete waits for its declarant."""
        automatic = self.desk.policy.submit == "automatic" or row.kind == "clean"
        if not automatic or row.reason or not row.region or row.state not in _UNDECIDED:
            return
        try:
            goods.submit(self.desk, row)
        except goods.Refused as refused:
            codes = [each.code for each in refused.findings]
            work(self.desk, "NOT_SUBMITTED", f"{row.id}:{row.revision}", row, {"why": codes})

    def _remove(self, row: DeclarationRow) -> None:
        freed = self._freed(row)
        if freed is not None:
            goods.delete(self.desk, freed)

    def _end(self, manifest: ManifestRow, call: ShipCall) -> None:
        """Bills that a whole new manifest no longer names are taken back; then the call is due."""
        if self.document.function not in _PARTIAL:
            named = self._named()
            for row in self.desk.tx.money.declarations.of_manifest(manifest.id):
                # What the declarant made by hand stays.
                if row.document and row.bill_of_lading not in named and row.state in _OPEN:
                    self._remove(row)
        if call.kind == "clean":
            settle_when_confirmed(self.desk, manifest)
        elif call.kind == "pre_stowage" and manifest.ship_at is not None:
            due = manifest.ship_at + CLEAN_WITHIN + timedelta(seconds=1)
            self.desk.tx.timers.set(TimerRow(CLEAN_DUE, manifest.id, due))

    def _named(self) -> set[str]:
        """The bills of this document."""
        if self.document.function == _CANCEL:
            return set()
        named: set[str] = set()
        after = 0
        while True:
            marks = self.desk.tx.documents.part_marks(self.document.id, after, PARTS_PER_BATCH_MAX)
            named |= {mark.key.get("bill_of_lading", "").upper() for mark in marks}
            if len(marks) < PARTS_PER_BATCH_MAX:
                return named
            after = marks[-1].ordinal


def _port(bill: dict[str, Any], name: str) -> str:
    return str((bill.get(name) or {}).get("code") or "").upper()
