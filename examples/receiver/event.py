"""Reads the CloudEvents envelope of a delivery.  Standard library only."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any


class EnvelopeError(Exception):
    """The body is no CloudEvents 1.0 envelope; the text says why."""


@dataclass(frozen=True)
class Event:
    """One delivery.

    `data` are the document's bytes: exactly as sent where they came as `data_base64`, compact
    JSON where they came embedded.  `business_key` is the document's own `key` object as compact
    JSON where it has one, else the subject.
    """

    delivery_id: str
    event_type: str
    source: str
    subject: str
    content_type: str
    data: bytes
    business_key: str

    @property
    def sha256(self) -> str:
        """Of the data, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Tells whether the same key came with other contents.  Signing time plays no part."""
        parts = (self.event_type, self.source, self.subject, self.content_type, self.sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_event(body: bytes) -> Event:
    """The event of a structured-mode envelope; raises EnvelopeError."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        raise EnvelopeError("the body is not JSON") from None
    if not isinstance(envelope, dict) or envelope.get("specversion") != "1.0":
        raise EnvelopeError("the body is not a CloudEvents 1.0 envelope")
    if not (_text(envelope, "id") and _text(envelope, "source") and _text(envelope, "type")):
        raise EnvelopeError("id, source and type are required")
    return Event(
        delivery_id=_text(envelope, "id"),
        event_type=_text(envelope, "type"),
        source=_text(envelope, "source"),
        subject=_text(envelope, "subject"),
        content_type=_text(envelope, "datacontenttype"),
        data=_data(envelope),
        business_key=_business_key(envelope),
    )


def _text(envelope: dict[str, Any], name: str) -> str:
    value = envelope.get(name, "")
    if not isinstance(value, str):
        raise EnvelopeError(f"{name} must be text")
    # JSON can spell a lone surrogate, which no database takes.
    return value.encode("utf-8", "backslashreplace").decode()


def _data(envelope: dict[str, Any]) -> bytes:
    if ("data" in envelope) == ("data_base64" in envelope):
        raise EnvelopeError("exactly one of data and data_base64 is wanted")
    if "data" in envelope:
        return _compact(envelope["data"])
    try:
        return base64.b64decode(_text(envelope, "data_base64"), validate=True)
    except ValueError:
        raise EnvelopeError("data_base64 is not base64") from None


def _business_key(envelope: dict[str, Any]) -> str:
    data = envelope.get("data")
    if isinstance(data, dict) and isinstance(data.get("key"), dict):
        return _compact(data["key"]).decode()
    return _text(envelope, "subject")


def _compact(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")
