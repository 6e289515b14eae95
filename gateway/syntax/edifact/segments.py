"""Bytes → blocks of segments: cut at unreleased terminators, decoded, placed.

Nothing here depends on how the bytes arrive; a block is only as large as it is read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, repeat

from gateway.findings import Finding, Findings, Place
from gateway.limits import CHUNK_BYTES, SEGMENT_BYTES_MAX
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.charset import Charset
from gateway.syntax.edifact.separators import advised, cleaned, terminator_end

# (canonical text without its terminator, byte offset, line)
Placed = tuple[str, int, int]
# Enough for BOM, noise, UNA and the beginning of two segments.
_HEAD_BYTES = 2_048
_BOM = b"\xef\xbb\xbf"
_NOISE = " \t\r\n\0\x1a\u3000"
_SURROGATE = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class Pieces:
    """The segments of a block whose line breaks, if any, all stand behind terminators.

    texts: canonical, without terminators; tagline: the first three characters of all, once somebody
    has asked for a stop.
    """

    __slots__ = (
        "_ends", "_first_line", "_marks", "_offset", "_step", "_stops",
        "breaks", "tagline", "texts",
    )  # fmt: skip

    def __init__(
        self, texts: list[str], offset: int, step: int, line: int, *, breaks: bool
    ) -> None:
        self.texts = texts
        self.tagline = ""
        self.breaks = breaks
        self._offset = offset
        self._step = step
        self._first_line = line
        self._ends: list[int] = []
        self._stops: frozenset[str] | None = None
        self._marks: list[int] = []

    def offset(self, index: int) -> int:
        """The byte where a segment begins."""
        if not self._ends:
            self._ends = list(accumulate(map(len, self.texts), initial=self._offset))
        return self._ends[index] + index * self._step

    def line(self, index: int) -> int:
        """The line in which a segment begins."""
        return self._first_line + index if self.breaks else self._first_line

    def stop(self, at: int, stops: frozenset[str]) -> int:
        """The index of the next segment after one whose tag is among `stops`; else the end.

        The end, too, where a segment is shorter than a tag: such a block has no order to speak of.
        """
        if stops is not self._stops:
            self._stops = stops
            self.tagline = self.tagline or "".join([text[:3] for text in self.texts])
            whole = len(self.tagline) == 3 * len(self.texts)
            self._marks = sorted(self._standing(stops)) if whole else []
            self._marks.append(len(self.texts))
        return self._marks[bisect_right(self._marks, at)]

    def walked_to(self, at: int, stops: frozenset[str]) -> int:
        """As `stop`, for those who look at each segment on the way anyway."""
        texts = self.texts
        return next((n for n in range(at + 1, len(texts)) if texts[n][:3] in stops), len(texts))

    def _standing(self, tags: frozenset[str]) -> list[int]:
        """The indexes of all segments with these tags."""
        found: list[int] = []
        find = self.tagline.find
        for tag in tags:
            at = find(tag)
            while at >= 0:
                if at % 3 == 0:
                    found.append(at // 3)
                at = find(tag, at + 1)
        return found

    def placed(self, begin: int, end: int) -> Iterable[Placed]:
        """The segments from `begin` to before `end`."""
        step, first = self._step, self.offset(begin)
        texts = self.texts[begin:end]
        offsets = accumulate(map(step.__add__, map(len, texts)), initial=first)
        line = self.line(begin)
        lines = range(line, line + len(texts)) if self.breaks else repeat(line)
        return zip(texts, offsets, lines, strict=False)


@dataclass(slots=True)
class Block:
    """Segments in order, as `pieces` where they are regular; marked: some may hold placeholders."""

    placed: Iterable[Placed]
    marked: bool
    pieces: Pieces | None = None


class SegmentStream:
    """Iterate for blocks; afterwards `rest` is what no terminator ended, at `offset` and `line`."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        encoding: str | None,
        findings: Findings,
        block_bytes: int = CHUNK_BYTES,
    ) -> None:
        self._pieces = _resized(chunks, block_bytes)
        self._findings = findings
        self._block_bytes = block_bytes
        self._noted: set[str] = set()
        # Findings of the block in hand, to be added when their segment is reached.
        self._due: list[tuple[int, Finding]] = []
        self.offset = 0
        self.line = 1
        self.rest = ""
        self.too_long = False
        head = self._head()
        advice = advised(head)
        self.separators = advice.separators
        self.has_una = head.startswith(b"UNA")
        self.charset = Charset(head, encoding)
        self._report_head(advice.odd, advice.unusable, line_feeds=advice.line_feeds)
        self._skip(advice.length if self.has_una else 0)

    def once(self, name: str) -> bool:
        """True the first time: for faults that are reported once per file."""
        if name in self._noted:
            return False
        self._noted.add(name)
        return True

    def _head(self) -> bytes:
        """Read the beginning, without byte order mark and blank noise."""
        self._pending = b""
        for piece in self._pieces:
            self._pending += piece
            if len(self._pending.lstrip()) >= _HEAD_BYTES:
                break
        if self._pending.startswith(_BOM):
            self._findings.add(faults.BOM.at(Place(offset=0, line=1)))
            self._skip(len(_BOM))
        noise = len(self._pending) - len(self._pending.lstrip(b" \t\r\n"))
        if self._pending[:noise].strip(b"\r\n") and self.once("stray"):
            self._findings.add(faults.STRAY.at(Place(offset=self.offset, line=self.line)))
        self._skip(noise)
        return self._pending[:_HEAD_BYTES]

    def _skip(self, count: int) -> None:
        self.line += self._pending.count(b"\n", 0, count)
        self.offset += count
        self._pending = self._pending[count:]

    def _report_head(self, odd: str | None, unusable: str | None, *, line_feeds: bool) -> None:
        place = Place(tag="UNA", offset=self.offset, line=self.line)
        if odd is not None:
            self._findings.add(faults.UNA_ODD.at(place, odd))
        if unusable is not None:
            self._findings.add(faults.UNA_UNUSABLE.at(place, unusable))
        if line_feeds:
            place = Place(tag="UNB", offset=self.offset, line=self.line)
            self._findings.add(faults.LINE_FEED.at(place))

    def __iter__(self) -> Iterator[Block]:
        for data in self._ended():
            yield self._block(data)
            if self.too_long:
                return
        text, right = self.charset.decode(cleaned(self._pending))
        self.rest = self.separators.canonical(text if right else _SURROGATE.sub("\ufffd", text))

    def _ended(self) -> Iterator[bytes]:
        """Blocks that end with a terminator (and the line break behind it)."""
        ended = False
        for piece in chain((b"",), self._pieces):
            data = self._pending + piece
            if ended and data[:1] in (b"\n", b"\r"):
                self._pending = data
                self._skip(len(data) - len(data.lstrip(b"\r\n")))
                data = self._pending
            end = terminator_end(data, self.separators)
            while 0 < end < len(data) and data[end] in b"\r\n":
                end += 1
            self._pending = data[end:]
            ended = not self._pending
            if end:
                yield data[:end]
            if len(self._pending) > SEGMENT_BYTES_MAX:
                self.too_long = True
            if self.too_long:
                return

    def _block(self, data: bytes) -> Block:
        data = cleaned(data)
        if not self.charset.decided and not data.isascii():
            self._decide(data)
        decoded, right = self.charset.decode(data)
        text = self.separators.canonical(decoded)
        marked = self.separators.marked(text)
        if self.charset.level is not None and "level" not in self._noted:
            self._check_level(data, text)
        simple = right and not self._due and self.separators.terminator != "\n"
        if simple and (data.isascii() or not self.charset.multibyte):
            regular = self._regular(text)
            if regular is not None:
                return Block(regular.placed(0, len(regular.texts)), marked, regular)
        return Block(self._irregular(text), marked)

    def _decide(self, data: bytes) -> None:
        """Let the first segment with such bytes settle the encoding."""
        found = _NOT_ASCII.search(data)
        if found is None:
            return
        terminator = self.separators.terminator.encode()
        start = data.rfind(terminator, 0, found.start()) + 1
        end = data.find(terminator, found.start())
        if self.charset.decide(data[start : end if end > 0 else len(data)]):
            place = Place(
                offset=self.offset + found.start(),
                line=self.line + data.count(b"\n", 0, found.start()),
            )
            syntax = self.charset.syntax or "UNB"
            finding = faults.FOREIGN_BYTES.at(place, syntax=syntax, encoding=self.charset.codec)
            self._due.append((self.offset + found.start(), finding))

    def _check_level(self, data: bytes, text: str) -> None:
        """Report the first character that UNOA or UNOB does not have."""
        if self.separators.is_default and not self.charset.beyond_level(data):
            return
        level = self.charset.level
        found = level.search(text) if level else None
        if found and self.once("level"):
            before = text[: found.start()]
            offset = self.offset + self.charset.width(before)
            place = Place(offset=offset, line=self.line + before.count("\n"))
            shown = found[0] if found[0].isprintable() else f"U+{ord(found[0]):04X}"
            finding = faults.REPERTOIRE.at(place, shown, syntax=self.charset.syntax)
            self._due.append((offset, finding))

    def _regular(self, text: str) -> Pieces | None:
        """Segments whose line breaks, if any, all stand behind terminators; else None."""
        breaks = text.count("\n")
        ending = _ending(text, breaks)
        if ending is None:
            return None
        pieces = text.split(ending)
        last = pieces.pop()
        if last:
            # The line break of the last segment is in the next block.
            pieces.append(last[:-1])
        if _too_long(text, ending):
            return None
        placed = Pieces(pieces, self.offset, len(ending), self.line, breaks=breaks > 0)
        self.offset += len(text)
        self.line += breaks
        return placed

    def _irregular(self, text: str) -> Iterator[Placed]:
        """Segment by segment: noise in front, broken lines, bytes that could not be read."""
        fed = self.separators.terminator == "\n"
        for piece in text.split("'")[:-1]:
            body = piece.lstrip(_NOISE)
            noise = piece[: len(piece) - len(body)]
            self.offset += self.charset.width(noise)
            self.line += noise.count("\n")
            if noise.strip("\r\n") and self.once("stray"):
                self._findings.add(faults.STRAY.at(Place(offset=self.offset, line=self.line)))
            width = self.charset.width(body)
            if width > SEGMENT_BYTES_MAX:
                self.too_long = True
                return
            self._add_due(self.offset + width)
            placed = (self._readable(body.rstrip("\r") if fed else body), self.offset, self.line)
            self.offset += width + 1
            self.line += body.count("\n") + fed
            if body:
                yield placed
        self._after_block(text)

    def _add_due(self, before: int) -> None:
        while self._due and self._due[0][0] <= before:
            self._findings.add(self._due.pop(0)[1])

    def _after_block(self, text: str) -> None:
        """The line break that was swallowed behind the last terminator."""
        tail = text[text.rfind("'") + 1 :]
        self.offset += len(tail)
        self._add_due(self.offset)
        self.line += tail.count("\n")

    def _readable(self, body: str) -> str:
        """The body with wrong bytes reported and shown as such."""
        if not _SURROGATE.search(body):
            return body
        place = Place(tag=body[:3], offset=self.offset, line=self.line)
        self._findings.add(faults.UNDECODABLE.at(place, encoding=self.charset.codec))
        return _SURROGATE.sub("\ufffd", body)


def _too_long(text: str, ending: str) -> bool:
    """Whether a segment is longer than it may be: then a window has none that ends in it."""
    at = 0
    while len(text) - at > SEGMENT_BYTES_MAX:
        found = text.rfind(ending, at, at + SEGMENT_BYTES_MAX + len(ending))
        if found < 0:
            return True
        at = found + len(ending)
    return False


def _ending(text: str, breaks: int) -> str | None:
    """What ends every segment of a block, if always the same; the last may lack its break."""
    count = text.count("'")
    if not breaks:
        return "'"
    wanted = count - 1 if text[-1] == "'" else count
    if breaks != wanted:
        return None
    first = text.find("'")
    ending = "'\r\n" if text.startswith("\r\n", first + 1) else "'\n"
    return ending if text.count(ending) == breaks else None


def _resized(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, whatever pieces they come in."""
    gathered: list[bytes] = []
    length = 0
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            part = chunk if len(chunk) <= size else chunk[start : start + size]
            gathered.append(part)
            length += len(part)
            if length >= size:
                yield b"".join(gathered)
                gathered, length = [], 0
    if gathered:
        yield b"".join(gathered)
