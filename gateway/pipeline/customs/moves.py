"""MOVES: an application changes, and its history says so in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.pipeline.customs.rows import ApplicationRow, HistoryRow
from gateway.pipeline.ports import Tx
from gateway.rules.customs_life import State


def moved(
    tx: Tx,
    row: ApplicationRow,
    event: str,
    who: str,
    now: datetime,
    detail: dict[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401  # fields of the row
) -> ApplicationRow:
    """The row with its changes and one more revision, saved and noted."""
    after = replace(row, revision=row.revision + 1, updated_at=now, **changes)
    tx.customs.applications.save(after)
    note(tx, after, event, who, now, detail)
    return after


def note(
    tx: Tx,
    row: ApplicationRow,
    event: str,
    who: str,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """A line of history."""
    tx.customs.records.note(HistoryRow(row.number, now, event, row.state, who, detail or {}))


def state_of(row: ApplicationRow) -> State:
    """The state as the rules name it."""
    return State(row.state)


def found_own(tx: Tx, number: str, partner: str) -> ApplicationRow | None:
    """An application of this partner, locked for this transaction."""
    tx.customs.applications.lock(number)
    row = tx.customs.applications.find(number)
    return row if row is not None and row.partner == partner else None
