"""DECIDE: the explicit list of rules about a document, and how their rulings become one decision.

To add a rule: a function in its topic's module, one line here, its rows in the decision table test
(docs/howto/add-a-rule.md).  Every rule is asked about every case: all failed checks at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from gateway.canonical.partner import Agreement
from gateway.findings import Finding, Severity
from gateway.rules import agreement, duplicates
from gateway.rules.case import Case, Survey, survey
from gateway.rules.decision import (
    NO_OBJECTION,
    Advice,
    Current,
    Decision,
    Outcome,
    Rule,
    Ruling,
)

RULES: tuple[Rule, ...] = (
    Rule("partner-active", "1", "house.md 3: a partner's state", agreement.partner_is_active),
    Rule("sender-identity", "1", "house.md 3: envelope sender", agreement.sender_is_partner),
    Rule("agreement", "1", "house.md 3: an agreement says", agreement.document_is_agreed),
    Rule("whole", "1", "interfaces.md, Truncation", agreement.document_is_whole),
    Rule("errors", "1", "house.md 3: accept and severity", agreement.document_is_right),
    Rule("reference", "1", "house.md 6, row 4", duplicates.reference_is_new, negotiable=True),
    Rule("newer", "1", "house.md 6, row 5", duplicates.document_is_newer, negotiable=True),
    Rule("function", "1", "formats.md 1.3, 10.14", duplicates.function_fits, negotiable=True),
)
# A document that came before in the same bytes was judged then; only its sender is asked again.
REPEAT_RULES: tuple[Rule, ...] = (
    *RULES[:2],
    Rule("repeat", "1", "house.md 6, row 2", duplicates.file_is_new),
)

_ACCEPTED = {"zh": "已接受", "en": "accepted"}
_PARTLY = {
    "zh": "部分接受：{total} 项中 {bad} 项未接受",
    "en": "accepted in part: {bad} of {total} parts were left out",
}
_HEADLINES: dict[Outcome, dict[str, str]] = {
    "reject": {"zh": "已拒绝", "en": "rejected"},
    "hold": {"zh": "暂存，等待其他信息", "en": "held until more is known"},
    "review": {"zh": "待人工审核", "en": "waits for an officer"},
}


def decide(case: Case, rules: Sequence[Rule] = RULES, advice: Sequence[Advice] = ()) -> Decision:
    """Ask every rule and fold the rulings: an error rejects, else review, else hold, else accept.

    Parts that rules leave out of an accepted document are joined; where none remains the document
    is rejected.  A document that is not accepted changes nothing that is in force.
    """
    seen = survey(case.parts)
    asked = [_negotiated(rule, rule.check(case, seen), case.agreement) for rule in rules]
    asked += [each.ruling for each in advice]
    # Most have no objection, and nothing follows from that.
    rulings = [ruling for ruling in asked if ruling is not NO_OBJECTION]
    findings = [finding for ruling in rulings for finding in ruling.findings]
    rejected = sorted({ordinal for ruling in rulings for ordinal in ruling.rejected_parts})
    outcome = _outcome(rulings, findings, rejected, seen)
    accepted = outcome == "accept"
    left_out = tuple(rejected) if accepted else ()
    return Decision(
        outcome=outcome,
        codes=tuple(dict.fromkeys(finding.code for finding in findings)),
        rules=_on_record(
            *((rule.id, rule.version) for rule in rules),
            *((each.id, each.version) for each in advice),
        ),
        explanation=_explained(_explanation(outcome, findings, len(left_out), seen.total), rulings),
        findings=tuple(findings),
        current=_current(rulings) if accepted else "keep",
        parts=seen.total,
        rejected_parts=left_out,
        holds=tuple(hold for ruling in rulings for hold in ruling.holds) if _waits(outcome) else (),
        timers=() if outcome == "reject" else tuple(t for r in rulings for t in r.timers),
    )


def _explained(text: dict[str, str], rulings: Iterable[Ruling]) -> dict[str, str]:
    """The explanation with the reasons of those that had no objection."""
    said = [ruling.because for ruling in rulings if ruling.because is not None]
    zh = "".join(f"{reason}。" for reason, _ in said)
    en = "".join(f" {reason}." for _, reason in said)
    return {"zh": text["zh"] + zh, "en": text["en"] + en}


@lru_cache(maxsize=256)
def _on_record(*named: tuple[str, str]) -> tuple[dict[str, str], ...]:
    return tuple({"id": id_, "version": version} for id_, version in named)


def _waits(outcome: Outcome) -> bool:
    return outcome in ("hold", "review")


def _negotiated(rule: Rule, ruling: Ruling, agreed: Agreement | None) -> Ruling:
    """The ruling with the severities of the agreement, where the rule is negotiable."""
    if not (rule.negotiable and agreed and agreed.severities and ruling.findings):
        return ruling
    findings = tuple(_as_agreed(finding, agreed) for finding in ruling.findings)
    return replace(ruling, findings=findings)


def _as_agreed(finding: Finding, agreed: Agreement) -> Finding:
    severity = agreed.severities.get(finding.code)
    return replace(finding, severity=Severity(severity)) if severity else finding


def _outcome(
    rulings: Sequence[Ruling], findings: Iterable[Finding], rejected: list[int], seen: Survey
) -> Outcome:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return "reject"
    if seen.total and len(rejected) == seen.total:
        return "reject"
    if any(ruling.review for ruling in rulings):
        return "review"
    return "hold" if any(ruling.holds for ruling in rulings) else "accept"


def _current(rulings: Iterable[Ruling]) -> Current:
    said = [ruling.current for ruling in rulings if ruling.current is not None]
    return said[0] if said else "keep"


def _explanation(
    outcome: Outcome, findings: Iterable[Finding], left_out: int, total: int
) -> dict[str, str]:
    """One sentence for the outcome and one for each finding that is more than a remark."""
    told = [each for each in findings if each.severity is not Severity.INFO]
    head = _HEADLINES.get(outcome) or (_PARTLY if left_out else _ACCEPTED)
    zh = head["zh"].format(total=total, bad=left_out)
    en = head["en"].format(total=total, bad=left_out)
    if told:
        zh += "：" + "；".join(finding.zh for finding in told)
        en += ": " + "; ".join(finding.en for finding in told)
    return {"zh": zh + "。", "en": en + "."}
