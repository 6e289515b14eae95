"""AFTERCARE: feed declaration numbers back, explain once (S2-17 … S2-22, S2-31, S2-32, S2-45)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.pipeline.customs import forms
from gateway.pipeline.customs.deadlines import forget_deadlines
from gateway.pipeline.customs.moves import found_own, moved, state_of
from gateway.pipeline.customs.office import UNKNOWN, Act, Office, judged
from gateway.pipeline.customs.rows import ApplicationRow, DeclarationRow, ExplanationRow
from gateway.pipeline.customs.telling import tell_customs
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.customs_answering import after_feedback
from gateway.rules.customs_life import Explanation, decide_explain, decide_feedback
from gateway.rules.verdict import Verdict


def feed_back(
    office: Office, tx: Tx, account: AccountRef, number: str, given: Sequence[dict[str, Any]]
) -> Act:
    """The declaration numbers of an approved application; a later list replaces an earlier one.

    A number that does not fit is kept with its warning, or refused, by the switch of H-16.
    """
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    before = tx.customs.papers.declarations(number)
    if before and [each.declaration for each in before] == list(given):
        return Act("done", row, repeat=True)
    submitted = row.submitted_at or row.created_at
    form = forms.application(row, submitted, office.terms.mismatch, given=given)
    verdict = decide_feedback(form, state_of(row), row.start_at or now, now)
    if refusal := judged(verdict, row):
        return refusal
    tx.customs.papers.declare(number, _rows(given, verdict, now))
    after = _moved(office, tx, row, "fed_back", account.account, now, fed_back_at=now)
    return Act("done", after, verdict)


def _rows(given: Sequence[dict[str, Any]], verdict: Verdict, now: datetime) -> list[DeclarationRow]:
    """Each number once, the first time it is named, with what does not fit about it."""
    unique = {each["number"]: each for each in reversed(given)}
    ordered = [each for each in given if unique.get(each["number"]) is each]
    return [
        DeclarationRow(
            each["number"],
            ordinal,
            each,
            [f.as_json() for f in verdict.findings if f.value == each["number"]],
            now,
        )
        for ordinal, each in enumerate(ordered, 1)
    ]


def explain(office: Office, tx: Tx, account: AccountRef, number: str, text: str) -> Act:
    """情况说明, once: free text, the PDF that was uploaded for it, or both."""
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    papers = tx.customs.papers
    files = forms.attachments(papers.attachments(number), "explanation")
    sent_before = papers.explanation(number) is not None
    verdict = decide_explain(Explanation(text, files, sent_before), state_of(row))
    if refusal := judged(verdict, row):
        return refusal
    if not papers.explain(ExplanationRow(number, text, now, account.account)):
        again = decide_explain(Explanation(text, files, sent_before=True), state_of(row))
        return Act("refused", row, again)
    after = _moved(office, tx, row, "explained", account.account, now, explained_at=now)
    return Act("done", after, verdict)


def _moved(
    office: Office,
    tx: Tx,
    row: ApplicationRow,
    event: str,
    who: str,
    now: datetime,
    **changes: Any,  # noqa: ANN401  # fields of the row
) -> ApplicationRow:
    state = after_feedback(state_of(row)).value
    after = moved(tx, row, event, who, now, state=state, **changes)
    forget_deadlines(tx, row.number)
    tell_customs(office, tx, after, event, now)
    return after
