"""Bytes of files as answers: never shown by a browser, only saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from gateway import limits

OCTETS = "application/octet-stream"


def attachment(chunks: Iterable[bytes], size: int, name: str) -> StreamingResponse:
    """A download under its name; Starlette reads the chunks in a thread."""
    return StreamingResponse(
        chunks,
        media_type=OCTETS,
        headers={
            "content-length": str(size),
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


def file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """From where the file stands to its end; closes it."""
    with file:
        while chunk := file.read(limits.CHUNK_BYTES):
            yield chunk
