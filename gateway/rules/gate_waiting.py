"""WAITING for papers: which refusals of a gate request pass by themselves once a fact comes.

Source: rules.md C.3 (documents first), F.4, G.3 P10.  A request that says it will wait is held when
nothing but such facts is missing; every other refusal stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.findings import Finding, Severity
from gateway.rules.verdict import Clause, Verdict, conclude, kind

# Code of a refusal → the kind of fact that takes it away.
AWAITED = {
    "NO_BOOKING": "booking",
    "NO_ECLP": "eclp",
    "NO_VGM": "vgm",
    "NO_DO": "delivery_order",
    "NOT_RELEASED_BY_CUSTOMS": "customs_released",
    "UNPAID": "fees_paid",
    "NO_SCHEDULE": "schedule",
}
WAITING = (Clause("gate-waiting", "1", "F.4; a request that waits for its papers"),)
NO_SLOT = kind(
    "NO_SLOT",
    "码头{terminal}没有该时段的预约池",
    "terminal {terminal} has published no such slot",
    ("请查询可预约的时段", "look up the slots that are published"),
)


@dataclass(frozen=True, slots=True)
class Papers:
    """The names under which a request's facts may come; None where the request does not say."""

    container: str
    booking: str | None = None
    bill: str | None = None
    delivery_order: str | None = None
    voyage: str | None = None


# Which of the names a kind of fact may come under (brief of facts: container, booking, bill).
_NAMES = {
    "booking": ("booking", "container"),
    "eclp": ("container", "booking"),
    "vgm": ("container", "booking"),
    "delivery_order": ("delivery_order", "bill", "container"),
    "customs_released": ("container", "bill"),
    "fees_paid": ("bill", "container"),
    "schedule": ("voyage",),
}


def only_papers(verdict: Verdict) -> bool:
    """Whether a refusal would pass if nothing but awaited facts came."""
    return verdict.outcome == "reject" and all(code in AWAITED for code in verdict.codes)


def waits_for(codes: Iterable[str], papers: Papers) -> tuple[tuple[str, str], ...]:
    """(kind, key) of every fact whose coming asks the request again."""
    kinds = dict.fromkeys(AWAITED[code] for code in codes if code in AWAITED)
    pairs = [(each, getattr(papers, name)) for each in kinds for name in _NAMES[each]]
    return tuple(dict.fromkeys((each, key.upper()) for each, key in pairs if key))


def held(verdict: Verdict) -> Verdict:
    """The same findings as remarks of a request that waits: outcome hold."""
    told = [_as_remark(each) for each in verdict.findings]
    passed = ("等待资料齐全后自动确认", "waits for its papers, then it is decided again")
    return conclude(told, (*verdict.rules, *WAITING), passed, "hold")


def _as_remark(finding: Finding) -> Finding:
    return Finding(
        finding.code,
        Severity.WARNING,
        finding.place,
        finding.zh,
        finding.en,
        finding.value,
        finding.hint_zh,
        finding.hint_en,
    )
