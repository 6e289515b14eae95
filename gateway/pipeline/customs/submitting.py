"""SUBMITTING and cancelling: the decision of C.1, and customs are told in the same transaction."""

from __future__ import annotations

from dataclasses import replace

from gateway.pipeline.customs.deadlines import forget_deadlines
from gateway.pipeline.customs.judging import judge
from gateway.pipeline.customs.moves import found_own, moved, state_of
from gateway.pipeline.customs.office import UNKNOWN, Act, Office, judged, refused
from gateway.pipeline.customs.telling import tell_customs, tell_firm
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.customs_drafts import NOT_SUBMITTABLE, SUBMIT, SUBMITTED
from gateway.rules.customs_life import State, decide_cancel


def submit(office: Office, tx: Tx, account: AccountRef, number: str) -> Act:
    """暂存 → 申报, or every reason why not; then it stays a draft, to be changed.

    One that was submitted is not submitted again: the same answer, and nobody is told twice.
    """
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    state = state_of(row)
    if state in SUBMITTED:
        return Act("done", row, repeat=True)
    if state is not State.DRAFT:
        return refused(NOT_SUBMITTABLE.at(value=row.state), SUBMIT, application=row)
    judgement = judge(office, tx, row, tx.customs.papers.attachments(number), now)
    decision = judgement.as_json()
    if judgement.verdict.outcome != "accept":
        kept = replace(row, decision=decision, updated_at=now)
        tx.customs.applications.save(kept)
        return Act("refused", kept, judgement.verdict, judgement.timing)
    after = moved(
        tx,
        row,
        "submitted",
        account.account,
        now,
        {"decision": decision},
        state=State.SUBMITTED.value,
        submitted_at=now,
        applied_at=now,
        decision=decision,
    )
    tell_customs(office, tx, after, "submitted", now)
    tell_firm(office, tx, after, "submitted", now)
    return Act("done", after, judgement.verdict, judgement.timing)


def cancel(office: Office, tx: Tx, account: AccountRef, number: str) -> Act:
    """取消预约 → 已取消; customs get it as a message of its own (S2-43)."""
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    state = state_of(row)
    if state is State.CANCELLED:
        return Act("done", row, repeat=True)
    verdict = decide_cancel(state, row.start_at or now, now)
    if refusal := judged(verdict, row):
        return refusal
    after = moved(tx, row, "cancelled", account.account, now, state=State.CANCELLED.value)
    forget_deadlines(tx, number)
    tell_customs(office, tx, after, "cancelled", now)
    tell_firm(office, tx, after, "cancelled", now)
    return Act("done", after, verdict)
