"""RELEASE NOTICE 放行信息: customs release a box or a bill, a terminal has a box in its yard.

A part is one fact.  Whoever may tell one has an agreement for this type; a pick-up asks for both
(S0-24, rules.md C.3).
"""

from __future__ import annotations

from enum import StrEnum

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Model


class ReleaseFact(StrEnum):
    """What is told; the words are those of the gate's facts."""

    CUSTOMS_RELEASED = "customs_released"
    IN_YARD = "in_yard"


class ReleaseHeader(Header):
    """Nothing beyond every header's."""


class ReleaseNotice(Model):
    """One fact about one number.

    number: container or bill of lading.  holds: false takes it back (re-examined, left the yard).
    """

    fact: ReleaseFact
    number: Code
    holds: bool = True


def _part_key(_header: ReleaseHeader, part: ReleaseNotice) -> dict[str, str]:
    return key_of(fact=part.fact.value, number=part.number.upper())


def _document_key(header: ReleaseHeader, part: ReleaseNotice) -> dict[str, str]:
    return key_of(reference=header.reference or part.number.upper())


def _search_keys(_header: ReleaseHeader, part: ReleaseNotice) -> list[tuple[str, str]]:
    return [("container", part.number.upper()), ("bill_of_lading", part.number.upper())]


RELEASE_NOTICE = DocumentType(
    "release_notice", ReleaseHeader, ReleaseNotice, _document_key, _part_key, _search_keys
)
