"""The writer of each kind of answer: facts of the gateway → the arguments of a mapping's writer."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime

from gateway.mappings.acknowledgement.aperak import DocumentResult, write_aperak
from gateway.mappings.acknowledgement.contrl import InterchangeResult, MessageResult, write_contrl
from gateway.mappings.acknowledgement.receipt_flat import (
    Receipt,
    ReceiptDocument,
    write_receipt,
)
from gateway.pipeline.answering import Writer
from gateway.routing.answer_facts import AnsweredDocument, AnsweredInterchange
from gateway.routing.receipt import json_receipt
from gateway.syntax.edifact import Envelope


def _json(facts: AnsweredInterchange, _name: str, _now: datetime) -> bytes:
    return json_receipt(facts)


def _flat(facts: AnsweredInterchange, name: str, now: datetime) -> bytes:
    """The flat receipt, in the encoding of the file that it answers."""
    receipt = Receipt(
        sender=name,
        receiver=facts.sender or "",
        created=now.strftime("%Y%m%d%H%M%S"),
        interchange=facts.id,
        name=facts.name,
        size=facts.size,
        sha256=facts.sha256,
        received=facts.received_at,
        message_type=facts.message_type or "",
        state=facts.state,
        outcome=facts.outcome or "",
        complete=bool(facts.complete),
        resend_of=facts.resend_of or "",
        findings=facts.findings,
        documents=[_flat_document(document) for document in facts.documents],
        beyond=facts.findings_beyond,
        documents_beyond=facts.documents_beyond,
    )
    return write_receipt(receipt, facts.encoding)


def _flat_document(document: AnsweredDocument) -> ReceiptDocument:
    explanation: Mapping[str, str] = document.explanation or {}
    return ReceiptDocument(
        ordinal=document.ordinal,
        type=document.type,
        message_type=document.message_type,
        function=document.function,
        key=document.key,
        state=document.state,
        codes=document.codes,
        zh=explanation.get("zh", ""),
        en=explanation.get("en", ""),
        parts=document.parts,
        findings=document.findings,
        rejected=document.rejected_parts,
        rejected_total=document.rejected_total,
    )


def _contrl(facts: AnsweredInterchange, name: str, now: datetime) -> bytes:
    """CONTRL: what could be read; the whole interchange is rejected where its envelope is wrong."""
    return write_contrl(
        _envelope("C", facts, name, now),
        InterchangeResult(
            sender=facts.sender or "",
            receiver=facts.receiver or "",
            reference=facts.reference or "",
            rejected=not facts.complete or bool(facts.envelope.get("errors")),
            findings=facts.findings,
            messages=list(_unread_messages(facts)),
        ),
    )


def _unread_messages(facts: AnsweredInterchange) -> Iterator[MessageResult]:
    """Messages in which the reader found errors, with those errors."""
    found = [finding for document in facts.documents for finding in document.findings]
    reports = [report for report in facts.envelope.get("reports", ()) if report[5]]
    firsts = [report[4] for report in reports] + [sys.maxsize]
    for number, (reference, kind, version, _association, first, _errors) in enumerate(reports):
        directory, _, release = version.partition(".")
        yield MessageResult(
            reference=reference,
            kind=[each for each in (kind, directory, release, "UN") if each],
            first=first,
            findings=[
                finding
                for finding in (*found, *facts.findings)
                if first <= (finding.place.record or 0) < firsts[number + 1]
            ],
        )


def _aperak(facts: AnsweredInterchange, name: str, now: datetime) -> bytes:
    """APERAK: what each document was decided to be."""
    envelope = _envelope("A", facts, name, now)
    results = [
        DocumentResult(
            number=f"{envelope.reference}{document.ordinal}",
            message_type=document.message_type,
            message_reference=document.message_reference or "",
            interchange_reference=facts.reference or "",
            document_number=document.document_number or "",
            accepted=document.outcome == "accept",
            findings=document.findings,
        )
        for document in facts.documents
    ]
    return write_aperak(envelope, results)


def _envelope(kind: str, facts: AnsweredInterchange, name: str, now: datetime) -> Envelope:
    """From us to the sender; the reference is made of the interchange's id and its revision.

    The last characters of an id are its random part, so that a reference is never met again.
    """
    reference = f"{kind}{facts.id[-11:]}{facts.revision:02d}"[:14].upper()
    return Envelope(
        sender=name,
        receiver=facts.sender or "",
        reference=reference,
        created=(now.strftime("%y%m%d"), now.strftime("%H%M")),
        test=facts.test,
    )


WRITERS: Mapping[str, Writer] = {
    "json": _json,
    "receipt": _flat,
    "contrl": _contrl,
    "aperak": _aperak,
}
