"""AUTHORITY ANSWER: what the maritime authority decided about fees (S3-09, S3-18, S3-28).

One message carries any number of decisions; each names our id of the thing decided, as our notice
`fee_declaration` told it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Model, Text

Subject = Literal["filing", "goods", "cancellation", "settlement"]


class AuthorityAnswerHeader(Header):
    """Nothing beyond every header's."""


class AuthorityDecision(Model):
    """One decision.

    revision: of ours, as the notice told it.  amount_fen: what the authority's own platform rated
    (S3-33).  number: its own number of the thing.
    """

    subject: Subject
    id: Code
    revision: Annotated[int, Field(ge=1)] | None = None
    decision: Literal["approved", "rejected"]
    number: Code | None = None
    amount_fen: Annotated[int, Field(ge=0, le=10**15)] | None = None
    reason: Text | None = None


def _document_key(header: AuthorityAnswerHeader, part: AuthorityDecision) -> dict[str, str]:
    return key_of(reference=header.reference or part.id)


def _part_key(_header: AuthorityAnswerHeader, part: AuthorityDecision) -> dict[str, str]:
    return key_of(subject=part.subject, id=part.id)


def _search_keys(_header: AuthorityAnswerHeader, part: AuthorityDecision) -> list[tuple[str, str]]:
    return [("declaration", part.id.upper())]


AUTHORITY_ANSWER = DocumentType(
    "authority_answer",
    AuthorityAnswerHeader,
    AuthorityDecision,
    _document_key,
    _part_key,
    _search_keys,
)
