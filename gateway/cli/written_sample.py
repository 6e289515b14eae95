"""A correct example of a format that is written: a sample document, through its writer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from gateway.resources import names, read_bytes

if TYPE_CHECKING:
    from gateway.mappings.contract import Outgoing, Writer

SAMPLES = "schemas/samples"
_REFERENCE = "SAMPLE0001"
CREATED = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))


def written_sample(writer: Writer) -> bytes | None:
    """The file that a writer makes of the first sample document that it can carry."""
    from gateway.mappings.contract import Unwritable

    for path in _sources(writer):
        header, parts = _document(read_bytes(path))
        if header is None or type(header) is not writer.document.header:
            continue
        try:
            return b"".join(writer.write(_envelope(header), header, parts))
        except Unwritable:
            continue
    return None


def _sources(writer: Writer) -> Iterator[str]:
    """Samples of the document type: this format or its kin first, then canonical JSON."""
    folder, _, stem = writer.name.partition("/")
    place = f"{SAMPLES}/{folder}"
    try:
        files = names(place)
    except FileNotFoundError:
        files = ()

    def order(file: str) -> tuple[int, str]:
        name = file.rpartition(".")[0]
        if name == stem:
            return 0, file
        # Variants of one format begin alike ("iftmbf-flat-…").
        kin = name.partition("-")[0] == stem.partition("-")[0]
        return 1 if kin else 2 if name == "canonical-json" else 3, file

    return (f"{place}/{file}" for file in sorted(files, key=order))


def _document(data: bytes) -> tuple[Any, list[Any]]:
    """Header and parts of the only document of a sample."""
    from gateway.pipeline.translation import Document, Part, translate

    header, parts = None, []
    for item in translate([data]):
        if isinstance(item, Document):
            header = item.header.model
        elif isinstance(item, Part) and item.draft.model is not None:
            parts.append(item.draft.model)
    return header, parts


def _envelope(header: Any) -> Outgoing:  # noqa: ANN401 - a header of any document
    from gateway.mappings.contract import Outgoing

    return Outgoing(
        sender=header.sender or "TJGATEWAY",
        receiver=header.receiver or "TJTERM01",
        reference=_REFERENCE,
        created=CREATED,
    )
