"""DECISION: what one rule says (a ruling), and what all of them together decide."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gateway.findings import Finding
from gateway.rules.case import Case, Survey

Outcome = Literal["accept", "reject", "hold", "review"]
Current = Literal["replace", "amend", "remove", "keep"]


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """The document waits for a fact, at most until then (an instant, UTC)."""

    fact_kind: str
    fact_key: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimerRequest:
    """A deadline to watch (an instant, UTC)."""

    kind: str
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says about a case; the empty ruling has no objection.

    findings: an error among them rejects the document.  rejected_parts: ordinals of parts that
    cannot be accepted; whether they take the whole document with them is the agreement's say.
    current: how the document changes what is in force, said by exactly one rule.  because: why it
    has no objection, one sentence in zh and en, where the decision's explanation should say so.
    """

    findings: tuple[Finding, ...] = ()
    rejected_parts: tuple[int, ...] = ()
    current: Current | None = None
    review: bool = False
    holds: tuple[HoldRequest, ...] = ()
    timers: tuple[TimerRequest, ...] = ()
    because: tuple[str, str] | None = None


NO_OBJECTION = Ruling()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the list.

    clause: what it implements.  negotiable: an agreement may change the severity of its findings
    (`severities` in the partner file); whether somebody may send at all is never negotiable.
    """

    id: str
    version: str
    clause: str
    check: Callable[[Case, Survey], Ruling]
    negotiable: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What a service says about a document, beside the rules: it weighs as much as a rule's ruling.

    id and version go on record as those of a rule do.
    """

    id: str
    version: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and everything that explains it.

    rejected_parts: ordinals left out of an accepted document.  current: how the store changes what
    is in force for the key: "replace", "amend", "remove", "keep".
    """

    outcome: Outcome
    codes: tuple[str, ...]
    rules: tuple[dict[str, str], ...]
    explanation: dict[str, str]
    findings: tuple[Finding, ...]
    current: Current
    parts: int
    rejected_parts: tuple[int, ...] = ()
    holds: tuple[HoldRequest, ...] = field(default=())
    timers: tuple[TimerRequest, ...] = field(default=())

    @property
    def state(self) -> str:
        """The state of the document: accepted, partly, rejected, held or review."""
        if self.outcome == "accept":
            return "partly" if self.rejected_parts else "accepted"
        return {"reject": "rejected", "hold": "held", "review": "review"}[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """The answer of interfaces.md, with what a document's decision adds."""
        return {
            "outcome": self.outcome,
            "codes": list(self.codes),
            "rules": [dict(rule) for rule in self.rules],
            "explanation": dict(self.explanation),
            "findings": [finding.as_json() for finding in self.findings],
            "current": self.current,
            "parts": self.parts,
            "rejected_parts": list(self.rejected_parts),
        }


def outcome_of(states: Collection[str]) -> str:
    """The outcome of an interchange over the states of its documents.

    One held or under review keeps the whole open; without documents it is rejected.
    """
    for waiting in ("held", "review"):
        if waiting in states:
            return waiting
    if not states:
        return "rejected"
    return next(iter(states)) if len(states) == 1 else "partly"
