"""DECIDE, step 4: facts from the store, rules over them, and everything that follows, recorded.

Arrival order holds within a lane (account and document type): an interchange whose predecessor is
still undecided does nothing here; the predecessor announces it when it is done.  Documents are
decided page by page, each claimed once, so that a process that dies in the middle goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from gateway.canonical.partner import Agreement, Partner
from gateway.findings import Finding
from gateway.limits import DOCUMENTS_PER_DECISION_MAX, PARTS_PER_BATCH_MAX
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import NO_COUNSEL, Counsel, Matter
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.dispatch import dispatch
from gateway.pipeline.ports import Clock, Directory, Store, Tx
from gateway.pipeline.rows import DecisionRow, DocumentRow, HoldRow, InterchangeRow, TimerRow
from gateway.rules.case import Case, DocumentFacts, HeldDocument, PartFacts
from gateway.rules.decide import decide
from gateway.rules.decision import Decision

STAGE = "decide"
# Findings about who sent it keep the bytes out of the journey until an operator looks (house.md 3).
_QUARANTINE = frozenset({"PARTNER_NOT_ACTIVE", "SENDER_UNKNOWN"})
# Functions that speak about parts in force; only they need the names of the parts.
_AMENDMENTS = frozenset({"2", "3", "4"})
# The search key by which parts of a document type are known; those of any other are boxes.
_KINDS = {
    "manifest": "bill_of_lading",
    "booking": "booking",
    "vessel_schedule": "port",
    "delivery_order": "delivery_order",
}


class Decide:
    """The step."""

    # Whoever comes too early does nothing and is announced by its predecessor.
    side_by_side = True

    def __init__(
        self,
        store: Store,
        directory: Directory,
        clock: Clock,
        answering: Answering,
        counsel: Counsel = NO_COUNSEL,
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._answering = answering
        self._counsel = counsel

    async def run(self, subject: str, revision: int) -> None:
        """Decide one interchange, if it is its turn; or a document whose hold was released."""
        after = 0
        while True:
            done = await self._store.write(partial(self._page, subject, revision, after))
            crash_point("decide.recorded")
            if done is None:
                return
            after = done

    def _page(self, subject: str, revision: int, after: int, tx: Tx) -> int | None:
        """One transaction: some documents, or the end; the last ordinal, None when all is done."""
        row = tx.interchanges.find(subject)
        if row is None:
            self._again(tx, subject, revision)
            return None
        if row.state != "translated" or row.revision != revision:
            return None
        if not after and tx.interchanges.earlier_undecided(row.order_key, row.seq):
            return None
        crash_point("decide.leased")
        documents = tx.documents.of_interchange(row.id, after, DOCUMENTS_PER_DECISION_MAX)
        judge = _Judge(tx, row, self._directory, self._counsel, self._clock.now())
        for document in documents:
            if not tx.outbox.claim(STAGE, document.id, revision):
                continue
            decision = judge.decide(document)
            if _QUARANTINE & set(decision.codes):
                self._quarantine(tx, row, decision.findings)
                return None
            judge.record(document, decision)
            crash_point("decide.decision_written")
        if len(documents) == DOCUMENTS_PER_DECISION_MAX:
            return documents[-1].ordinal
        self._finish(tx, row, judge)
        crash_point("decide.before_commit")
        return None

    def _again(self, tx: Tx, subject: str, revision: int) -> None:
        """A document that was held, decided again under its own next revision."""
        document = tx.documents.find(subject)
        if document is None or document.state not in ("held", "review"):
            return
        row = tx.interchanges.find(document.interchange)
        if row is None or not tx.outbox.claim(STAGE, document.id, revision):
            return
        now = self._clock.now()
        again = replace(row, revision=revision)
        judge = _Judge(tx, again, self._directory, self._counsel, now)
        judge.record(document, judge.decide(document))
        tx.interchanges.outcome_changed(row.id, tx.documents.outcome(row.id))
        self._answering.answer(tx, row.id, now, revision)

    def _finish(self, tx: Tx, row: InterchangeRow, judge: _Judge) -> None:
        """All documents are decided: the outcome, the answers, the next of the lane."""
        stray = judge.refused_without_documents() if not row.documents else ()
        if stray:
            self._quarantine(tx, row, stray)
            return
        outcome = tx.documents.outcome(row.id)
        if outcome == "accepted" and row.errors_total:
            # A message that could not be read at all stands beside those that were accepted.
            outcome = "partly"
        tx.interchanges.decided(row.id, row.revision, outcome)
        self._answering.answer(tx, row.id, self._clock.now())
        tx.interchanges.announce_next(row.order_key)

    def _quarantine(self, tx: Tx, row: InterchangeRow, findings: tuple[Finding, ...]) -> None:
        """Keep the bytes, tell the sender, disturb nothing else."""
        tx.interchanges.refuse(row.id, "quarantined", [f.as_json() for f in findings])
        self._answering.answer(tx, row.id, self._clock.now())


class _Judge:
    """Facts and records of the documents of one interchange, inside one transaction."""

    def __init__(
        self, tx: Tx, row: InterchangeRow, directory: Directory, counsel: Counsel, now: datetime
    ) -> None:
        self._tx = tx
        self._row = row
        self._now = now
        self._directory = directory
        self._counsel = counsel
        self._partner: Partner | None = directory.partner(row.partner)
        self._holder: str | None = None
        if row.reference:
            self._holder = tx.interchanges.claim_reference(
                row.id, row.account, f"{row.sender}|{row.reference}"
            )

    def decide(self, document: DocumentRow) -> Decision:
        """The pure decision over facts read here."""
        advice = tuple(self._counsel.advice(self._matter(document)))
        return decide(self._case(document), advice=advice)

    def refused_without_documents(self) -> tuple[Finding, ...]:
        """For a file without documents: what would quarantine it all the same."""
        facts = DocumentFacts(self._row.id, "", "", "9", "", {})
        decision = decide(Case(facts, self._partner, None, sender=self._row.sender))
        return tuple(f for f in decision.findings if f.code in _QUARANTINE)

    def record(self, document: DocumentRow, decision: Decision) -> None:
        """Decision, holds, timers and deliveries of one document."""
        tx = self._tx
        row = DecisionRow(
            document=document.id,
            revision=self._row.revision,
            outcome=decision.outcome,
            codes=list(decision.codes),
            rules=[dict(rule) for rule in decision.rules],
            explanation=dict(decision.explanation),
            findings=[finding.as_json() for finding in decision.findings],
            facts={"parts": decision.parts, "rejected_parts": list(decision.rejected_parts)},
            decided_at=self._now,
        )
        crash_point("decide.before_record")
        tx.documents.decide(row, decision.state, decision.current)
        for hold in decision.holds:
            tx.holds.place(HoldRow(document.id, hold.fact_kind, hold.fact_key, hold.until))
        for timer in decision.timers:
            tx.timers.set(TimerRow(timer.kind, timer.key, timer.due_at))
        if decision.outcome == "accept":
            dispatch(tx, self._row, document, decision.state, self._directory.partners(), self._now)
            self._counsel.apply(self._matter(document))

    def _matter(self, document: DocumentRow) -> Matter:
        return Matter(self._tx, self._row, document, self._partner, self._now)

    def _case(self, document: DocumentRow) -> Case:
        held = self._tx.documents.current(document.account, document.type, document.key)
        agreement = self._partner.agreement(document.type) if self._partner else None
        return Case(
            document=DocumentFacts(
                id=document.id,
                type=document.type,
                format=document.format,
                function=document.function,
                message_type=document.message_type,
                key=document.key,
                created_wall=document.created_wall,
                reference=self._row.reference,
                complete=bool(self._row.complete),
                envelope_errors=int(self._row.envelope.get("errors", self._row.errors_total)),
                test=document.test,
            ),
            partner=self._partner,
            agreement=agreement,
            sender=self._row.sender,
            held=[HeldDocument(h.id, h.function, h.created_wall) for h in held],
            reference_holder=self._holder,
            parts=self._parts(document, [h.id for h in held], agreement),
        )

    def _parts(
        self, document: DocumentRow, held: list[str], agreement: Agreement | None
    ) -> Iterator[PartFacts]:
        """The parts with their names where somebody will ask for them, else only their number."""
        if agreement is None or (not document.errors and document.function not in _AMENDMENTS):
            return (PartFacts(n, "") for n in range(1, document.parts + 1))
        return self._named_parts(document, held)

    def _named_parts(self, document: DocumentRow, held: list[str]) -> Iterator[PartFacts]:
        after = 0
        while True:
            marks = self._tx.documents.part_marks(document.id, after, PARTS_PER_BATCH_MAX)
            names = {mark.ordinal: _name(mark.key) for mark in marks}
            in_force = self._tx.documents.held_keys(
                held, _kind(document.type), [name for name in names.values() if name]
            )
            for mark in marks:
                name = names[mark.ordinal]
                yield PartFacts(mark.ordinal, name, mark.errors, name in in_force)
            if len(marks) < PARTS_PER_BATCH_MAX:
                return
            after = marks[-1].ordinal


def _name(key: dict[str, str]) -> str:
    """What people call a part: the last value of its key (bill, box, booking)."""
    return next(reversed(key.values()), "").upper()


def _kind(type_: str) -> str:
    """The search key by which parts of a document type are known."""
    return _KINDS.get(type_, "container")
