"""PARTNER FILE, payload of a route: a format that is written, for the documents that it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.canonical.partner import Route
from gateway.findings import Finding, FindingKind, Place, Severity

FORMAT = FindingKind(
    "PARTNER-FORMAT",
    Severity.ERROR,
    "没有写出 {document} 的格式 {value}",
    "no format {value} is written for {document}",
    "可写的格式：{known}",
    "written are: {known}",
)
ENCODING = FindingKind(
    "PARTNER-ENCODING",
    Severity.ERROR,
    "格式 {format} 不用编码 {value}",
    "format {format} is not written in {value}",
    "可用：{known}",
    "it takes: {known}",
)
_ALWAYS = ("canonical", "original")


@dataclass(frozen=True, slots=True)
class WrittenFormat:
    """What a partner file may ask of a format: its document type, and encodings."""

    document: str
    encodings: frozenset[str]


# Formats that are written, by name; None where nobody knows them (the core alone).
Formats = Mapping[str, WrittenFormat] | None


def payload_findings(route: Route, at: str, formats: Formats) -> Iterator[Finding]:
    """What a route asks for and nobody writes; `at` is its path in the file."""
    for key, payload, document in _asked(route):
        if payload in _ALWAYS or formats is None:
            continue
        found = formats.get(payload)
        if found is None or (document and found.document != document):
            known = [n for n, f in formats.items() if document in ("", f.document)]
            place = Place(key=f"{at}.{key}")
            told = ", ".join(sorted(known)) or "-"
            yield FORMAT.at(place, payload, document=document or "-", known=told)
        elif route.encoding is not None and route.encoding not in found.encodings:
            told = ", ".join(sorted(found.encodings))
            place = Place(key=f"{at}.encoding")
            yield ENCODING.at(place, route.encoding, format=payload, known=told)


def _asked(route: Route) -> Iterator[tuple[str, str, str]]:
    """(key, payload, document type) of each subscription; of the route alone where it has none."""
    if not route.subscriptions:
        yield "payload", route.payload, ""
    for index, each in enumerate(route.subscriptions):
        if each.payload is not None:
            yield f"subscriptions[{index}].payload", each.payload, each.document
        else:
            yield "payload", route.payload, each.document
