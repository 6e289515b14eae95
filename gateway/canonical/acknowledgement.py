"""ACKNOWLEDGEMENT 回执: what a receiver says about something we sent it."""

from __future__ import annotations

from enum import StrEnum

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Many, Model, Text


class AcknowledgementLevel(StrEnum):
    """Technical: "I could read it"; application: "I accept what it says" (house.md 8)."""

    TECHNICAL = "technical"
    APPLICATION = "application"


class Verdict(StrEnum):
    """What the receiver decided."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class AcknowledgementHeader(Header):
    """UNB/UNH of a CONTRL or APERAK, record 00 of a flat receipt, the head of MT0102."""


class Acknowledgement(Model):
    """One answer: to which interchange, message or delivery, and how it went."""

    level: AcknowledgementLevel
    verdict: Verdict
    delivery: Code | None = None
    interchange_reference: Code | None = None
    message_reference: Code | None = None
    document_number: Code | None = None
    codes: Many[Code] = ()
    texts: Many[Text] = ()


def _key(_header: AcknowledgementHeader, part: Acknowledgement) -> dict[str, str]:
    return key_of(
        delivery=part.delivery,
        interchange=part.interchange_reference,
        message=part.message_reference,
        document=part.document_number,
    )


def _search_keys(_header: AcknowledgementHeader, part: Acknowledgement) -> list[tuple[str, str]]:
    return [(kind, value.upper()) for kind, value in _key(_header, part).items()]


ACKNOWLEDGEMENT = DocumentType(
    "acknowledgement", AcknowledgementHeader, Acknowledgement, _key, _key, _search_keys
)
