"""FILES: an application that comes as a document `customs_application`, over SFTP or HTTP.

Function 1 cancels the application of its reference; any other saves it, and submits it where its
action says so.  Everything that speaks against it is told in the answer to the file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.findings import Finding
from gateway.pipeline.counsel import Adviser, Effect, Matter
from gateway.pipeline.customs import drafts, forms
from gateway.pipeline.customs.judging import judge
from gateway.pipeline.customs.moves import state_of
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.parts import Said, is_refused, parts_of, ruling_of
from gateway.pipeline.customs.rows import ApplicationRow
from gateway.pipeline.customs.submitting import cancel, submit
from gateway.pipeline.rows import AccountRef
from gateway.rules.customs_drafts import REFERENCE_MISSING, REFERENCE_TAKEN, REFERENCE_UNKNOWN
from gateway.rules.customs_life import State, decide_cancel
from gateway.rules.decision import Ruling

DOCUMENT = "customs_application"
_DOCUMENTS = frozenset({DOCUMENT})
_CANCEL = "1"


def file_adviser(office: Office) -> Adviser:
    """Asked before a file is accepted."""
    return Adviser("customs-application", "1", lambda matter: _ruling(office, matter), _DOCUMENTS)


def file_effect(office: Office) -> Effect:
    """Done once it is."""
    return Effect(_DOCUMENTS, lambda matter: _apply(office, matter))


def _ruling(office: Office, matter: Matter) -> Ruling:
    return ruling_of(
        matter, ((ordinal, _faults(office, matter, said)) for ordinal, said in parts_of(matter))
    )


def _faults(office: Office, matter: Matter, said: Said) -> list[Finding]:
    reference = said.get("reference")
    if not reference:
        return [REFERENCE_MISSING.at()]
    row = _existing(matter, reference)
    if matter.document.function == _CANCEL:
        return _against_cancelling(row, reference, matter.now)
    if row is not None and state_of(row) is not State.DRAFT:
        return [REFERENCE_TAKEN.at(value=reference)]
    if said.get("action", "submit") != "submit":
        return []
    return _against_submitting(office, matter, row, said)


def _against_cancelling(row: ApplicationRow | None, reference: str, now: datetime) -> list[Finding]:
    if row is None:
        return [REFERENCE_UNKNOWN.at(value=reference)]
    return list(decide_cancel(state_of(row), row.start_at or now, now).findings)


def _against_submitting(
    office: Office, matter: Matter, row: ApplicationRow | None, said: Said
) -> list[Finding]:
    """The judgement over the draft as it would stand."""
    form = _form(said)
    draft = row or drafts.empty("", _account(matter), matter.now)
    asked = replace(draft, form=form, start_at=forms.instant(form.get("start")))
    files = matter.tx.customs.papers.attachments(row.number) if row else []
    return list(judge(office, matter.tx, asked, files, matter.now).verdict.findings)


def _apply(office: Office, matter: Matter) -> None:
    for _, said in parts_of(matter):
        if not is_refused(_faults(office, matter, said)):
            _take(office, matter, said)


def _take(office: Office, matter: Matter, said: Said) -> None:
    tx, account = matter.tx, _account(matter)
    row = _existing(matter, said["reference"])
    if matter.document.function == _CANCEL:
        if row is not None:
            cancel(office, tx, account, row.number)
        return
    form = _form(said)
    if row is None:
        saved = drafts.create(office, tx, account, form)
    else:
        saved = drafts.change(office, tx, account, row.number, form)
    if saved.application is not None and said.get("action", "submit") == "submit":
        submit(office, tx, account, saved.application.number)


def _existing(matter: Matter, reference: str) -> ApplicationRow | None:
    return matter.tx.customs.applications.by_reference(matter.document.partner, reference)


def _account(matter: Matter) -> AccountRef:
    return AccountRef(matter.document.partner, matter.document.account)


def _form(said: Said) -> Said:
    """The form without what only a file has, and without what was not said."""
    return {key: value for key, value in said.items() if key != "action" and value is not None}
