"""TRANSLATE, step 3: a received interchange becomes documents, parts and findings.

A small file is recorded in one transaction.  A big one is staged batch by batch under an attempt
number, and one small last transaction makes the attempt visible; a process that dies leaves an
attempt that the next one throws away.
"""

from __future__ import annotations

import contextlib

from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Directory, ParserDied, Parsers, Stale, Store, Tx
from gateway.pipeline.rows import Batch, InterchangeRow, Translated

STAGE = "translate"


class Translate:
    """The step; `parsers` do the work in other processes."""

    # Files are read in any order; decide has its own.
    side_by_side = True

    def __init__(self, store: Store, parsers: Parsers, directory: Directory) -> None:
        self._store = store
        self._parsers = parsers
        self._directory = directory

    async def run(self, subject: str, revision: int) -> None:
        """Translate one interchange; does nothing where it was translated before."""
        row = await self._store.read(lambda tx: tx.interchanges.find(subject))
        if row is None or row.state != "received" or row.revision != revision:
            return
        crash_point("translate.leased")
        with contextlib.suppress(Stale):
            await self._translate(row)

    async def _translate(self, row: InterchangeRow) -> None:
        attempt, held = 0, Batch()
        end: Translated | None = None
        async for each in self._parsers.parse(row, self._directory.partner(row.partner)):
            if isinstance(each, Translated):
                end = each
                continue
            if held.parts or held.documents:
                attempt = attempt or await self._store.write(
                    lambda tx: tx.interchanges.begin_attempt(row.id)
                )
                await self._stage(row, attempt, held)
            held = each
        if end is None:
            raise ParserDied("the parser ended without an end")
        crash_point("translate.parsed")
        await self._record(row, attempt, held, end)
        crash_point("translate.recorded")

    async def _stage(self, row: InterchangeRow, attempt: int, batch: Batch) -> None:
        crash_point("translate.before_stage")
        await self._store.write(lambda tx: tx.interchanges.stage(row.id, attempt, batch))
        crash_point("translate.staged")

    async def _record(
        self, row: InterchangeRow, attempt: int, last: Batch, end: Translated
    ) -> None:
        def record(tx: Tx) -> None:
            number = attempt or tx.interchanges.begin_attempt(row.id)
            if last.parts or last.documents:
                tx.interchanges.stage(row.id, number, last)
            tx.interchanges.translated(row.id, row.revision, number, end)
            crash_point("translate.before_commit")

        await self._store.write(record)
