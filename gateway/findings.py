"""A partner's fault as a value: a stable code, a severity, a place, texts in Chinese and English.

A finding is never an exception.  Each kind of fault is declared once, as a `FindingKind`, beside
the code that detects it; `kind.at(place, value=…)` makes the finding.  The JSON form is that of
interfaces.md ("A finding F").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from gateway.limits import FINDING_VALUE_CHARACTERS_MAX, FINDINGS_PER_FILE_MAX


class Severity(StrEnum):
    """How bad a finding is; only errors change an outcome."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Place(NamedTuple):
    """Where in the file: all numbers count from 1, except `offset` (bytes from 0).

    record: ordinal of the record or segment in the file; field: position in the record (flat: 1 is
    the record id; EDIFACT: 0 is the tag, 1 the first element); component: position in a composite;
    key: the business key (bill, box, booking) that the place belongs to; file: the file within a
    packed one.
    """

    record: int | None = None
    tag: str | None = None
    field: int | None = None
    component: int | None = None
    line: int | None = None
    offset: int | None = None
    key: str | None = None
    file: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place, ready to be shown."""

    code: str
    severity: Severity
    place: Place
    zh: str
    en: str
    value: str | None = None
    hint_zh: str = ""
    hint_en: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces.md, every key present; `member` only within a packed file."""
        place = self.place
        member = {"member": place.file} if place.file else {}
        return {
            "code": self.code,
            "severity": self.severity.value,
            "record": place.record,
            "tag": place.tag,
            "field": place.field,
            "component": place.component,
            "line": place.line,
            "offset": place.offset,
            "key": place.key,
            "value": self.value,
            "zh": self.zh,
            "en": self.en,
            "hint": {"zh": self.hint_zh, "en": self.hint_en},
            **member,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        """The inverse of `as_json`; raises KeyError on a foreign shape."""
        place = Place(
            **{
                n: data[n] for n in ("record", "tag", "field", "component", "line", "offset", "key")
            },
            file=data.get("member"),
        )
        hint = data["hint"]
        return cls(
            data["code"], Severity(data["severity"]), place, data["zh"], data["en"],
            data["value"], hint["zh"], hint["en"],
        )  # fmt: skip

    def keyed(self, key: str) -> Finding:
        """The same finding, told to belong to a business key."""
        return replace(self, place=self.place._replace(key=key))


@dataclass(frozen=True, slots=True)
class FindingKind:
    """What can be wrong, once: the texts are `str.format` templates over the parameters of `at`."""

    code: str
    severity: Severity
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""

    def at(
        self,
        place: Place = NOWHERE,
        value: str | None = None,
        severity: Severity | None = None,
        **params: object,
    ) -> Finding:
        """The finding at a place; `value` is the offending text, cut to a bounded length."""
        shown = None if value is None else shortened(value)
        return Finding(
            self.code,
            severity or self.severity,
            place,
            self.zh.format(value=shown, **params),
            self.en.format(value=shown, **params),
            shown,
            self.hint_zh.format(value=shown, **params),
            self.hint_en.format(value=shown, **params),
        )


def shortened(value: str) -> str:
    """A value cut for display: long enough to recognise, short enough for any answer."""
    if len(value) <= FINDING_VALUE_CHARACTERS_MAX:
        return value
    return value[: FINDING_VALUE_CHARACTERS_MAX - 1] + "…"


class Findings:
    """A bounded collector: keeps the first findings, counts the rest, never forgets an error.

    severities: finding code → severity, as agreed with the partner (an agreement's `severities`).
    """

    def __init__(
        self,
        keep_max: int = FINDINGS_PER_FILE_MAX,
        severities: Mapping[str, str] | None = None,
    ) -> None:
        self._severities = severities or {}
        self._kept: list[Finding] = []
        self._drained = 0
        self._keep_max = keep_max
        self._absorbed = (0, 0)
        self.total = 0
        self.errors = 0
        self.here = NOWHERE

    def stand(self, place: Place) -> None:
        """Where the reader is as it asks what a message is; whoever answers may tell of it."""
        self.here = place

    def add(self, finding: Finding) -> None:
        """Count the finding and keep it while there is room."""
        agreed = self._severities.get(finding.code)
        if agreed is not None:
            finding = replace(finding, severity=Severity(agreed))
        self.total += 1
        if finding.severity is Severity.ERROR:
            self.errors += 1
        if not self.full:
            self._kept.append(finding)

    def sibling(self) -> Findings:
        """An empty collector of the same bounds and severities."""
        return Findings(self._keep_max, self._severities)

    def absorb(self, other: Findings) -> None:
        """Take over what another collector has found since it was last absorbed."""
        kept = other.drain()
        self.extend(kept)
        told = sum(finding.severity is Severity.ERROR for finding in kept)
        self.total += other.total - other._absorbed[0] - len(kept)
        self.errors += other.errors - other._absorbed[1] - told
        other._absorbed = (other.total, other.errors)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several, in order."""
        for finding in findings:
            self.add(finding)

    def drain(self) -> list[Finding]:
        """Take what has been kept since the last drain (the findings of one group, say)."""
        kept, self._kept = self._kept, []
        self._drained += len(kept)
        return kept

    @property
    def full(self) -> bool:
        """Whether further findings are only counted: then nobody needs to know their place."""
        return self._drained + len(self._kept) >= self._keep_max

    @property
    def beyond(self) -> int:
        """How many were counted but not kept."""
        return self.total - self._drained - len(self._kept)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)

    def __bool__(self) -> bool:
        return bool(self._kept)
