"""What a delivery carries: canonical JSON made from the parts, the original bytes, or an answer.

Documents are streamed into a spooled file, so that a 45 MB manifest is never in memory whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile

from gateway.canonical.partner import Route
from gateway.limits import CHUNK_BYTES, PARCEL_MEMORY_BYTES_MAX
from gateway.pipeline.channels import Parcel
from gateway.pipeline.ports import Store, Tx
from gateway.pipeline.rows import DeliveryRow, DocumentRow, PartRow
from gateway.routing.payload import PayloadHead, canonical_payload

_PARTS_PER_READ = 200


@dataclass(frozen=True, slots=True)
class _Content:
    size: int
    chunks: Callable[[], Iterator[bytes]]
    close: Callable[[], None] = lambda: None


class ParcelMaker:
    """Builds the parcel of a delivery, as often as it is tried."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._source = f"urn:portedi:{name.lower()}"

    async def make(self, delivery: DeliveryRow, route: Route) -> Parcel:
        """The parcel; raises StoreUnavailable."""
        if delivery.body is not None:
            body = delivery.body
            content = _Content(len(body), lambda: iter((body,)))
        elif route.payload == "original":
            content = await self._original(delivery)
        else:
            content = await self._canonical(delivery)
        return Parcel(
            delivery=delivery.id,
            event_type=delivery.event_type,
            source=self._source,
            subject=delivery.subject,
            time=delivery.created_at,
            content_type=delivery.content_type,
            file_name=delivery.file_name,
            size=content.size,
            chunks=content.chunks,
            close=content.close,
            # A lane is receiver, route and object (routing/delivery_id.py).
            key=delivery.lane.split("/", 2)[-1],
        )

    async def _original(self, delivery: DeliveryRow) -> _Content:
        row = await self._store.read(lambda tx: tx.interchanges.find(delivery.interchange))
        if row is None:
            raise LookupError(delivery.interchange)
        if row.inline is not None:
            inline = row.inline
            return _Content(row.size, lambda: iter((inline,)))
        reference = row.archive_ref or ""
        return _Content(row.size, lambda: self._store.archive.read(reference))

    async def _canonical(self, delivery: DeliveryRow) -> _Content:
        document = await self._store.read(lambda tx: tx.documents.find(delivery.subject))
        if document is None:
            raise LookupError(delivery.subject)
        # It lives as long as the parcel: a push may read it more than once.
        spool = SpooledTemporaryFile[bytes](PARCEL_MEMORY_BYTES_MAX)
        try:
            await asyncio.to_thread(self._spool, spool, document)
        except BaseException:
            spool.close()
            raise
        return _Content(spool.tell(), lambda: _read(spool), spool.close)

    def _spool(self, spool: SpooledTemporaryFile[bytes], document: DocumentRow) -> None:
        decisions = self._store.read_now(lambda tx: tx.documents.decisions(document.id))
        last = decisions[-1] if decisions else None
        head = PayloadHead(
            id=document.id,
            document=document.type,
            format=document.format,
            sender=document.partner,
            function=document.function,
            key=document.key,
            header=document.header,
            decision={"outcome": last.outcome, "codes": last.codes} if last else {},
        )
        rejected = last.facts.get("rejected_parts", ()) if last else ()
        parts = ((part.ordinal, part.canonical) for part in self._parts(document.id))
        for chunk in canonical_payload(head, parts, rejected):
            spool.write(chunk)

    def _parts(self, document: str) -> Iterator[PartRow]:
        after = 0
        while True:
            page = self._store.read_now(partial(_page, document, after))
            yield from page
            if len(page) < _PARTS_PER_READ:
                return
            after = page[-1].ordinal


def _page(document: str, after: int, tx: Tx) -> list[PartRow]:
    return tx.documents.parts(document, after, _PARTS_PER_READ)


def _read(spool: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
