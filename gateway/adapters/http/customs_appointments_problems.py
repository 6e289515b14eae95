"""What HTTP answers where an act on an application was not done."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.adapters.http import problem
from gateway.adapters.http.problem import Problem
from gateway.findings import Severity
from gateway.limits import CUSTOMS_FINDINGS_MAX
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.office import Act
from gateway.rules.verdict import Verdict

# Faults of the moment, not of the request: the application is in another state.
_OF_STATE = frozenset(
    {
        "NOT_EDITABLE", "NOT_SUBMITTABLE", "NOT_CANCELLABLE", "TIME_REACHED", "NOT_DELETABLE",
        "NOT_APPROVED", "ALREADY_EXPLAINED", "NOT_ATTACHABLE", "REFERENCE_TAKEN", "FEEDBACK_LATE",
    }
)  # fmt: skip


def problem_of(act: Act) -> Problem:
    """404 for what is another's too, 422 for a reused key, else what the rules said."""
    if act.end == "unknown":
        return problem.not_found()
    if act.end == "reused":
        return Problem(
            422,
            "KEY_REUSED",
            "该 Idempotency-Key 已用于另一请求",
            "the Idempotency-Key was used for another request",
        )
    assert act.verdict is not None
    refused = of_verdict(act.verdict)
    if act.application is not None:
        refused.fields |= {"number": act.application.number, "state": act.application.state}
    if act.timing is not None:
        day = act.timing.calendar_day
        refused.fields |= {
            "deadline": forms.shown(act.timing.deadline),
            "calendar_day": day.isoformat() if day else None,
        }
    return refused


def of_verdict(verdict: Verdict) -> Problem:
    """409 where the state forbids it, else 422; every failed check at once."""
    errors = [f.code for f in verdict.findings if f.severity is Severity.ERROR]
    code = errors[0] if errors else verdict.codes[0]
    status = 409 if errors and _OF_STATE.issuperset(errors) else 422
    fields: dict[str, object] = {
        "outcome": verdict.outcome,
        "codes": list(verdict.codes),
        "rules": [clause.as_json() for clause in verdict.rules],
        "findings": [f.as_json() for f in verdict.findings][:CUSTOMS_FINDINGS_MAX],
    }
    said = verdict.explanation
    return Problem(status, code, said["zh"], said["en"], fields=fields)


def of_batch(refusals: Sequence[tuple[str, Verdict]]) -> Problem:
    """409: nothing of the batch was deleted; each number that stays with its reason."""
    first = of_verdict(refusals[0][1])
    first.fields["refused"] = [
        {"number": number, "codes": list(verdict.codes), **verdict.explanation}
        for number, verdict in refusals
    ]
    return first
