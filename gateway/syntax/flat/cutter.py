"""Bytes → records, on a stream with flat memory.

A `'` ends a record only where blanks and then the end of the data, or two digits and `:` or `'`
follow (formats.md 9.2 and 10.4: the only safe rule, since names carry apostrophes), and where no
`?` releases it.  One exception: writers that lost their Chinese characters leave `?` behind, so a
released `'` at the end of a line, with a record id on the next line, ends the record all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from gateway.limits import FLAT_READ_BYTES, SEGMENT_BYTES_MAX
from gateway.syntax.charset import UTF8_BOM

_BLANKS = b" \t\r\n\x00\x1a"
_END = re.compile(rb"'[ \t\r\n\x00\x1a]*(?=[0-9][0-9][:'])")
_QUESTION = 0x3F


class Cut(IntEnum):
    """How a record came to its end."""

    WHOLE = 0
    RELEASED = 1  # after a `?` that was taken for a lost character
    OVERLONG = 2  # longer than SEGMENT_BYTES_MAX; only its beginning is given
    UNTERMINATED = 3  # the data ends inside it
    JUNK = 4  # what stands after the terminator of a last record 99


class RawRecord(NamedTuple):
    """offset: byte where it begins; line: from 1; raw: bytes without the terminator."""

    offset: int
    line: int
    raw: bytes
    cut: int


# One record is one call: this is what `RawRecord(...)` comes to.
_new = tuple.__new__


class Cutter:
    """Cuts one file; `bom` tells afterwards whether a UTF-8 BOM stood at its beginning."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.bom = False
        self._base = 0  # file offset of the first byte of `_tail`
        self._line = 1  # its line
        self._tail = b""
        # Where an overlong record began and how; its rest is thrown away until the next one.
        self._skipping: RawRecord | None = None

    def __iter__(self) -> Iterator[RawRecord]:
        pieces = self._pieces()
        self._tail = self._beginning(pieces)
        yield from self._cut()
        for piece in pieces:
            self._tail += piece
            yield from self._cut()
        yield from self._finish()

    @property
    def end(self) -> tuple[int, int]:
        """Offset and line where reading stands; after the last record, the end of the data."""
        return self._base + len(self._tail), self._line + self._tail.count(b"\n")

    def _pieces(self) -> Iterator[bytes]:
        """The chunks, small ones joined, so that a tail is not searched again for each of them."""
        held: list[bytes] = []
        size = 0
        for chunk in self._chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= FLAT_READ_BYTES:
                yield b"".join(held)
                held, size = [], 0
        if held:
            yield b"".join(held)

    def _beginning(self, pieces: Iterator[bytes]) -> bytes:
        """The first bytes that are neither BOM nor blank."""
        head = b""
        for piece in pieces:
            head += piece
            if len(head) < len(UTF8_BOM):
                continue
            if self._base == 0 and head.startswith(UTF8_BOM):
                self.bom = True
            text = head.removeprefix(UTF8_BOM if self._base == 0 else b"").lstrip(_BLANKS)
            self._base += len(head) - len(text)
            self._line += head.count(b"\n") - text.count(b"\n")
            if text:
                return text
            head = b""
        return head.lstrip(_BLANKS)

    def _cut(self) -> Iterator[RawRecord]:
        """Every record whose end is certain; the rest stays in `_tail`."""
        tail, base, line, start = self._tail, self._base, self._line, 0
        for found in _END.finditer(tail):
            end, after = found.span()
            cut = Cut.WHOLE
            if tail[end - 1] == _QUESTION and _released(tail, end):
                if b"\n" not in found[0]:
                    continue
                cut = Cut.RELEASED
            if self._skipping is None and end - start <= SEGMENT_BYTES_MAX:
                yield _new(RawRecord, (base + start, line, tail[start:end], cut))
            else:
                yield self._overlong(RawRecord(base + start, line, tail[start:end], cut))
            line += tail.count(b"\n", start, after)
            start = after
        self._tail, self._base, self._line = tail[start:], base + start, line
        if len(self._tail) > SEGMENT_BYTES_MAX:
            self._shorten()

    def _overlong(self, record: RawRecord) -> RawRecord:
        """The record that was being skipped, or this one, as far as it is shown."""
        begun = self._skipping or record
        self._skipping = None
        return begun._replace(raw=begun.raw[:80], cut=Cut.OVERLONG)

    def _shorten(self) -> None:
        """Throw away an overlong tail, but for what may be the beginning of its end."""
        if self._skipping is None:
            self._skipping = RawRecord(self._base, self._line, self._tail[:80], Cut.OVERLONG)
        last = self._tail.rfind(b"'")
        rest = self._tail[last + 1 :].lstrip(_BLANKS) if last >= 0 else b""
        # Only blanks and a digit or two may stand between a terminator and a record id.
        kept = b"'" + rest if last >= 0 and len(rest) <= 3 else self._tail[-1:]
        gone = len(self._tail) - len(kept)
        self._line += self._tail.count(b"\n") - kept.count(b"\n")
        self._base += gone
        self._tail = kept

    def _finish(self) -> Iterator[RawRecord]:
        """The last record, ended by the end of the data or not ended at all."""
        rest = self._tail.rstrip(_BLANKS)
        if self._skipping is not None:
            yield self._overlong(RawRecord(self._base, self._line, rest, Cut.OVERLONG))
            if not rest.endswith(b"'"):
                yield RawRecord(self._base, self._line, rest, Cut.UNTERMINATED)
            return
        if not rest:
            return
        whole = rest.endswith(b"'") and not _released(rest, len(rest) - 1)
        if whole:
            yield RawRecord(self._base, self._line, rest[:-1], Cut.WHOLE)
        elif rest[:2] == b"99" and b"'" in rest:
            trailer, _, junk = rest.partition(b"'")
            yield RawRecord(self._base, self._line, trailer, Cut.WHOLE)
            at = self._base + len(trailer) + 1
            yield RawRecord(at, self._line, junk, Cut.JUNK)
        else:
            yield RawRecord(self._base, self._line, rest, Cut.UNTERMINATED)


def _released(data: bytes, at: int) -> bool:
    """Whether the byte at `at` is released: an odd run of `?` before it."""
    run = 0
    while run < at and data[at - 1 - run] == _QUESTION:
        run += 1
    return run % 2 == 1
