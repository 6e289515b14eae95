"""What crosses the port to the store about customs applications; instants are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as stored.

    state: a Chinese name of S2-36.  revision: rises with everything that is told to others.  form:
    the fields of S2-06 (canonical/customs_application.py) as JSON.  reference: the firm's own;
    application_number: 申请编号, customs' own.  applied_at: submitted, before that created.
    answered_at: customs' time of the newest answer applied.  decision: about the last submission.
    """

    number: str
    seq: int
    partner: str
    account: str
    state: str
    revision: int
    form: dict[str, Any]
    reference: str | None
    application_number: str | None
    start_at: datetime | None
    created_at: datetime
    updated_at: datetime
    applied_at: datetime
    submitted_at: datetime | None
    fed_back_at: datetime | None
    explained_at: datetime | None
    answered_at: datetime | None
    decision: dict[str, Any]
    test: bool


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A PDF as stored; pages: bytes of each page written alone (H-43).

    Its bytes stand in `inline` (small ones) or in the archive.
    """

    seq: int
    application: str
    purpose: str
    name: str
    size: int
    sha256: str
    pages: tuple[int, ...]
    archive_ref: str | None
    created_at: datetime
    inline: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """A declaration number that was fed back, what was said of it, and what did not fit."""

    number: str
    ordinal: int
    declaration: dict[str, Any]
    findings: list[dict[str, Any]]
    fed_back_at: datetime


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    """情况说明: sent once."""

    application: str
    text: str
    explained_at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What customs answered; flag: why it was not applied (repeat, late, contradictory)."""

    document: str
    application: str
    partner: str
    state: str
    answered_at: datetime
    received_at: datetime
    application_number: str | None
    reason: str
    applied: bool
    flag: str | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened to an application; state: the one after it."""

    application: str
    at: datetime
    event: str
    state: str
    who: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FirmRow:
    """What customs' register says of a firm from a day on.

    credit: the Chinese name of its class.  partner: whose firm it is, None where nobody's here.
    """

    customs_code: str
    from_day: str
    credit_code: str
    name: str
    credit: str
    qualified: bool
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A POST that was answered, under its Idempotency-Key."""

    account: str
    key: str
    action: str
    sha256: str
    application: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GoodsCodeRow:
    """A line of the classification list: 10 digits and the name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """Which applications (S2-33, S2-34); what is None does not narrow.

    partner: the asker, None for operators.  consignee: the code of the 收发货人 that B names; then
    also applications of others count where `owns_consignee`.  Spans are [first, last) instants.
    """

    partner: str | None
    consignee: str | None = None
    owns_consignee: bool = False
    state: str | None = None
    number: str | None = None
    reference: str | None = None
    applied: tuple[datetime, datetime] | None = None
    booked: tuple[datetime, datetime] | None = None
