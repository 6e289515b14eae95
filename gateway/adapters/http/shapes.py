"""The JSON shapes of the answers, for FastAPI and its OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Answers carry instants as ISO 8601 in UTC."""

    model_config = ConfigDict(from_attributes=True)


class ProblemShape(Shape):
    """RFC 9457, with both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    request_id: str


class Accepted(Shape):
    """The answer to an upload: the interchange it became, or the one it repeats.

    repeat: null, "key", "source" or "bytes".
    """

    id: str
    state: str
    repeat: str | None


class InterchangeLine(Shape):
    """An interchange in a list."""

    id: str
    partner: str
    account: str
    channel: str
    name: str
    size: int
    sha256: str
    received_at: datetime
    state: str
    outcome: str | None
    format: str | None
    sender: str | None
    reference: str | None
    test: bool
    findings_total: int
    errors_total: int
    resend_of: str | None
    replay_of: str | None
    repeats: int


class InterchangePage(Shape):
    """Newest first; `cursor` continues, null at the end."""

    items: list[InterchangeLine]
    cursor: str | None


class Decision(Shape):
    """What was decided about a document, and why."""

    revision: int
    outcome: str
    codes: list[str]
    rules: list[dict[str, str]]
    explanation: dict[str, str]
    findings: list[dict[str, Any]]
    decided_at: datetime


class Document(Shape):
    """A document of an interchange."""

    id: str
    interchange: str
    ordinal: int
    type: str
    format: str
    function: str
    message_reference: str | None
    key: dict[str, str]
    parts: int
    errors: int
    state: str
    test: bool
    decisions: list[Decision] = Field(default_factory=list)


class DocumentList(Shape):
    """Documents that carry the search terms."""

    items: list[Document]


class Delivery(Shape):
    """What went out for an interchange; where to is told, how it is reached is not."""

    id: str
    partner: str
    kind: str
    event_type: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None


class Interchange(InterchangeLine):
    """An interchange whole.  `findings` are those of the file, its parts and its decisions."""

    content_type: str | None
    syntax: str | None
    receiver: str | None
    encoding: str | None
    complete: bool | None
    documents_total: int
    findings: list[dict[str, Any]]
    documents: list[Document]
    deliveries: list[Delivery]


class WaitingDelivery(Shape):
    """A delivery in the mailbox."""

    id: str
    event_type: str
    file_name: str
    content_type: str
    size: int | None
    created_at: datetime
    test: bool


class WaitingPage(Shape):
    """Oldest first; `cursor` continues, null at the end."""

    items: list[WaitingDelivery]
    cursor: str | None


class Collected(Shape):
    """The mailbox is rid of it."""

    id: str
    state: str


class Readiness(Shape):
    """causes: the parts that are not well; on the admin listener with what is wrong."""

    status: str
    causes: dict[str, str | None]
