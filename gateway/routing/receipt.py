"""RECEIPT: the JSON answer to an interchange.

    {"receipt": "1", "interchange": "…", "name": "…", "size": …, "sha256": "…", "received_at": "…",
     "state": "decided", "outcome": "accepted|partly|rejected|held", "test": false,
     "envelope": {"syntax": …, "sender": …, "receiver": …, "reference": …, "encoding": …},
     "complete": true, "resend_of": null,
     "documents": [{"document": …, "format": …, "key": {…}, "message_reference": …, "number": …,
                    "function": …, "state": …, "outcome": …, "codes": […], "explanation": {…},
                    "parts": …, "rejected_parts": [{…}], "rejected_total": …,
                    "findings": [F…], "findings_beyond": …}],
     "documents_beyond": 0, "findings": [F…], "findings_beyond": 0}

Findings are those of interfaces.md, at most 100 in the whole receipt; what is beyond is counted
where it belongs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from gateway.findings import Finding
from gateway.limits import FINDINGS_PER_FILE_MAX
from gateway.routing.answer_facts import AnsweredDocument, AnsweredInterchange

RECEIPT_VERSION = "1"


class _Room:
    """How many findings the receipt still takes."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, findings: Sequence[Finding], beyond: int) -> dict[str, Any]:
        """The two members that tell findings, within the room."""
        told = findings[: self._left]
        self._left -= len(told)
        return {
            "findings": [finding.as_json() for finding in told],
            "findings_beyond": beyond + len(findings) - len(told),
        }


def json_receipt(facts: AnsweredInterchange) -> bytes:
    """The receipt as UTF-8 JSON with a line feed at its end; the same facts give the same bytes."""
    room = _Room(FINDINGS_PER_FILE_MAX)
    # What belongs to no document explains all of them, so it goes first into the room.
    own = room.take(facts.findings, facts.findings_beyond)
    receipt = {
        "receipt": RECEIPT_VERSION,
        "interchange": facts.id,
        "name": facts.name,
        "size": facts.size,
        "sha256": facts.sha256,
        "received_at": facts.received_at,
        "state": facts.state,
        "outcome": facts.outcome,
        "test": facts.test,
        "envelope": {
            "syntax": facts.syntax,
            "sender": facts.sender,
            "receiver": facts.receiver,
            "reference": facts.reference,
            "encoding": facts.encoding,
        },
        "complete": facts.complete,
        "resend_of": facts.resend_of,
        "documents": [_document(document, room) for document in facts.documents],
        "documents_beyond": facts.documents_beyond,
        **own,
    }
    try:
        return to_json(receipt) + b"\n"
    except PydanticSerializationError:
        # A name may hold what no text can (a lone surrogate of raw bytes); it is shown escaped.
        text = json.dumps(receipt, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace") + b"\n"


def _document(document: AnsweredDocument, room: _Room) -> dict[str, Any]:
    return {
        "document": document.type,
        "format": document.format,
        "key": dict(document.key),
        "message_reference": document.message_reference,
        "number": document.document_number,
        "function": document.function,
        "state": document.state,
        "outcome": document.outcome,
        "codes": list(document.codes),
        "explanation": dict(document.explanation) if document.explanation else None,
        "parts": document.parts,
        "rejected_parts": [dict(key) for key in document.rejected_parts],
        "rejected_total": document.rejected_total,
        **room.take(document.findings, document.findings_beyond),
    }
