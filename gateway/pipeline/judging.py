"""JUDGING: the documents of one interchange, decided and recorded inside one transaction.

Facts are read from the store, `rules` decides over them, and what follows is written: decision,
holds, timers, and what the services do about it.  Deliveries are only made: whoever has the
transaction adds those of all documents at once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.canonical.partner import Agreement, Partner
from gateway.findings import Finding, Place
from gateway.limits import PARTS_PER_BATCH_MAX
from gateway.pipeline.counsel import Counsel, Matter
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.dispatch import Dispatch, Ways
from gateway.pipeline.ports import Tx
from gateway.pipeline.references import References
from gateway.pipeline.rows import (
    DecisionRow,
    DocumentRow,
    HoldRow,
    InterchangeRow,
    Judged,
    NewDelivery,
    TimerRow,
)
from gateway.rules.case import Case, DocumentFacts, HeldDocument, PartFacts
from gateway.rules.decide import REPEAT_RULES, decide
from gateway.rules.decision import Decision

# Findings about who sent it keep the bytes out of the journey until an operator looks (house.md 3).
QUARANTINE = frozenset({"PARTNER_NOT_ACTIVE", "SENDER_UNKNOWN"})
# Functions that speak about parts in force; only they need the names of the parts.
_AMENDMENTS = frozenset({"2", "3", "4"})
# The search key by which parts of a document type are known; those of any other are boxes.
_KINDS = {
    "manifest": "bill_of_lading",
    "booking": "booking",
    "vessel_schedule": "port",
    "delivery_order": "delivery_order",
}


class Judge:
    """Judges documents of one interchange; `judged` are those that it has recorded."""

    def __init__(
        self, tx: Tx, row: InterchangeRow, ways: Ways, counsel: Counsel, now: datetime
    ) -> None:
        self._tx = tx
        self._row = row
        self._now = now
        self._counsel = counsel
        self._partner: Partner | None = ways.directory.partner(row.partner)
        self._dispatch = Dispatch(row, self._partner, ways, now)
        self.judged: list[Judged] = []
        self._references = References(tx, row)

    def decide(self, document: DocumentRow) -> Decision:
        """The pure decision over facts read here."""
        case = self._case(document)
        if case.repeats:
            return decide(case, REPEAT_RULES)
        advice = tuple(self._counsel.advice(self._matter(document)))
        return decide(case, advice=advice)

    def refused_files(self) -> tuple[Finding, ...]:
        """What quarantines the whole by its files alone, whatever their documents are."""
        facts = DocumentFacts(self._row.id, "", "", "9", "", {})
        findings: list[Finding] = []
        for sender, file in {each.sender: each for each in self._references.files[::-1]}.items():
            decision = decide(Case(facts, self._partner, None, sender=sender))
            place = Place(file=file.name or None)
            findings += [replace(f, place=place) for f in decision.findings if f.code in QUARANTINE]
        return tuple(findings)

    def record(self, document: DocumentRow, decision: Decision) -> list[NewDelivery]:
        """Decision, holds and timers of one document; returns its deliveries, not yet added."""
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
        tx.documents.decide(row, decision.state, decision.current, document)
        self.judged.append(Judged(document, decision.state, row, decision.findings))
        for hold in decision.holds:
            tx.holds.place(HoldRow(document.id, hold.fact_kind, hold.fact_key, hold.until))
        for timer in decision.timers:
            tx.timers.set(TimerRow(timer.kind, timer.key, timer.due_at))
        if decision.outcome != "accept" or self._references.origin(document.ordinal).repeats:
            return []
        self._counsel.apply(self._matter(document))
        return self._dispatch.deliveries(document, decision.state)

    def _matter(self, document: DocumentRow) -> Matter:
        return Matter(self._tx, self._row, document, self._partner, self._now)

    def _case(self, document: DocumentRow) -> Case:
        held = self._tx.documents.current(document.account, document.type, document.key)
        agreement = self._partner.agreement(document.type) if self._partner else None
        origin = self._references.origin(document.ordinal)
        return Case(
            document=DocumentFacts(
                id=document.id,
                type=document.type,
                format=document.format,
                function=document.function,
                message_type=document.message_type,
                key=document.key,
                created_wall=document.created_wall,
                reference=origin.file.reference,
                complete=bool(self._row.complete),
                envelope_errors=int(self._row.envelope.get("errors", self._row.errors_total)),
                test=document.test,
            ),
            partner=self._partner,
            agreement=agreement,
            sender=origin.file.sender,
            held=[HeldDocument(h.id, h.function, h.created_wall) for h in held],
            reference_holder=origin.holder,
            parts=self._parts(document, [h.id for h in held], agreement),
            repeats=origin.repeats,
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
