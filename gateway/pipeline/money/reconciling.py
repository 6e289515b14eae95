"""RECONCILING: a platform's settlement file of one day against our ledger, to the fen (D.2).

What does not match becomes a row of the report and a work item; the same file again is the same
report.  A payment counts for the day (China's) on which we were told of it; what the platform
counts for the day before or after is looked for by its number before it is called surplus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.pipeline.identity import new_id
from gateway.pipeline.money.rows import BookRow, BookRun, OwnMove, WorkRow
from gateway.pipeline.money.work import FINANCE
from gateway.pipeline.ports import Tx
from gateway.rules.settlement_file import Matched, OurRow, PlatformRow, match, read

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayFile:
    """A platform's file of a day; by: who imports it."""

    provider: str
    day: date
    name: str
    content: bytes
    by: str


@dataclass(frozen=True, slots=True)
class DayRows:
    """A file that has been read, which is long, before the transaction, which is short."""

    file: DayFile
    sha256: str
    rows: Sequence[PlatformRow]


def read_day(file: DayFile) -> DayRows:
    """Raises BadFile."""
    return DayRows(file, hashlib.sha256(file.content).hexdigest(), read(file.content))


def reconcile(tx: Tx, told: DayRows, now: datetime) -> BookRun:
    """Match and record in this transaction."""
    file, sha256, theirs = told.file, told.sha256, told.rows
    day = file.day.isoformat()
    known = tx.money.books.of_file(file.provider, day, sha256)
    if known is not None:
        return known
    start = datetime.combine(file.day, time(), _ZONE)
    near = tx.money.books.own_moves(file.provider, start - _DAY, start + 2 * _DAY)
    matched = match(theirs, _of_day(near, theirs, start))
    rows = _rows(new_id(), matched)
    run = _run(file, rows, sha256, now)
    if not tx.money.books.add(run, rows):
        found = tx.money.books.of_file(file.provider, day, sha256)
        return found or run
    for row in rows:
        if row.outcome != "matched":
            tx.money.work.add(_work(run, row, now))
    return run


def _of_day(
    near: Sequence[OwnMove], theirs: Sequence[PlatformRow], start: datetime
) -> list[OurRow]:
    """Ours of the day, and those of the days beside it that the platform tells of today."""
    told = {(row.kind, row.refund if row.kind == "refund" else row.order) for row in theirs}
    end = start + _DAY
    return [
        OurRow(
            move.kind,
            move.payment_order,
            move.reference if move.kind == "refund" else "",
            move.transaction_id,
            move.amount_fen,
        )
        for move in near
        if start <= move.at < end or (move.kind, move.reference) in told
    ]


def _rows(run: str, matched: Sequence[Matched]) -> list[BookRow]:
    rows = []
    for ordinal, each in enumerate(matched, 1):
        theirs, ours = each.theirs, each.ours
        known = theirs or ours
        assert known is not None
        rows.append(
            BookRow(
                run=run,
                ordinal=ordinal,
                kind=known.kind,
                outcome=each.outcome,
                payment_order=known.order,
                reference=known.refund,
                transaction_id=known.transaction,
                platform_fen=theirs.amount_fen if theirs else None,
                own_fen=ours.amount_fen if ours else None,
                fee_fen=theirs.fee_fen if theirs else None,
                file_line=theirs.line if theirs else None,
                occurred=theirs.occurred if theirs else None,
            )
        )
    return rows


def _run(file: DayFile, rows: Sequence[BookRow], sha256: str, now: datetime) -> BookRun:
    counts = dict.fromkeys(("matched", "missing", "surplus", "different"), 0)
    platform = own = 0
    for row in rows:
        counts[row.outcome] += 1
        sign = -1 if row.kind == "refund" else 1
        platform += sign * (row.platform_fen or 0)
        own += sign * (row.own_fen or 0)
    return BookRun(
        id=rows[0].run if rows else new_id(),
        provider=file.provider,
        day=file.day.isoformat(),
        file_name=file.name,
        file_sha256=sha256,
        **counts,
        platform_fen=platform,
        own_fen=own,
        imported_by=file.by,
        imported_at=now,
    )


def _work(run: BookRun, row: BookRow, now: datetime) -> WorkRow:
    kind = f"BOOKS_{row.outcome.upper()}"
    about = row.reference or row.payment_order
    return WorkRow(
        key=f"{run.provider}:{run.day}:{kind}:{row.kind}:{about}:{row.file_line or 0}",
        kind=kind,
        owner=FINANCE,
        created_at=now,
        payment_order=row.payment_order or None,
        provider=run.provider,
        reference=row.reference or row.transaction_id or None,
        amount_fen=row.own_fen if row.platform_fen is None else row.platform_fen,
        detail={"run": run.id, "platform_fen": row.platform_fen, "own_fen": row.own_fen},
    )
