"""What a delivery carries: a document (JSON or in a format), the original bytes, or an answer.

Documents are streamed into a spooled file, so that a 45 MB manifest is never in memory whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from gateway.canonical.partner import Route
from gateway.findings import FindingKind, Severity
from gateway.limits import CHUNK_BYTES
from gateway.pipeline.channels import Parcel
from gateway.pipeline.ports import Directory, Store, Tx
from gateway.pipeline.rows import DecisionRow, DeliveryRow, DocumentRow, PartRow
from gateway.pipeline.spooling import Spool, Spooling, filled
from gateway.pipeline.writing import CannotWrite, Sealed, write_document, writer_of
from gateway.routing.payload import PayloadHead, canonical_payload

NO_WRITER = FindingKind(
    "WRITE-FORMAT",
    Severity.ERROR,
    "没有写出 {document} 的格式 {value}",
    "no format {value} is written for {document}",
)
_PARTS_PER_READ = 200


@dataclass(frozen=True, slots=True)
class _Content:
    size: int
    chunks: Callable[[], Iterator[bytes]]
    close: Callable[[], None] = lambda: None


class ParcelMaker:
    """Builds the parcel of a delivery, as often as it is tried."""

    def __init__(self, store: Store, name: str, directory: Directory | None = None) -> None:
        self._store = store
        self._name = name
        self._directory = directory
        self._spooling = Spooling()
        self._source = f"urn:portedi:{name.lower()}"

    async def make(self, delivery: DeliveryRow, route: Route) -> Parcel:
        """The parcel; raises StoreUnavailable, or CannotWrite where the format cannot carry it."""
        if delivery.body is not None:
            body = delivery.body
            content = _Content(len(body), lambda: iter((body,)))
        else:
            content = await self._content(delivery, route)
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

    async def _content(self, delivery: DeliveryRow, route: Route) -> _Content:
        document = await self._store.read(lambda tx: tx.documents.find(delivery.subject))
        if document is None:
            raise LookupError(delivery.subject)
        payload = route.payload_of(document.type)
        if payload == "original":
            return await self._original(delivery)
        if payload == "canonical":
            work = partial(self._spool, document)
        else:
            work = partial(self._write, document, payload, (delivery, route))
        # It lives as long as the parcel: a push may read it more than once.
        if delivery.kind == "mailbox":
            spool = await asyncio.to_thread(filled, work)
        else:
            spool = await self._spooling.fill(f"{delivery.id} {payload} {route.encoding}", work)
        return _Content(spool.tell(), lambda: _read(spool), spool.close)

    def _spool(self, document: DocumentRow, spool: Spool) -> None:
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
        for chunk in canonical_payload(head, self._texts(document.id), _rejected(last)):
            spool.write(chunk)

    def _write(
        self, document: DocumentRow, payload: str, to: tuple[DeliveryRow, Route], spool: Spool
    ) -> None:
        """The document in the route's format; parts that were rejected are not in it."""
        writer = writer_of(payload)
        if writer is None or writer.document.name != document.type:
            raise CannotWrite([NO_WRITER.at(value=payload, document=document.type)])
        delivery, route = to
        partner = self._directory.partner(delivery.partner) if self._directory else None
        sealed = Sealed(delivery, partner, route, self._name)
        decisions = self._store.read_now(lambda tx: tx.documents.decisions(document.id))
        left_out = frozenset(_rejected(decisions[-1] if decisions else None))
        parts = (each for each in self._texts(document.id) if each[0] not in left_out)
        write_document(writer, sealed, document, parts, spool.write)

    def _texts(self, document: str) -> Iterator[tuple[int, str]]:
        return ((part.ordinal, part.canonical) for part in self._parts(document))

    def _parts(self, document: str) -> Iterator[PartRow]:
        after = 0
        while True:
            page = self._store.read_now(partial(_page, document, after))
            yield from page
            if len(page) < _PARTS_PER_READ:
                return
            after = page[-1].ordinal


def _rejected(decision: DecisionRow | None) -> Collection[int]:
    """Ordinals of the parts that a decision left out."""
    return decision.facts.get("rejected_parts", ()) if decision else ()


def _page(document: str, after: int, tx: Tx) -> list[PartRow]:
    return tx.documents.parts(document, after, _PARTS_PER_READ)


def _read(spool: Spool) -> Iterator[bytes]:
    spool.seek(0)
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
