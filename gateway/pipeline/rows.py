"""What crosses the port to the store: plain frozen values, one per noun.  Instants are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from gateway.findings import Finding


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Who is signed in: a partner's account.  Every query is filtered by `partner`."""

    partner: str
    account: str
    operator: bool = False


@dataclass(frozen=True, slots=True)
class StoredBody:
    """Bytes that are durable or will be with the row: inline (≤ 64 KiB) or in the archive."""

    size: int
    sha256: str
    inline: bytes | None
    archive_ref: str | None
    head: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """One received unit, about to be recorded (house.md 3, step 1).

    order_key: `account/document type` as sniffed; decide keeps arrival order within it.
    """

    id: str
    partner: str
    account: str
    channel: str
    name: str
    name_raw: bytes
    content_type: str | None
    body: StoredBody
    order_key: str
    received_at: datetime
    idempotency_key: str | None = None
    source_key: str | None = None
    replay_of: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an arrival: the interchange it became, or the one it repeats (house.md 6).

    `repeat` is None for a new interchange, else "key", "source" or "bytes"; `mismatch` is true when
    the same Idempotency-Key came with other bytes (422).
    """

    interchange: str
    state: str
    repeat: str | None = None
    mismatch: bool = False


@dataclass(frozen=True, slots=True)
class InterchangeRow:
    """An interchange as stored.

    state: received → translated → decided (accepted, partly, rejected, held: see `outcome`),
    or quarantined, or dead.  `attempt` is the visible translation attempt, 0 before.
    """

    id: str
    seq: int
    partner: str
    account: str
    channel: str
    name: str
    content_type: str | None
    size: int
    sha256: str
    inline: bytes | None
    archive_ref: str | None
    order_key: str
    received_at: datetime
    state: str
    outcome: str | None
    revision: int
    attempt: int
    syntax: str | None
    format: str | None
    sender: str | None
    receiver: str | None
    reference: str | None
    encoding: str | None
    complete: bool | None
    test: bool
    documents: int
    findings: list[dict[str, Any]]
    findings_total: int
    errors_total: int
    envelope: dict[str, Any]
    resend_of: str | None
    replay_of: str | None
    repeats: int


class StagedPart(NamedTuple):
    """One part of a document, ready to be stored: JSON texts as they leave the parser."""

    ordinal: int
    key: str
    canonical: str
    findings: str
    errors: int
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A document (header) of an interchange; its id is `<interchange>-<ordinal>`."""

    ordinal: int
    type: str
    format: str
    versions: str
    function: str
    message_type: str
    message_reference: str | None
    created_wall: str | None
    header: str
    key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Staged rows of one attempt: documents begun and parts, by document ordinal."""

    documents: tuple[StagedDocument, ...] = ()
    parts: tuple[tuple[int, StagedPart], ...] = ()

    @property
    def characters(self) -> int:
        """Of the JSON of its parts, which is most of what it takes in memory."""
        return sum(len(part.canonical) for _ordinal, part in self.parts)


@dataclass(frozen=True, slots=True)
class Translated:
    """How a translation ended: the envelope and the findings that belong to no part."""

    syntax: str
    format: str | None
    sender: str | None
    receiver: str | None
    reference: str | None
    encoding: str | None
    complete: bool
    test: bool
    documents: int
    findings: list[dict[str, Any]]
    findings_total: int
    errors_total: int
    envelope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of an interchange, itself or packed: its own envelope, its bytes.

    last: ordinal of its last document; those of the next file follow.  name: in the archive.
    """

    name: str
    sender: str | None
    reference: str | None
    sha256: str
    last: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as stored.

    state: translated → accepted, partly, rejected, held, review.  findings and errors count those
    of its parts and header.
    """

    id: str
    seq: int
    interchange: str
    ordinal: int
    partner: str
    account: str
    type: str
    format: str
    versions: dict[str, str]
    function: str
    message_type: str
    message_reference: str | None
    created_wall: str | None
    key: dict[str, str]
    header: dict[str, Any]
    parts: int
    findings: int
    errors: int
    state: str
    revision: int
    test: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as stored; `canonical` and `findings` are JSON texts."""

    ordinal: int
    key: dict[str, str]
    canonical: str
    findings: str
    errors: int


@dataclass(frozen=True, slots=True)
class PartMark:
    """A part without its contents."""

    ordinal: int
    key: dict[str, str]
    errors: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided about a document, with everything that explains it."""

    document: str
    revision: int
    outcome: str
    codes: list[str]
    rules: list[dict[str, str]]
    explanation: dict[str, str]
    findings: list[dict[str, Any]]
    facts: dict[str, Any]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A document with its last decision (None before one), its findings and resulting state."""

    document: DocumentRow
    state: str
    decision: DecisionRow | None
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event that a runner must bring to its stage: a claim check, never a payload."""

    id: int
    stage: str
    subject: str
    revision: int
    lane: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be made: id `{message}-{leg}-{revision}` (interfaces.md, Delivery).

    subject_kind: "document" (payload made from the parts or the original) or "answer" and
    "notice" (the bytes stand in `body`).  partner is the receiver.
    """

    id: str
    partner: str
    route: str
    kind: str
    lane: str
    subject_kind: str
    subject: str
    interchange: str
    event_type: str
    file_name: str
    content_type: str
    body: bytes | None
    due_at: datetime
    test: bool = False
    acknowledge_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as stored.

    state: due → leased → sent → confirmed | refused; or waiting → collected (mailbox); blocked
    (an earlier one of the lane is dead); dead, skipped, superseded.
    """

    id: str
    seq: int
    partner: str
    route: str
    kind: str
    lane: str
    subject_kind: str
    subject: str
    interchange: str
    event_type: str
    file_name: str
    content_type: str
    body: bytes | None
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    fence: int
    last_error: str | None
    sent_at: datetime | None
    test: bool


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try of a delivery: outcome sent, retry or refused."""

    delivery: str
    number: int
    at: datetime
    outcome: str
    detail: str
    status: int | None
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event or delivery that needs a person: the original is kept, nothing is dropped.

    stage: translate, decide, confirm, settle, deliver.  state: open, replayed, skipped.
    """

    id: int
    stage: str
    subject: str
    revision: int
    partner: str
    lane: str
    code: str
    error: str
    trace: str
    first_at: datetime
    last_at: datetime
    attempts: int
    state: str
    owner: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A deadline: unique by (kind, key)."""

    kind: str
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A document that waits for a fact; committing the fact queues it for re-decision."""

    document: str
    fact_kind: str
    fact_key: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act alone for a while; a record with an older fence is refused."""

    name: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, newest first; `cursor` continues it."""

    rows: list[Any] = field(default_factory=list)
    cursor: str | None = None
