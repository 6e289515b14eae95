"""The shapes that the kinds share: instants, names of a closed list, the answer of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, WithJsonSchema

from gateway.canonical.model import Code, Many, Model
from gateway.findings import Finding
from gateway.rules.verdict import Verdict

YEARS = (1990, 2200)
Port = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Bytes = Annotated[int, Field(ge=0)]


def _in_our_time(value: datetime) -> datetime:
    if not YEARS[0] <= value.year < YEARS[1]:
        raise ValueError(f"the year lies outside {YEARS[0]} to {YEARS[1]}")
    return value


# An instant is written with its offset: `2026-11-28T10:00:00+08:00`.
Instant = Annotated[AwareDatetime, AfterValidator(_in_our_time)]


def member_of(names: Iterable[str]) -> AfterValidator:
    """Text out of a closed list that stands in a data file."""
    known = tuple(names)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"not one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def listed(names: Iterable[str]) -> WithJsonSchema:
    """The same list for the schema."""
    return WithJsonSchema({"type": "string", "enum": list(names)})


class RuleShape(Model):
    """A rule that was asked."""

    id: Code
    version: Code


class TextShape(Model):
    """The same words twice."""

    zh: str
    en: str


class FindingShape(Model):
    """A finding F of interfaces.md; a request has no places, so they are null."""

    code: str
    severity: Literal["error", "warning", "info"]
    record: None = None
    tag: None = None
    field: None = None
    component: None = None
    line: None = None
    offset: None = None
    key: str | None = None
    value: str | None = None
    zh: str
    en: str
    hint: TextShape


class Answer(Model):
    """What every kind answers; findings say each failed check with its value and what to do."""

    outcome: Literal["accept", "reject", "hold", "review"]
    codes: Many[str]
    rules: Many[RuleShape]
    explanation: TextShape
    findings: Many[FindingShape] = ()


AnswerOf = TypeVar("AnswerOf", bound=Answer)


def answer(shape: type[AnswerOf], verdict: Verdict, **adds: object) -> AnswerOf:
    """The answer of a kind: the verdict and what the kind adds."""
    return shape(
        outcome=verdict.outcome,
        codes=verdict.codes,
        rules=tuple(RuleShape(**rule.as_json()) for rule in verdict.rules),
        explanation=TextShape(**verdict.explanation),
        findings=_findings(verdict.findings),
        **adds,
    )


def _findings(findings: Sequence[Finding]) -> tuple[FindingShape, ...]:
    return tuple(FindingShape.model_validate(finding.as_json()) for finding in findings)
