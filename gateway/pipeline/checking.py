"""CHECKING: the validator of production over bytes of which nothing is kept (`POST /v1/check`)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from gateway.canonical.partner import Partner
from gateway.limits import CHUNK_BYTES, FINDINGS_PER_FILE_MAX
from gateway.pipeline.ports import ParserDied
from gateway.pipeline.rows import Batch, Translated

# How a parser pool reads bytes that are no interchange.
Read = Callable[[Iterator[bytes], int, Partner | None], AsyncIterator[Batch | Translated]]


class Checking:
    """Checks a body or a file; the answer is that of `gateway check --json`, in one object."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def check(self, body: bytes | Path, name: str, partner: Partner | None) -> dict[str, Any]:
        """Envelope, counts and findings; findings are bounded, the rest is counted."""
        findings: list[dict[str, Any]] = []
        parts = 0
        end: Translated | None = None
        try:
            async for row in self._read(_chunks(body), _size(body), partner):
                if isinstance(row, Translated):
                    end = row
                    break
                parts += len(row.parts)
                for _document, part in row.parts:
                    findings += json.loads(part.findings)
        except ParserDied:
            return _unreadable(name)
        if end is None:
            return _unreadable(name)
        findings = (findings + end.findings)[:FINDINGS_PER_FILE_MAX]
        return {
            "file": name,
            "interchange": {
                "syntax": end.syntax,
                "sender": end.sender,
                "receiver": end.receiver,
                "reference": end.reference,
                "encoding": end.encoding,
            },
            "complete": end.complete,
            "format": end.format,
            "documents": end.documents,
            "parts": parts,
            "findings": findings,
            "findings_total": end.findings_total,
        }


def _unreadable(name: str) -> dict[str, Any]:
    """A file on which the parser died: told plainly, it is not the sender's to understand why."""
    finding = {
        "code": "FILE-UNREADABLE",
        "severity": "error",
        "zh": "此文件无法检查（解析器中止），请联系运维",
        "en": "this file could not be checked (the parser gave up); please tell the operator",
    }
    return {"file": name, "complete": False, "documents": 0, "parts": 0, "findings": [finding]}


def _size(body: bytes | Path) -> int:
    return len(body) if isinstance(body, bytes) else body.stat().st_size


def _chunks(body: bytes | Path) -> Iterator[bytes]:
    if isinstance(body, bytes):
        for start in range(0, len(body), CHUNK_BYTES):
            yield body[start : start + CHUNK_BYTES]
        return
    with body.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
