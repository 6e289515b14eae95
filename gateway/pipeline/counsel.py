"""COUNSEL: what the services add to a decision about a document, and what follows from it.

The steps of a file's journey know nothing of firms, appointments or money.  Each service hands in
*advisers* (asked in the transaction of the decision, before it: permission, appointment found or
lacking, a fee that is not paid) and *effects* (run in the same transaction, after an acceptance:
windows and cut-offs of a schedule, charges of a manifest, a gate move that closes an appointment).
Both are short and do no I/O but `tx`; an effect whose work is long puts an outbox event instead.
A decision may be made again (a hold that was released), so both may run twice for one document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.canonical.partner import Partner
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import DocumentRow, InterchangeRow
from gateway.rules.decision import Advice, Ruling


@dataclass(frozen=True, slots=True)
class Matter:
    """One document as services see it; partner: its sender, None for one that is unknown."""

    tx: Tx
    interchange: InterchangeRow
    document: DocumentRow
    partner: Partner | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Adviser:
    """Asked about documents of these types (none named: of all); id and version go on record."""

    id: str
    version: str
    ask: Callable[[Matter], Ruling]
    documents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """Done once a document of these types is accepted (or accepted in part)."""

    documents: frozenset[str]
    apply: Callable[[Matter], None]


@dataclass(frozen=True, slots=True)
class Counsel:
    """All advisers and effects, in the order in which they are asked and applied."""

    advisers: Sequence[Adviser] = ()
    effects: Sequence[Effect] = ()

    def advice(self, matter: Matter) -> Iterator[Advice]:
        """What the advisers concerned say."""
        for adviser in self.advisers:
            if not adviser.documents or matter.document.type in adviser.documents:
                yield Advice(adviser.id, adviser.version, adviser.ask(matter))

    def apply(self, matter: Matter) -> None:
        """Everything that follows from an acceptance."""
        for effect in self.effects:
            if matter.document.type in effect.documents:
                effect.apply(matter)


NO_COUNSEL = Counsel()
