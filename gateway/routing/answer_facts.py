"""What an answer says: an interchange and its documents as they were received and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.findings import Finding


@dataclass(frozen=True, slots=True)
class AnsweredDocument:
    """One document of the interchange.

    state: accepted, partly, rejected, held, review; translated while it is undecided.
    outcome and explanation: those of the decision, None before it.  findings: of its parts and
    header, bounded; `findings_beyond` counts the rest.  rejected_parts: keys of the parts that were
    left out, bounded; `rejected_total` counts all of them.
    """

    ordinal: int
    type: str
    format: str
    message_type: str
    message_reference: str | None
    document_number: str | None
    function: str
    key: Mapping[str, str]
    state: str
    outcome: str | None
    codes: Sequence[str] = ()
    explanation: Mapping[str, str] | None = None
    findings: Sequence[Finding] = ()
    findings_beyond: int = 0
    parts: int = 0
    rejected_parts: Sequence[Mapping[str, str]] = ()
    rejected_total: int = 0


@dataclass(frozen=True, slots=True)
class AnsweredInterchange:
    """One interchange, as far as it came.

    state: received, translated, decided, quarantined, dead; outcome: accepted, partly, rejected,
    held, None before a decision.  sender, receiver, reference, created and separators are those of
    its envelope.  message_type: the type of its first message where it could be read.  received_at:
    RFC 3339 text, UTC.  findings: those that belong to no document.
    """

    id: str
    name: str
    size: int
    sha256: str
    received_at: str
    state: str
    outcome: str | None
    syntax: str | None
    sender: str | None = None
    receiver: str | None = None
    reference: str | None = None
    message_type: str | None = None
    encoding: str | None = None
    complete: bool | None = None
    test: bool = False
    revision: int = 1
    resend_of: str | None = None
    findings: Sequence[Finding] = ()
    findings_beyond: int = 0
    documents: Sequence[AnsweredDocument] = ()
    documents_beyond: int = 0
    envelope: Mapping[str, Any] = field(default_factory=dict)
