"""Bytes → lines with their places, on a stream; bounded whatever comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.limits import SEGMENT_BYTES_MAX
from gateway.syntax.charset import UTF8_BOM


class Line(NamedTuple):
    """offset: byte of its beginning; raw: without line end; ended: by a line feed; long: cut."""

    offset: int
    number: int
    raw: bytes
    ended: bool
    long: bool


def lines_of(chunks: Iterator[bytes]) -> Iterator[Line]:
    """Lines parted by LF, CR at their end taken off; Ctrl-Z and blank lines left out."""
    number, offset = 1, 0
    for raw, ended in _pieces(chunks):
        size = len(raw) + ended
        text = raw.removeprefix(UTF8_BOM) if offset == 0 else raw
        shift = len(raw) - len(text)
        bare = text.rstrip(b"\r\x1a")
        if bare.strip(b" \t\r\x00\x1a\x0b\x0c"):
            long = len(bare) > SEGMENT_BYTES_MAX
            yield Line(offset + shift, number, bare[:80] if long else bare, bool(ended), long)
        offset += size
        number += 1


def _pieces(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Raw lines and how many bytes of line end follow; a line beyond the limit comes in pieces."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            held.append(chunk[start:end])
            yield b"".join(held), 1
            held, size, start = [], 0, end + 1
        rest = chunk[start:]
        held.append(rest)
        size += len(rest)
        if size > 2 * SEGMENT_BYTES_MAX:
            yield b"".join(held), 0
            held, size = [], 0
    if size:
        yield b"".join(held), 0
