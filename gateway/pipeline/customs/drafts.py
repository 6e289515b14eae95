"""DRAFTS 暂存: create, change, copy, delete (S2-07, S2-35, S2-43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.pipeline.customs import forms
from gateway.pipeline.customs.moves import found_own, note, state_of
from gateway.pipeline.customs.office import UNKNOWN, Act, Office, judged, refused
from gateway.pipeline.customs.rows import ApplicationRow
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.calendar import port_day
from gateway.rules.customs_application import pre_entry_number
from gateway.rules.customs_drafts import EDIT, NOT_EDITABLE, REFERENCE_TAKEN
from gateway.rules.customs_life import State, decide_delete
from gateway.rules.verdict import Verdict, conclude

# What a copy does not take over: the firm's own reference and the numbers of other declarations.
_NOT_COPIED = frozenset({"reference", "declarations"})


def create(office: Office, tx: Tx, account: AccountRef, form: dict[str, Any]) -> Act:
    """A draft with its pre-entry number; the reference must be new."""
    now = office.clock.now()
    reference = form.get("reference")
    if reference and tx.customs.applications.by_reference(account.partner, reference):
        return refused(REFERENCE_TAKEN.at(value=reference), *EDIT)
    year = port_day(now).year
    number = pre_entry_number(year, tx.customs.applications.next_serial(year))
    partner = office.directory.partner(account.partner)
    row = _filled(empty(number, account, now), form, now)
    row = replace(row, test=partner is not None and partner.stage == "test")
    try:
        tx.customs.applications.add(row)
    except KeyError:
        return refused(REFERENCE_TAKEN.at(value=reference or ""), *EDIT)
    note(tx, row, "created", account.account, now)
    return Act("done", row)


def empty(number: str, account: AccountRef, now: datetime) -> ApplicationRow:
    """A draft that says nothing yet."""
    return ApplicationRow(
        number=number,
        seq=0,
        partner=account.partner,
        account=account.account,
        state=State.DRAFT.value,
        revision=0,
        form={},
        reference=None,
        application_number=None,
        start_at=None,
        created_at=now,
        updated_at=now,
        applied_at=now,
        submitted_at=None,
        fed_back_at=None,
        explained_at=None,
        answered_at=None,
        decision={},
        test=False,
    )


def _filled(row: ApplicationRow, form: dict[str, Any], now: datetime) -> ApplicationRow:
    return replace(
        row,
        form=form,
        reference=form.get("reference"),
        start_at=forms.instant(form.get("start")),
        updated_at=now,
    )


def change(office: Office, tx: Tx, account: AccountRef, number: str, form: dict[str, Any]) -> Act:
    """The whole form anew; only of a draft."""
    now = office.clock.now()
    row = found_own(tx, number, account.partner)
    if row is None:
        return UNKNOWN
    if state_of(row) is not State.DRAFT:
        return refused(NOT_EDITABLE.at(value=row.state), *EDIT, application=row)
    after = _filled(row, form, now)
    try:
        tx.customs.applications.save(after)
    except KeyError:
        return refused(REFERENCE_TAKEN.at(value=after.reference), *EDIT, application=row)
    note(tx, after, "changed", account.account, now)
    return Act("done", after)


def copy(office: Office, tx: Tx, account: AccountRef, number: str) -> Act:
    """A new draft with the same form; attachments stay where they are."""
    row = tx.customs.applications.find(number)
    if row is None or row.partner != account.partner:
        return UNKNOWN
    form = {key: value for key, value in row.form.items() if key not in _NOT_COPIED}
    return create(office, tx, account, form)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of a batch: all of it is deleted, or nothing.

    unknown: numbers that are not there (any more).  refusals: number → why it stays.
    """

    numbers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refusals: tuple[tuple[str, Verdict], ...] = ()


def delete(office: Office, tx: Tx, account: AccountRef, numbers: Sequence[str]) -> Deleted:
    """Drafts, all or none (S2-35); asking again finds nothing left to do."""
    now = office.clock.now()
    rows, unknown, refusals = [], [], []
    # In one order, so that two batches never wait for each other.
    for number in sorted(set(numbers)):
        row = found_own(tx, number, account.partner)
        if row is None:
            unknown.append(number)
        elif act := judged(decide_delete(state_of(row)), row):
            refusals.append((number, act.verdict or conclude((), (), ("", ""))))
        else:
            rows.append(row)
    if refusals:
        return Deleted((), tuple(unknown), tuple(refusals))
    for row in rows:
        tx.customs.applications.remove(row.number)
        note(tx, row, "deleted", account.account, now)
    return Deleted(tuple(row.number for row in rows), tuple(unknown))
