"""ANSWERING: what the sender is told about an interchange, put in the transaction of its outcome.

Facts are read from the store, `routing.answers` says which answers go where, a writer makes the
bytes of each, and they lie in the sender's mailbox (and on routes that ask for answers).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.findings import Finding
from gateway.limits import ANSWERED_DOCUMENTS_MAX, FINDINGS_PER_FILE_MAX, PARTS_PER_BATCH_MAX
from gateway.pipeline.ports import Directory, Tx
from gateway.pipeline.rows import InterchangeRow, Judged, NewDelivery, OutboxRow
from gateway.routing.answer_facts import AnsweredDocument, AnsweredInterchange
from gateway.routing.answers import AnswerPlan, plan_answers
from gateway.telemetry.events import emit

# What a writer gets: the facts, our own name as the answer's sender, and the instant.
Writer = Callable[[AnsweredInterchange, str, datetime], bytes]


@dataclass(frozen=True, slots=True)
class Ending:
    """How an interchange has ended: its state, its documents with their decisions.

    revision: that of the answers.
    """

    state: str
    outcome: str | None
    revision: int
    judged: Sequence[Judged]


class Answering:
    """Answers interchanges; `name` is ours in the envelopes of the answers."""

    def __init__(self, directory: Directory, writers: Mapping[str, Writer], name: str) -> None:
        self._directory = directory
        self._writers = writers
        self._name = name

    def answer(self, tx: Tx, interchange: str, now: datetime, revision: int | None = None) -> None:
        """Put the answers to an interchange that is decided, quarantined or dead.

        revision: that of the answers, where a later decision about a document calls for new ones.
        """
        row = tx.interchanges.find(interchange)
        if row is not None:
            ending = _ending(tx, row, revision or row.revision)
            tx.deliveries.add(self.answers(tx, row, ending, now))

    def answers(
        self, tx: Tx, row: InterchangeRow, ending: Ending, now: datetime
    ) -> list[NewDelivery]:
        """The deliveries that `answer` puts, where the end and all documents are at hand."""
        partner = self._directory.partner(row.partner)
        if partner is None:
            return []
        answers = plan_answers(answered(tx, row, ending), partner)
        return [self._new(each, now) for each in answers]

    def dead(self, tx: Tx, event: OutboxRow, now: datetime) -> None:
        """Tell the sender that its file waits for an operator; never raises.

        What broke the step may break the answer, too: then the dead letter alone stands.
        """
        try:
            self.answer(tx, event.subject, now)
        except Exception as error:  # noqa: BLE001 - the burial itself must be recorded
            emit("answer_broke", "error", subject=event.subject, error=type(error).__name__)

    def _new(self, plan: AnswerPlan, now: datetime) -> NewDelivery:
        return NewDelivery(
            id=plan.id,
            partner=plan.partner,
            route=plan.route,
            kind=plan.route_kind,
            lane=plan.lane,
            subject_kind="answer",
            subject=plan.interchange,
            interchange=plan.interchange,
            event_type=plan.event_type,
            file_name=plan.file_name,
            content_type=plan.content_type,
            body=self._writers[plan.kind](plan.facts, self._name, now),
            due_at=now,
            test=plan.test,
        )


def _ending(tx: Tx, row: InterchangeRow, revision: int) -> Ending:
    """How an interchange stands in the store."""
    judged = []
    for document in tx.documents.of_interchange(row.id, 0, ANSWERED_DOCUMENTS_MAX):
        decisions = tx.documents.decisions(document.id)
        last = decisions[-1] if decisions else None
        findings = [Finding.from_json(each) for each in (last.findings if last else ())]
        judged.append(Judged(document, document.state, last, findings))
    return Ending(row.state, row.outcome, revision, judged)


def answered(tx: Tx, row: InterchangeRow, ending: Ending) -> AnsweredInterchange:
    """The facts about an interchange, bounded: so many documents, so many findings."""
    judged = ending.judged[:ANSWERED_DOCUMENTS_MAX]
    told = [_document(tx, each) for each in judged]
    findings = [Finding.from_json(each) for each in row.findings]
    return AnsweredInterchange(
        id=row.id,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        received_at=row.received_at.isoformat(),
        state=ending.state,
        outcome=ending.outcome,
        syntax=row.syntax,
        sender=row.sender,
        receiver=row.receiver,
        reference=row.reference,
        message_type=judged[0].document.message_type if judged else _first_message(row),
        encoding=row.encoding,
        complete=row.complete,
        test=row.test,
        revision=ending.revision,
        resend_of=row.resend_of,
        findings=findings,
        findings_beyond=max(0, row.findings_total - len(findings) - _told(told)),
        documents=told,
        documents_beyond=max(0, row.documents - len(told)),
        envelope=row.envelope,
    )


def _first_message(row: InterchangeRow) -> str | None:
    """The type of the first message where nothing of it could be mapped (EDIFACT reports it)."""
    reports = row.envelope.get("reports") or []
    return str(reports[0][1]) if reports and len(reports[0]) > 1 else None


def _told(documents: list[AnsweredDocument]) -> int:
    return sum(len(each.findings) for each in documents)


def _document(tx: Tx, judged: Judged) -> AnsweredDocument:
    document, last = judged.document, judged.decision
    findings = list(judged.findings)
    # Only a document in which something was found has parts worth reading for an answer.
    if document.findings:
        findings = _part_findings(tx, document.id) + findings
    rejected = list(last.facts.get("rejected_parts", ())) if last else []
    return AnsweredDocument(
        ordinal=document.ordinal,
        type=document.type,
        format=document.format,
        message_type=document.message_type,
        message_reference=document.message_reference,
        document_number=document.header.get("document_number"),
        function=document.function,
        key=document.key,
        state=judged.state,
        outcome=last.outcome if last else None,
        codes=last.codes if last else (),
        explanation=last.explanation if last else None,
        findings=findings[:FINDINGS_PER_FILE_MAX],
        findings_beyond=max(0, len(findings) - FINDINGS_PER_FILE_MAX),
        parts=document.parts,
        rejected_parts=_keys(tx, document.id, rejected[:FINDINGS_PER_FILE_MAX]),
        rejected_total=len(rejected),
    )


def _part_findings(tx: Tx, document: str) -> list[Finding]:
    """The findings of the parts, in order, as many as an answer takes."""
    texts = tx.documents.part_findings(document, FINDINGS_PER_FILE_MAX)
    return [Finding.from_json(each) for text in texts for each in json.loads(text)]


def _keys(tx: Tx, document: str, ordinals: list[int]) -> list[Mapping[str, str]]:
    """The keys of the parts that were left out."""
    wanted = set(ordinals)
    found: list[Mapping[str, str]] = []
    after = 0
    while wanted and len(found) < len(ordinals):
        marks = tx.documents.part_marks(document, after, PARTS_PER_BATCH_MAX)
        found += [mark.key for mark in marks if mark.ordinal in wanted]
        if len(marks) < PARTS_PER_BATCH_MAX:
            break
        after = marks[-1].ordinal
    return found
