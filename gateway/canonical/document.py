"""What every document has: a function, and a header and parts of a declared type.

A document is a header and one or more parts: a manifest has a part per bill, a container list one
per box, a booking exactly one.  `DOCUMENT_TYPES` is the explicit list of what we speak.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.canonical.model import Code, Model, PortTime


class Function(StrEnum):
    """Record 00 field 4 and BGM 1225 (formats.md 1.3): what the sender wants done."""

    CANCEL = "1"
    ADD = "2"
    DELETE = "3"
    CHANGE = "4"
    REPLACE = "5"
    DUPLICATE = "7"
    ORIGINAL = "9"
    OTHER = "other"


class Header(Model):
    """Common part of every header: who says what, when, with which intent."""

    function: Function = Function.ORIGINAL
    message_type: Code
    message_version: Code | None = None
    reference: Code | None = None
    document_number: Code | None = None
    file_description: str | None = None
    created_at: PortTime | None = None
    sender: str | None = None
    receiver: str | None = None


@dataclass(frozen=True)
class DocumentType:
    """One row of our language: names, models, and how to tell two documents apart.

    `document_key(header, part)` gives the business key of the whole document (for duplicates and
    lanes), `part_key(header, part)` that of the part: flat dicts of text, empty values left out.
    `search_keys(header, part)` yields (kind, value) pairs to find the document by.  header_is_key:
    the document's key is told by its header alone, whatever became of its first part.
    """

    name: str
    header: type[Header]
    part: type[Model]
    document_key: Callable[[Any, Any], dict[str, str]]
    part_key: Callable[[Any, Any], dict[str, str]]
    search_keys: Callable[[Any, Any], list[tuple[str, str]]]
    header_is_key: bool = False


def key_of(**values: str | None) -> dict[str, str]:
    """A business key without its empty values."""
    return {name: value for name, value in values.items() if value}


def found_by(*pairs: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Search keys: (kind, value) once each, in capitals, without empty values."""
    return [(kind, value.upper()) for kind, value in dict.fromkeys(pairs) if value]
