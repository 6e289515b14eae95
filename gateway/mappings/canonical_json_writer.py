"""Every document type → canonical JSON, as a format that a route may ask for by name.

The members are those that the reader knows; `id` is our control reference.  A route that may choose
takes payload = "canonical", which tells the decision, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gateway.canonical.compact import compact_json
from gateway.canonical.document import DocumentType
from gateway.canonical.model import Model
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.mappings.contract import Outgoing, Write, Writer


def _write(document: DocumentType) -> Write:
    def write(envelope: Outgoing, header: Model, parts: Iterable[Model]) -> Iterator[bytes]:
        beginning = {
            "document": document.name,
            "id": envelope.reference,
            "sender": envelope.sender,
        }
        start = json.dumps(beginning, ensure_ascii=False, separators=(",", ":"))[:-1]
        yield f'{start},"header":{compact_json(header)},"parts":['.encode()
        before = ""
        for part in parts:
            yield f"{before}{compact_json(part)}".encode()
            before = ","
        yield b"]}\n"

    return write


CANONICAL_JSON_WRITERS: tuple[Writer, ...] = tuple(
    Writer(
        name=f"{document.name}/canonical-json",
        document=document,
        suffix=".json",
        content_type="application/json",
        write=_write(document),
        encodings=frozenset({"utf-8"}),
    )
    for document in DOCUMENT_TYPES.values()
)
