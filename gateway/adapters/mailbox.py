"""The mailbox of a partner: deliveries that wait until it collects them, over SFTP or HTTP.

An answer's bytes stand in its row.  A document's payload is made when it is asked for, as for any
other delivery (pipeline/parcel), and put into a spooled file: memory stays flat, and what a
receiver reads does not change under its hands.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import IO

from gateway import limits
from gateway.canonical.partner import Route
from gateway.pipeline.channels import Parcel
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Directory, Store, Tx
from gateway.pipeline.rows import DeliveryRow, Page
from gateway.pipeline.writing import CannotWrite

# pipeline/parcel's ParcelMaker.make.
MakeParcel = Callable[[DeliveryRow, Route], Awaitable[Parcel]]


class NoContent(Exception):
    """The route of the delivery is gone, or its format cannot carry the document."""


class Mailbox:
    """Waiting deliveries of one partner at a time; every query is filtered by it."""

    def __init__(self, store: Store, directory: Directory, make: MakeParcel) -> None:
        self._store = store
        self._directory = directory
        self._make = make
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._refused: OrderedDict[str, None] = OrderedDict()

    async def page(self, partner: str, limit: int, cursor: str | None = None) -> Page:
        """Waiting deliveries, oldest first."""
        return await self._store.read(lambda tx: tx.deliveries.waiting(partner, limit, cursor))

    async def waiting(self, partner: str, most: int) -> list[DeliveryRow]:
        """Up to `most` waiting deliveries, oldest first, from one snapshot."""

        def all_pages(tx: Tx) -> list[DeliveryRow]:
            rows: list[DeliveryRow] = []
            cursor: str | None = None
            while len(rows) < most:
                page = tx.deliveries.waiting(partner, min(500, most - len(rows)), cursor)
                rows += page.rows
                cursor = page.cursor
                if cursor is None or not page.rows:
                    break
            return rows

        return await self._store.read(all_pages)

    async def find(self, partner: str, delivery: str) -> DeliveryRow | None:
        """A delivery of this partner's mailbox, waiting or collected."""
        row = await self._store.read(lambda tx: tx.deliveries.find(delivery))
        if row is None or row.partner != partner or row.kind != "mailbox":
            return None
        return row

    async def collect(self, partner: str, delivery: str) -> bool:
        """Durable when it returns; false where nothing of that id waits."""
        crash_point("collect.before_record")
        collected = await self._store.write(lambda tx: tx.deliveries.collect(partner, delivery))
        crash_point("collect.recorded")
        return collected

    async def size(self, row: DeliveryRow) -> int:
        """Bytes of the payload; made once to be counted, then remembered.  Raises NoContent."""
        if row.body is not None:
            return len(row.body)
        if row.id not in self._sizes:
            with closing(await self._parcel(row)) as parcel:
                self._remember(row.id, parcel.size)
        return self._sizes[row.id]

    async def open(self, row: DeliveryRow) -> IO[bytes]:
        """The payload, at its start, to be closed by the caller; raises NoContent."""
        if row.body is not None:
            return io.BytesIO(row.body)
        with closing(await self._parcel(row)) as parcel:
            self._remember(row.id, parcel.size)
            return await asyncio.to_thread(_spooled, parcel)

    async def _parcel(self, row: DeliveryRow) -> Parcel:
        partner = self._directory.partner(row.partner)
        route = partner.route(row.route) if partner else None
        if route is None:
            raise NoContent(row.id)
        try:
            return await self._make(row, route)
        except CannotWrite as refused:
            await self._bury(row, refused)
            raise NoContent(row.id) from None

    async def _bury(self, row: DeliveryRow, refused: CannotWrite) -> None:
        """Its dead letter, once in the life of this process: it is asked for again and again."""
        if row.id in self._refused:
            return
        await self._store.write(
            lambda tx: tx.dead_letters.bury(
                "deliver", row.id, 1, refused, refused.detail, attempts=1
            )
        )
        self._refused[row.id] = None
        while len(self._refused) > limits.MAILBOX_SIZES_MAX:
            self._refused.popitem(last=False)

    def _remember(self, delivery: str, size: int) -> None:
        self._sizes[delivery] = size
        while len(self._sizes) > limits.MAILBOX_SIZES_MAX:
            self._sizes.popitem(last=False)


def _spooled(parcel: Parcel) -> IO[bytes]:
    """Everything in one seekable file, which the caller closes."""
    # The caller closes it, so no `with` here.
    content = tempfile.SpooledTemporaryFile(max_size=limits.MAILBOX_SPOOL_BYTES)  # noqa: SIM115
    try:
        for chunk in parcel.chunks():
            content.write(chunk)
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return content
