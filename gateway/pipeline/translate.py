"""TRANSLATE, step 3: a received interchange becomes documents, parts and findings.

Small files that wait together are read in one trip to a parser child and recorded in one
transaction, one of a few batches in one of its own.  A bigger one is staged batch by batch under an
attempt number, and one small last transaction makes the attempt visible; a process that dies
leaves an attempt that the next one throws away.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial

from gateway.limits import (
    BATCH_BYTES_MAX,
    BATCHES_AT_ONCE_MAX,
    HANDFULS_MAX,
    SMALL_FILE_BYTES_MAX,
    SMALL_FILES_TOGETHER_MAX,
)
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.handfuls import Handfuls
from gateway.pipeline.packed import PACKED
from gateway.pipeline.ports import (
    Directory,
    ParserDied,
    Parsers,
    Stale,
    Store,
    StoreUnavailable,
    Tx,
)
from gateway.pipeline.rows import Batch, InterchangeRow, Translated
from gateway.syntax.sniff import sniff
from gateway.telemetry.events import emit

STAGE = "translate"


class Translate:
    """The step; `parsers` do the work in other processes."""

    # Files are read in any order; decide has its own.
    side_by_side = True

    def __init__(self, store: Store, parsers: Parsers, directory: Directory) -> None:
        self._store = store
        self._parsers = parsers
        self._directory = directory
        self._handfuls = Handfuls(self._together, SMALL_FILES_TOGETHER_MAX, HANDFULS_MAX)

    async def run(self, subject: str, revision: int) -> None:
        """Translate one interchange; does nothing where it was translated before."""
        if await self._handfuls.take((subject, revision)):
            return
        row = await self._store.read(lambda tx: _received(tx, subject, revision))
        if row is not None:
            crash_point("translate.leased")
            with contextlib.suppress(Stale):
                await self._translate(row)

    async def _together(self, events: Sequence[tuple[str, int]]) -> Sequence[bool]:
        """Translate the small files among them; false for those that are to go alone.

        What fails with one of them fails for all, and comes again when that one goes alone.
        """
        try:
            rows = await self._store.read(lambda tx: [_received(tx, *event) for event in events])
            small = [row for row in rows if row is not None and _is_small(row)]
            for _each in small:
                crash_point("translate.leased")
            if small:
                await self._translate_small(small)
        except StoreUnavailable:
            raise
        except Exception as error:
            # Of any kind, since any file may have met it, and nothing is hidden: each of them goes
            # alone now, where it meets its own fault again and nobody else's.
            if len(events) == 1:
                raise
            emit("handful_broke", "warning", files=len(events), error=type(error).__name__)
            return [False] * len(events)
        done = {row.id for row in small}
        return [row is None or row.id in done for row in rows]

    async def _translate_small(self, rows: Sequence[InterchangeRow]) -> None:
        """All in one transaction, or none."""
        files = [(row, self._directory.partner(row.partner)) for row in rows]
        found = await self._parsers.parse_small(files)
        crash_point("translate.parsed")
        await self._store.write(partial(_record_small, list(zip(rows, found, strict=True))))
        crash_point("translate.recorded")

    async def _translate(self, row: InterchangeRow) -> None:
        attempt, held = 0, _Held()
        end: Translated | None = None
        async for each in self._parsers.parse(row, self._directory.partner(row.partner)):
            if isinstance(each, Translated):
                end = each
                continue
            if attempt or not held.takes(each):
                attempt = attempt or await self._store.write(
                    lambda tx: tx.interchanges.begin_attempt(row.id)
                )
                # One by one: who reads beside a large file waits for each of them.
                for batch in held.batches:
                    await self._stage(row, attempt, batch)
                held = _Held()
            held.add(each)
            # Who waits for an answer goes first.
            await asyncio.sleep(0)
        if end is None:
            raise ParserDied("the parser ended without an end")
        crash_point("translate.parsed")
        await self._record(row, attempt, held.batches, end)
        crash_point("translate.recorded")

    async def _stage(self, row: InterchangeRow, attempt: int, batch: Batch) -> None:
        crash_point("translate.before_stage")
        await self._store.write(lambda tx: tx.interchanges.stage(row.id, attempt, batch))
        crash_point("translate.staged")

    async def _record(
        self, row: InterchangeRow, attempt: int, batches: Sequence[Batch], end: Translated
    ) -> None:
        def record(tx: Tx) -> None:
            if attempt:
                for batch in batches:
                    tx.interchanges.stage(row.id, attempt, batch)
                tx.interchanges.translated(row.id, row.revision, attempt, end)
            else:
                tx.interchanges.translated_at_once(row, batches, end)
            crash_point("translate.before_commit")

        await self._store.write(record)


class _Held:
    """The batches of a file that may go into one transaction: a commit waits for the disk."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self._characters = 0

    def takes(self, batch: Batch) -> bool:
        """Whether it still fits in; the first one always does."""
        if not self.batches:
            return True
        room = BATCH_BYTES_MAX - self._characters
        return len(self.batches) < BATCHES_AT_ONCE_MAX and batch.characters <= room

    def add(self, batch: Batch) -> None:
        self.batches.append(batch)
        self._characters += batch.characters


def _received(tx: Tx, subject: str, revision: int) -> InterchangeRow | None:
    """The interchange, if it still waits for its translation."""
    row = tx.interchanges.find(subject)
    return row if row and row.state == "received" and row.revision == revision else None


def _is_small(row: InterchangeRow) -> bool:
    """Whether bytes and rows may lie in memory at once; what is packed may be of any size."""
    if row.inline is None or len(row.inline) > SMALL_FILE_BYTES_MAX:
        return False
    return sniff(row.inline).syntax not in PACKED


def _place(file: tuple[InterchangeRow, object]) -> tuple[str, int]:
    """Lane, and place in it."""
    return file[0].order_key, file[0].seq


def _record_small(
    files: Sequence[tuple[InterchangeRow, tuple[list[Batch], Translated]]], tx: Tx
) -> None:
    # Always in the same order: two transactions with the same lanes would wait crosswise.
    for row, (batches, end) in sorted(files, key=_place):
        tx.interchanges.translated_at_once(row, batches, end)
        crash_point("translate.before_commit")
