"""VERDICT: what a list of checks says about a request (a permission, an appointment).

A document's decision (`decision.py`) also says what it does to documents in force; a request only
passes or fails, and every failed check is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.findings import Finding, FindingKind, Severity
from gateway.rules.decision import Outcome

Facts = TypeVar("Facts")
NOTHING: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule as an answer names it: its id, its version, and the words that it implements."""

    id: str
    version: str
    source: str

    def as_json(self) -> dict[str, str]:
        """`{"id": …, "version": …}`."""
        return {"id": self.id, "version": self.version}


@dataclass(frozen=True, slots=True)
class Check(Generic[Facts]):
    """One rule of a list: facts in, findings out; no finding is no objection."""

    clause: Clause
    find: Callable[[Facts], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a request, and why.

    codes: of errors and warnings, in the order of the checks; an info stands in `findings` alone.
    """

    outcome: Outcome
    codes: tuple[str, ...]
    rules: tuple[Clause, ...]
    explanation: dict[str, str]
    findings: tuple[Finding, ...]


def kind(
    code: str, zh: str, en: str, hint: tuple[str, str] = ("", ""), severity: str = "error"
) -> FindingKind:
    """A failed check; `hint` is what to do, zh and en."""
    return FindingKind(code, Severity(severity), zh, en, *hint)


def ask(checks: Iterable[Check[Facts]], facts: Facts) -> list[Finding]:
    """The findings of every check, in order: none relies on an earlier one having passed."""
    return [finding for check in checks for finding in check.find(facts)]


def conclude(
    findings: Sequence[Finding],
    rules: Iterable[Clause],
    passed: tuple[str, str],
    otherwise: Outcome = "accept",
) -> Verdict:
    """An error rejects; else `otherwise`.

    passed: the sentence (zh, en) where nothing failed; warnings follow it.  The same text of two
    findings is said once (S2-39 has one text for two causes).
    """
    told = [finding for finding in findings if finding.severity is not Severity.INFO]
    rejected = any(finding.severity is Severity.ERROR for finding in told)
    zh = [] if rejected else [passed[0]]
    en = [] if rejected else [passed[1]]
    zh += [finding.zh for finding in told]
    en += [finding.en for finding in told]
    return Verdict(
        outcome="reject" if rejected else otherwise,
        codes=tuple(dict.fromkeys(finding.code for finding in told)),
        rules=tuple(rules),
        explanation={"zh": "；".join(dict.fromkeys(zh)), "en": "; ".join(dict.fromkeys(en))},
        findings=tuple(findings),
    )
