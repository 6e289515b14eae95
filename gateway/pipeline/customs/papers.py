"""PAPERS: PDF attachments of a draft, and the one PDF of an explanation (S2-14, S2-32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.findings import Finding
from gateway.limits import CUSTOMS_ATTACHMENTS_MAX
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.moves import found_own, note, state_of
from gateway.pipeline.customs.office import UNKNOWN, Act, Office
from gateway.pipeline.customs.rows import ApplicationRow, AttachmentRow
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.customs_application import attachment_findings
from gateway.rules.customs_drafts import ATTACH, NOT_ATTACHABLE
from gateway.rules.customs_form import Attachment
from gateway.rules.customs_life import EXPLAINED, FEEDABLE, State
from gateway.rules.verdict import Verdict, conclude

Purpose = Literal["application", "explanation"]
_PASSED = ("附件已保存", "the attachment is kept")
_MOST: dict[str, int] = {"application": CUSTOMS_ATTACHMENTS_MAX, "explanation": 1}


@dataclass(frozen=True, slots=True)
class File:
    """A PDF that was uploaded and measured; its bytes are durable already, or stand here."""

    name: str
    size: int
    sha256: str
    pages: tuple[int, ...]
    inline: bytes | None = None
    archive_ref: str | None = None


def judge_file(name: str, size: int, pages: tuple[int, ...], found: tuple[Finding, ...]) -> Verdict:
    """What speaks against a file by itself, whatever it belongs to."""
    sized = attachment_findings([Attachment(size, pages, name)], 1)
    return conclude([*found, *sized], (ATTACH,), _PASSED)


def attach(
    office: Office, tx: Tx, account: AccountRef, number: str, purpose: Purpose, file: File
) -> Act:
    """Keep a file; the same bytes again are the one that is there."""
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    papers = tx.customs.papers
    before = papers.attachments(number)
    same = next((f for f in before if (f.purpose, f.sha256) == (purpose, file.sha256)), None)
    if same is not None:
        return Act("done", row, repeat=True, id=same.seq)
    verdict = conclude(_against(tx, row, purpose, before, file), (ATTACH,), _PASSED)
    if verdict.outcome == "reject":
        return Act("refused", row, verdict)
    kept = papers.attach(
        AttachmentRow(
            seq=0,
            application=number,
            purpose=purpose,
            name=file.name,
            size=file.size,
            sha256=file.sha256,
            pages=file.pages,
            archive_ref=file.archive_ref,
            created_at=now,
            inline=file.inline,
        )
    )
    note(tx, row, "attached", account.account, now, {"name": file.name, "sha256": file.sha256})
    return Act("done", row, verdict, id=kept.seq)


def detach(office: Office, tx: Tx, account: AccountRef, number: str, attachment: int) -> Act:
    """Take a file away again, while it may still change."""
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    file = tx.customs.papers.attachment(number, attachment) if row else None
    if row is None or file is None:
        return UNKNOWN
    wrong = _wrong_state(tx, row, file.purpose)
    if wrong:
        return Act("refused", row, conclude(wrong, (ATTACH,), _PASSED))
    tx.customs.papers.detach(number, attachment)
    note(tx, row, "detached", account.account, now, {"name": file.name, "sha256": file.sha256})
    return Act("done", row)


def _against(
    tx: Tx, row: ApplicationRow, purpose: Purpose, before: list[AttachmentRow], file: File
) -> list[Finding]:
    kept = forms.attachments(before, purpose)
    files = [*kept, Attachment(file.size, file.pages, file.name)]
    return [*_wrong_state(tx, row, purpose), *attachment_findings(files, _MOST[purpose])]


def _wrong_state(tx: Tx, row: ApplicationRow, purpose: str) -> list[Finding]:
    state = state_of(row)
    if purpose == "application":
        return [] if state is State.DRAFT else [NOT_ATTACHABLE.at(value=row.state)]
    if tx.customs.papers.explanation(row.number) is not None:
        return [EXPLAINED.at()]
    return [] if state in FEEDABLE else [NOT_ATTACHABLE.at(value=row.state)]
