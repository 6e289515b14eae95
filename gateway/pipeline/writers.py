"""The writer of each kind of answer: facts of the gateway → the arguments of a mapping's writer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.mappings.acknowledgement.receipt_flat import (
    Receipt,
    ReceiptDocument,
    write_receipt,
)
from gateway.pipeline.answering import Writer
from gateway.routing.answer_facts import AnsweredDocument, AnsweredInterchange
from gateway.routing.receipt import json_receipt


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


WRITERS: Mapping[str, Writer] = {"json": _json, "receipt": _flat}
