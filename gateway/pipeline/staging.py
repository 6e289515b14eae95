"""Translation items → rows: what a parser child sends, and what the store takes.

The wire between a child and its parent is one JSON array a line: ["b", documents, parts] a batch,
["e", …] the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from gateway.limits import BATCH_BYTES_MAX, PARTS_PER_BATCH_MAX
from gateway.pipeline.packed import ArchiveEnd
from gateway.pipeline.rows import Batch, StagedDocument, StagedPart, Translated
from gateway.pipeline.translation import Document, End, Item, Part
from gateway.syntax.edifact import MessageReport

# `json.dumps` with options of its own makes an encoder at every call: as long as the encoding.
_json = json.JSONEncoder(ensure_ascii=False).encode
_end_json = TypeAdapter(list[Any]).dump_json
# What is known of its form is written in half the time that finding it out would take.
_PartLine = tuple[int, tuple[int, str, str, str, int, tuple[tuple[str, str], ...]]]
_batch_json = TypeAdapter(tuple[str, list[list[Any]], tuple[_PartLine, ...]]).dump_json


def staged(items: Iterable[Item]) -> Iterator[Batch | Translated]:
    """Rows in batches, one Translated at last."""
    documents: list[StagedDocument] = []
    parts: list[tuple[Part, str]] = []
    size = 0
    begun: Document | None = None
    for item in items:
        if isinstance(item, Document):
            begun = item
            continue
        if begun is not None:
            # The key of a document of one part stands in that part, so it waited for it.
            documents.append(_document(begun, item if isinstance(item, Part) else None))
            begun = None
        if isinstance(item, Part):
            canonical = item.draft.json()
            parts.append((item, canonical))
            size += len(canonical)
        else:
            if documents or parts:
                yield _batch(documents, parts)
            yield _translated(item)
        if len(parts) >= PARTS_PER_BATCH_MAX or size >= BATCH_BYTES_MAX:
            yield _batch(documents, parts)
            documents, parts, size = [], [], 0


def _batch(documents: list[StagedDocument], parts: list[tuple[Part, str]]) -> Batch:
    rows = [(part.document.ordinal, _part(part, canonical)) for part, canonical in parts]
    return Batch(tuple(documents), tuple(rows))


def _document(document: Document, first: Part | None) -> StagedDocument:
    header = document.header
    created = header.values.get("created_at")
    type_ = document.format.document
    key: dict[str, str] = {}
    model = first.draft.model if first is not None else None
    if header.model is not None and (model is not None or type_.header_is_key):
        key = type_.document_key(header.model, model)
    return StagedDocument(
        ordinal=document.ordinal,
        type=type_.name,
        format=document.format.name,
        versions=json.dumps({"format": document.format.version, "layout": document.layout}),
        function=str(header.values.get("function") or "9"),
        message_type=document.kind.name,
        message_reference=document.reference,
        created_wall=created.get("wall") if isinstance(created, dict) else None,
        header=header.json(whole=True),
        key=_flat_json(key),
    )


def _flat_json(texts: dict[str, str]) -> str:
    """What `_json` makes of texts by name, in half its time."""
    pairs = [
        f"{encode_basestring(name)}: {encode_basestring(text)}" for name, text in texts.items()
    ]
    return "{" + ", ".join(pairs) + "}"


def _part(part: Part, canonical: str) -> StagedPart:
    header, model = part.document.header.model, part.draft.model
    key: dict[str, str] = {}
    keys: list[tuple[str, str]] = []
    if header is not None and model is not None:
        type_ = part.document.format.document
        key = type_.part_key(header, model)
        keys = type_.search_keys(header, model)
    findings = _json([f.as_json() for f in part.findings]) if part.findings else "[]"
    return StagedPart(part.ordinal, _flat_json(key), canonical, findings, part.errors, tuple(keys))


def _translated(end: End) -> Translated:
    interchange = end.interchange
    return Translated(
        syntax=interchange.syntax,
        format=end.format,
        sender=interchange.sender,
        receiver=interchange.receiver,
        reference=interchange.reference,
        encoding=interchange.encoding,
        complete=interchange.complete,
        test=interchange.test,
        documents=end.documents,
        findings=[f.as_json() for f in end.findings],
        findings_total=end.total,
        errors_total=end.errors,
        envelope={
            "errors": end.envelope_errors,
            "created": interchange.created,
            "acknowledgement_requested": interchange.acknowledgement_requested,
            "messages": interchange.messages,
            "separators": interchange.separators,
            "reports": [_report(each) for each in end.reports],
            **_files(end),
        },
    )


def _files(end: End) -> dict[str, Any]:
    """What the files of an archive say of themselves; `references.files_of` reads it."""
    if not isinstance(end, ArchiveEnd):
        return {}
    return {"files": [[getattr(each, n) for n in each.__slots__] for each in end.files]}


def _report(report: MessageReport) -> list[Any]:
    """A message with errors, for CONTRL: reference, name, version, association, first, errors."""
    kind = report.kind
    return [
        report.reference,
        kind.name,
        kind.version,
        kind.association,
        report.first,
        report.errors,
    ]


def to_lines(rows: Iterable[Batch | Translated]) -> Iterator[bytes]:
    """The wire form, one line a row."""
    for row in rows:
        if isinstance(row, Translated):
            yield _end_json(["e", {name: getattr(row, name) for name in row.__slots__}]) + b"\n"
            continue
        documents = [_fields_of(document) for document in row.documents]
        yield _batch_json(("b", documents, row.parts)) + b"\n"


def _fields_of(row: StagedDocument) -> list[Any]:
    return [getattr(row, name) for name in row.__slots__]


def from_line(line: bytes) -> Batch | Translated:
    """The parent's end of the wire; raises ValueError for a line that no child writes."""
    # Only names come again; looking each value up would cost more than making it.
    match from_json(line, cache_strings="keys"):
        case ["b", [*documents], [*parts]]:
            return Batch(
                tuple(StagedDocument(*each) for each in documents),
                tuple((ordinal, _staged_part(each)) for ordinal, each in parts),
            )
        case ["e", dict(end)]:
            return Translated(**end)
        case _:
            raise ValueError("not a line of a parser child")


def _staged_part(row: list[Any]) -> StagedPart:
    ordinal, key, canonical, findings, errors, keys = row
    return StagedPart(ordinal, key, canonical, findings, errors, tuple(map(tuple, keys)))
