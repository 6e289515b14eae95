"""AUDIT: who changed what, when, before and after, in a chain that shows tampering (F-17).

Events are recorded in the transaction of what they tell about and sealed a moment later, in the
background, one after the other: each seal is SHA-256 over the seal before it and its event as
canonical JSON.  A changed event no longer fits its seal; a removed one leaves its seal behind, an
inserted one has none; a removed seal leaves a gap.  Whoever rewrites the whole chain is found out
by a head that was noted elsewhere (`gateway audit verify --head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.limits import AUDIT_FAULTS_MAX, AUDIT_LINKS_PER_READ

if TYPE_CHECKING:
    from gateway.pipeline.ports import Tx

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event; `at` is microseconds since 1970 UTC, `detail` the JSON text as it is stored."""

    seq: int
    at: int
    who: str
    what: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain and its event, None where that is gone."""

    number: int
    hash: str
    seq: int
    event: AuditEvent | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """What does not fit.

    kind: "changed", "removed" or "inserted" (an event), "gap" (seals are missing), "head" (the
    chain is not the one whose head was noted).  number: of the seal, 0 for an event without one.
    """

    kind: str
    number: int
    event: int


@dataclass(slots=True)
class Report:
    """What a look at the whole chain found; waiting: events recorded and not sealed yet."""

    sealed: int = 0
    waiting: int = 0
    head: str = GENESIS
    flaws: list[Flaw] = field(default_factory=list)
    flaws_total: int = 0

    def add(self, kind: str, number: int, event: int) -> None:
        """Count a flaw; the first hundred are kept."""
        self.flaws_total += 1
        if len(self.flaws) < AUDIT_FAULTS_MAX:
            self.flaws.append(Flaw(kind, number, event))


class Audit(Protocol):
    """The record, inside one transaction."""

    def record(self, who: str, what: str, subject: str, detail: Mapping[str, object]) -> None:
        """Add an event at the clock's time."""

    def seal(self, most: int) -> int:
        """Put waiting events into the chain, in order of recording; how many."""

    def waiting(self) -> int:
        """Events that are not sealed yet."""

    def links(self, after: int, most: int) -> list[Link]:
        """The chain in order, behind a number."""

    def strays(self, most: int) -> list[int]:
        """Events that have no seal and do not wait for one."""

    def events(self, subject: str | None, before: int, most: int) -> list[AuditEvent]:
        """Newest first, below a sequence number; of one subject, or all."""


def seal_of(previous: str, number: int, event: AuditEvent) -> str:
    """The hash of a link: 64 hexadecimal digits."""
    members = [number, event.seq, event.at, event.who, event.what, event.subject, event.detail]
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def verify(tx: Tx, noted: Sequence[tuple[int, str]] = ()) -> Report:
    """Look at every link; noted: (number, hash) of heads that were written down earlier."""
    report = Report(waiting=tx.audit.waiting())
    heads = dict(noted)
    expected = 1
    for link in _chain(tx):
        if link.number != expected:
            report.add("gap", expected, 0)
        elif link.event is None:
            report.add("removed", link.number, link.seq)
        elif seal_of(report.head, link.number, link.event) != link.hash:
            report.add("changed", link.number, link.seq)
        if heads.pop(link.number, link.hash) != link.hash:
            report.add("head", link.number, link.seq)
        report.sealed += 1
        report.head = link.hash
        expected = link.number + 1
    for number in heads:
        report.add("head", number, 0)
    for stray in tx.audit.strays(AUDIT_FAULTS_MAX):
        report.add("inserted", 0, stray)
    return report


def _chain(tx: Tx) -> Iterator[Link]:
    after = 0
    while links := tx.audit.links(after, AUDIT_LINKS_PER_READ):
        yield from links
        after = links[-1].number


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """`{"before": …, "after": …}` of the keys that differ; a side that is not there is null."""
    if before is None or after is None:
        return {
            "before": None if before is None else dict(before),
            "after": None if after is None else dict(after),
        }
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {
        "before": {key: before.get(key) for key in keys},
        "after": {key: after.get(key) for key in keys},
    }
