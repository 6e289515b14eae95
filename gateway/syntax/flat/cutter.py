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
from itertools import islice
from typing import NamedTuple, Self

from gateway.limits import FLAT_READ_BYTES, SEGMENT_BYTES_MAX
from gateway.syntax.charset import UTF8_BOM

_BLANKS = b" \t\r\n\x00\x1a"
_END = re.compile(rb"'[ \t\r\n\x00\x1a]*(?=[0-9][0-9][:'])")
_ODD_END = re.compile(rb"\?'[ \t\r\n\x00\x1a]*[0-9][0-9][:']")
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


class Block:
    """Records that were cut at once.

    texts: their bytes.  regular: all are `Cut.WHOLE`; where such records stand in the file is
    worked out only when somebody asks.
    """

    __slots__ = ("_begin", "_data", "_end", "_places", "_records", "regular", "texts")

    def __init__(self, texts: list[bytes], data: bytes, end: int, begin: tuple[int, int]) -> None:
        """data: what the texts were cut from, up to `end`; begin: its offset and line."""
        self.texts = texts
        self.regular = True
        self._data, self._end, self._begin = data, end, begin
        self._places: list[tuple[int, int]] = []
        self._records: list[RawRecord] = []

    @classmethod
    def odd(cls, records: list[RawRecord]) -> Self:
        """A block of records of which some ended oddly."""
        self = cls([record.raw for record in records], b"", 0, (0, 0))
        self.regular, self._records = False, records
        return self

    def record(self, at: int) -> RawRecord:
        """One record with its place."""
        if not self.regular:
            return self._records[at]
        if not self._places:
            self._places = list(self._placed())
        return _new(RawRecord, (*self._places[at], self.texts[at], Cut.WHOLE))

    def _placed(self) -> Iterator[tuple[int, int]]:
        """Offset and line of each record."""
        data, start, (offset, line) = self._data, 0, self._begin
        for found in islice(_END.finditer(data), len(self.texts)):
            yield offset + start, line
            after = found.end()
            line += data.count(b"\n", start, after)
            start = after
        # Where the last one is ended by the end of the data.
        yield offset + start, line

    def _start(self, at: int) -> int:
        """Where a record begins in the data."""
        start = self._end
        for text in reversed(self.texts[at:]):
            # Between a record's terminator and the next record stand blanks only.
            start = self._data.rfind(text + b"'", 0, start)
        return start

    def rest(self, at: int) -> tuple[bytes, int, int]:
        """The data from a record on, its offset and its line."""
        start, (offset, line) = self._start(at), self._begin
        return self._data[start:], offset + start, line + self._data.count(b"\n", 0, start)


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
        self._final = False  # nothing follows the tail

    def __iter__(self) -> Iterator[RawRecord]:
        for block in self.blocks():
            yield from map(block.record, range(len(block.texts)))

    def blocks(self) -> Iterator[Block]:
        """The records of the file, as many at once as are at hand."""
        pieces = self._pieces()
        self._tail = self._beginning(pieces)
        for piece in pieces:
            yield self._cut()
            self._tail += piece
        self._final = True
        yield self._cut()
        yield Block.odd(list(self._finish()))

    def cut_again(self, block: Block, at: int) -> bool:
        """Cut the records of the last block from this one on once more, with what follows them.

        False where that is not possible.
        """
        if at == 0 or not block.regular or self._skipping is not None or self._final:
            return False
        self._tail, self._base, self._line = block.rest(at)
        return True

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

    def _cut(self) -> Block:
        """Every record whose end is certain; the rest stays in `_tail`."""
        tail, begin = self._tail, (self._base, self._line)
        if self._skipping is None and not (b"?'" in tail and _ODD_END.search(tail)):
            *texts, rest = _END.split(tail)
            if self._final and _is_whole(last := rest.rstrip(_BLANKS)):
                texts.append(last[:-1])
                rest = b""
            if max(map(len, texts), default=0) <= SEGMENT_BYTES_MAX:
                end = len(tail) - len(rest)
                self._go_on(end)
                return Block(texts, tail, end, begin)
        return Block.odd(list(self._cut_odd()))

    def _cut_odd(self) -> Iterator[RawRecord]:
        """As `_cut`, one by one: some end may be released, some record overlong."""
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
        self._go_on(start)

    def _go_on(self, start: int) -> None:
        """All before this place of the tail has been cut."""
        self._line += self._tail.count(b"\n", 0, start)
        self._base += start
        self._tail = self._tail[start:]
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
        if _is_whole(rest):
            yield RawRecord(self._base, self._line, rest[:-1], Cut.WHOLE)
        elif rest[:2] == b"99" and b"'" in rest:
            trailer, _, junk = rest.partition(b"'")
            yield RawRecord(self._base, self._line, trailer, Cut.WHOLE)
            at = self._base + len(trailer) + 1
            yield RawRecord(at, self._line, junk, Cut.JUNK)
        else:
            yield RawRecord(self._base, self._line, rest, Cut.UNTERMINATED)


def _is_whole(record: bytes) -> bool:
    """Whether the last record ends with its terminator."""
    return record.endswith(b"'") and not _released(record, len(record) - 1)


def _released(data: bytes, at: int) -> bool:
    """Whether the byte at `at` is released: an odd run of `?` before it."""
    run = 0
    while run < at and data[at - 1 - run] == _QUESTION:
        run += 1
    return run % 2 == 1
