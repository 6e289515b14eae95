"""A stored document in a partner's format: its parts through a writer, piece by piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from gateway.canonical.partner import Partner, Route
from gateway.findings import Finding
from gateway.mappings.contract import Outgoing, Unwritable, Writer
from gateway.pipeline.rows import DeliveryRow, DocumentRow
from gateway.routing.delivery_id import control_reference
from gateway.routing.plan import Written
from gateway.rules.partner_payload import WrittenFormat

# Flat files, EDIFACT and tables tell wall time without a zone; those of Chinese ports tell this.
_WALL = ZoneInfo("Asia/Shanghai")
_TOLD_MAX = 3
Parts = Iterable[tuple[int, str]]


class CannotWrite(Exception):
    """The partner's format cannot carry this document; `detail` says why, its code first.

    Trying again is of no use: the delivery becomes a dead letter until the route asks for another
    format or somebody decides otherwise.
    """

    def __init__(self, findings: Collection[Finding]) -> None:
        told = [
            f"{each.code} {each.place.key or ''}: {each.en}" for each in list(findings)[:_TOLD_MAX]
        ]
        beyond = len(findings) - len(told)
        self.detail = "; ".join(told) + (f" (+{beyond})" if beyond > 0 else "")
        super().__init__(self.detail)


def writer_of(payload: str) -> Writer | None:
    """The writer of a format; None for what is none (canonical JSON, the original bytes)."""
    if "/" not in payload:
        return None
    # Forty formats that most processes never write: loaded by the first route that asks for one.
    from gateway.mappings.writing import writer_named  # noqa: PLC0415

    return writer_named(payload)


def written_form(payload: str, encoding: str | None) -> Written | None:
    """What routing must know of a format: file suffix and content type; None for no format."""
    writer = writer_of(payload)
    if writer is None:
        return None
    content_type = writer.content_type
    if content_type.startswith("text/"):
        content_type += f"; charset={encoding or writer.encoding}"
    return Written(writer.suffix, content_type)


def written_formats() -> dict[str, WrittenFormat]:
    """What a route may ask for, by name; notices have writers of their own: told, not mapped."""
    from gateway.mappings.customs_appointment import notice_xml  # noqa: PLC0415 - as in writer_of
    from gateway.mappings.writing import WRITERS  # noqa: PLC0415 - as in writer_of

    written = {each.name: WrittenFormat(each.document.name, each.encodings) for each in WRITERS}
    notice = WrittenFormat(notice_xml.KIND, frozenset({notice_xml.ENCODING}))
    return written | {notice_xml.NAME: notice}


@dataclass(frozen=True, slots=True)
class Sealed:
    """Who sends to whom in one delivery; name: the gateway's own, where the route has no other."""

    delivery: DeliveryRow
    partner: Partner | None
    route: Route
    name: str

    def envelope(self) -> Outgoing:
        """The same for every attempt: all of it comes from the delivery and the partner's file."""
        delivery, route, partner = self.delivery, self.route, self.partner
        known = partner.identities[0] if partner and partner.identities else delivery.partner
        return Outgoing(
            sender=route.sender_code or self.name,
            receiver=route.receiver_code or known,
            reference=control_reference(delivery.id, delivery.seq),
            created=delivery.created_at.astimezone(_WALL),
            test=delivery.test,
            encoding=route.encoding,
        )


def write_document(
    writer: Writer,
    sealed: Sealed,
    document: DocumentRow,
    parts: Parts,
    put: Callable[[bytes], Any],
) -> None:
    """Give every piece of the file to `put`; raises CannotWrite."""
    header = writer.document.header.model_validate_json(json.dumps(document.header))
    model = writer.document.part
    models: Iterator[Any] = (model.model_validate_json(text) for _ordinal, text in parts)
    try:
        for piece in writer.write(sealed.envelope(), header, models):
            put(piece)
    except Unwritable as error:
        raise CannotWrite(error.findings) from None
