"""CASE: everything that a decision about one document looks at, as plain facts.

The pipeline fills it from the store; nothing here or behind it looks anything up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.canonical.partner import Agreement, Partner


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The document to be decided.

    function: BGM 1225 or field 4 of record 00.  reference: that of the envelope (UNB 0020,
    MessageID), None where the syntax has none (flat files).  created_wall: ISO 8601 wall time of
    its creation, as precise as written.  complete: the trailer was seen or excused.
    envelope_errors: error findings of the interchange that belong to no document;
    header_errors: those of this document that belong to no part.
    """

    id: str
    type: str
    format: str
    function: str
    message_type: str
    key: Mapping[str, str]
    created_wall: str | None = None
    reference: str | None = None
    complete: bool = True
    envelope_errors: int = 0
    header_errors: int = 0
    test: bool = False


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One part: its name for people (bill, box, booking), and whether it is in force already."""

    ordinal: int
    name: str
    errors: int = 0
    held: bool = False


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document in force for the same business key (an original, or an amendment of it)."""

    id: str
    function: str
    created_wall: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One document and what is known about its sender and its past.

    sender: the code that the envelope names, None where it names none.  held: the original in
    force for the key and its accepted amendments, oldest first.  reference_holder: the interchange
    that carried this envelope reference before, other bytes and not rejected.  parts: read once,
    so it may be a generator over pages of the store; `held` in it matters for functions 2, 3
    and 4 only.  repeats: where the same bytes came before, as only a file in an archive can.
    """

    document: DocumentFacts
    partner: Partner | None
    agreement: Agreement | None
    sender: str | None = None
    held: Sequence[HeldDocument] = ()
    reference_holder: str | None = None
    parts: Iterable[PartFacts] = ()
    repeats: str | None = None


# Parts that a text names before it says how many more there are.
_NAMED_PARTS_MAX = 5


@dataclass(slots=True)
class PartGroup:
    """Ordinals of the parts that share a fault, and the first few names for the texts."""

    ordinals: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, part: PartFacts) -> None:
        """Count one more."""
        self.ordinals.append(part.ordinal)
        if len(self.names) < _NAMED_PARTS_MAX:
            self.names.append(part.name)

    @property
    def listed(self) -> str:
        """The names, and an ellipsis where there are more."""
        beyond = len(self.ordinals) > len(self.names)
        return ", ".join(self.names) + (" …" if beyond else "")

    def __len__(self) -> int:
        return len(self.ordinals)


@dataclass(slots=True)
class Survey:
    """What one pass over the parts says; an ordinal per faulty part, never the parts themselves."""

    total: int = 0
    errors: int = 0
    with_errors: PartGroup = field(default_factory=PartGroup)
    held: PartGroup = field(default_factory=PartGroup)
    not_held: PartGroup = field(default_factory=PartGroup)
    all: PartGroup = field(default_factory=PartGroup)


def survey(parts: Iterable[PartFacts]) -> Survey:
    """Read the parts once."""
    seen = Survey()
    for part in parts:
        seen.total += 1
        seen.all.add(part)
        if part.errors:
            seen.errors += part.errors
            seen.with_errors.add(part)
        (seen.held if part.held else seen.not_held).add(part)
    return seen
