"""csv → rows: comma, semicolon or tab, quotes, any of the trade's encodings, on a stream.

Rows are cut from bytes: separators, quotes and line ends never occur inside a GB18030 character.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import chain

from gateway.findings import Findings, Place
from gateway.limits import (
    CSV_BLOCK_BYTES,
    SEGMENT_BYTES_MAX,
    TABLE_CELL_CHARACTERS_MAX,
    TABLE_COLUMNS_MAX,
)
from gateway.syntax.charset import UTF8_BOM, StreamDecoder, Undecodable, wide_codec
from gateway.syntax.profile import Profile
from gateway.syntax.table import faults
from gateway.syntax.table.layout import letter
from gateway.syntax.table.source import Sheet, SheetRow

SEPARATORS = (",", "\t", ";")
_HEAD_ROWS = 20
_ENDS = b"\r\x1a\x00"
_BLANKS = b" \t,;\r\x1a\x00"
# What `SheetRow(...)` comes to, without the detour over its arguments.
_new = tuple.__new__
_CLOSING = re.compile(rb'(?:[^"]|"")*"(?!")')


class CsvSource:
    """Satisfies `Source`; one sheet without a name."""

    def __init__(
        self, head: bytes, chunks: Iterator[bytes], profile: Profile, findings: Findings
    ) -> None:
        self._decoder = StreamDecoder(profile.encoding)
        self._findings = findings
        self._wide = wide_codec(head)
        self._start = 0
        if self._wide:
            self._chunks = _narrowed(chain((head[2:],), chunks), self._wide)
            head = next(self._chunks, b"")
        else:
            self._chunks = iter(chunks)
        if head.startswith(UTF8_BOM):
            self._decoder.saw_bom()
            head, self._start = head[len(UTF8_BOM) :], len(UTF8_BOM)
        self._head = head
        self._separator = separator_of(head)
        self._width = 0
        self.complete = True

    @property
    def encoding(self) -> str | None:
        """What the rows so far were decoded with."""
        return "utf-16" if self._wide else self._decoder.encoding

    def sheets(self) -> Iterator[Sheet]:
        """The file itself."""
        yield Sheet("", self._rows())

    def _rows(self) -> Iterator[SheetRow]:
        number, offset = 1, self._start
        separator = self._separator.encode("ascii")
        for raws, ended in _pieces(chain((self._head,), self._chunks), separator):
            texts = self._plain(raws) if ended else None
            if texts is None:
                for raw in raws:
                    yield from self._row(raw, ended, number, offset)
                    number += raw.count(b"\n") + 1
                    offset += len(raw) + ended
                    if not self.complete:
                        return
                continue
            for raw, text in zip(raws, texts, strict=True):
                cells = list(map(str.strip, text.split(self._separator)))
                if len(cells) > self._width:
                    place = self._place(number, offset)
                    cells = self._bounded(cells, place)
                    self._width = len(cells)
                if any(cells) and text.strip(" \t,;"):
                    yield _new(SheetRow, (number, cells, -1 if self._wide else offset))
                number += 1
                offset += len(raw) + 1

    def _plain(self, raws: list[bytes]) -> list[str] | None:
        """Rows that are nothing but texts between separators; None where any may be more."""
        if max(map(len, raws)) > TABLE_CELL_CHARACTERS_MAX:
            return None
        whole = b"\n".join(raws)
        if any(odd in whole for odd in (b'"', b"\x00", b"\x1a")):
            return None
        text = self._decoder.decode_many(whole)
        if text is None:
            return None
        text = text.replace("\r\n", "\n").removesuffix("\r")
        return None if "\r" in text else text.split("\n")

    def _row(self, raw: bytes, ended: int, number: int, offset: int) -> Iterator[SheetRow]:
        """Any row."""
        place = self._place(number, offset)
        if len(raw) > SEGMENT_BYTES_MAX:
            # A quote that was never closed, or no table: nothing behind it can be trusted.
            self.complete = False
            self._findings.add(
                faults.TOO_BIG.at(
                    place, what="一行的字节数", what_en="bytes in one row", limit=SEGMENT_BYTES_MAX
                )
            )
            return
        cells = self._cells(raw, place)
        self._width = max(self._width, len(cells))
        if not ended and raw.strip(_BLANKS):
            self._check_end(cells, place)
        if any(cells):
            yield SheetRow(number, cells, self._at(offset))

    def _at(self, offset: int) -> int:
        """Of UTF-16 the bytes that are counted here are others than the file's."""
        return -1 if self._wide else offset

    def _place(self, number: int, offset: int) -> Place:
        return Place(number, None, None, None, number, None if self._wide else offset)

    def _cells(self, raw: bytes, place: Place) -> list[str]:
        """The texts of one row, none where it cannot be read."""
        bare = raw.strip(_ENDS)
        if not bare.strip(_BLANKS):
            return []
        text = self._decoder.decode(bare)
        self._report(place)
        try:
            cells = next(csv.reader([text], delimiter=self._separator, strict=True), [])
        except csv.Error:
            self._findings.add(faults.BAD_ROW.at(place, text))
            return []
        return self._bounded(list(map(str.strip, cells)), place)

    def _bounded(self, cells: list[str], place: Place) -> list[str]:
        if len(cells) > TABLE_COLUMNS_MAX:
            self._findings.add(
                faults.TOO_BIG.at(place, what="列数", what_en="columns", limit=TABLE_COLUMNS_MAX)
            )
            cells = cells[:TABLE_COLUMNS_MAX]
        if max(map(len, cells), default=0) <= TABLE_CELL_CHARACTERS_MAX:
            return cells
        for at, cell in enumerate(cells):
            if len(cell) > TABLE_CELL_CHARACTERS_MAX:
                where = place._replace(tag=letter(at + 1), field=at + 1)
                self._findings.add(faults.CELL_TOO_LONG.at(where, limit=TABLE_CELL_CHARACTERS_MAX))
                cells[at] = ""
        return cells

    def _report(self, place: Place) -> None:
        troubles, self._decoder.troubles = self._decoder.troubles, []
        for trouble in troubles:
            if isinstance(trouble, Undecodable):
                found = faults.UNDECODABLE.at(place, trouble.shown, encoding=self._decoder.encoding)
            else:
                found = faults.TWO_ENCODINGS.at(
                    place, expected=trouble.expected, found=trouble.found
                )
            self._findings.add(found)

    def _check_end(self, cells: list[str], place: Place) -> None:
        """A last row without a line end: cut off where it has fewer cells than others."""
        if len(cells) < self._width:
            self.complete = False
            self._findings.add(faults.INCOMPLETE.at(place, cells[-1] if cells else None))
        else:
            self._findings.add(faults.NO_LINE_END.at(place))


def separator_of(head: bytes) -> str:
    """The separator that stands most in one of the first rows, outside of quotes."""
    best, most = ",", 0
    for line in head.split(b"\n")[:_HEAD_ROWS]:
        bare = b"".join(line.split(b'"')[::2])
        for separator in SEPARATORS:
            count = bare.count(separator.encode("ascii"))
            if count > most:
                best, most = separator, count
    return best


def _narrowed(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8, halves of characters visible."""
    decoder = codecs.getincrementaldecoder(codec)("backslashreplace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "backslashreplace")
    yield decoder.decode(b"", True).encode("utf-8", "backslashreplace")


def _pieces(chunks: Iterator[bytes], separator: bytes) -> Iterator[tuple[list[bytes], int]]:
    """Rows and how many bytes of line end follow each; a line end within quotes parts no rows.

    A row beyond the limit comes in pieces, and quotes count anew behind it.
    """
    opening = re.compile(rb'(?:^|%s)"' % re.escape(separator))
    row: list[bytes] = []
    size, inside = 0, False
    for lines, ended in _lines(chunks):
        if not inside and not any(b'"' in line for line in lines):
            yield lines, ended
            continue
        for line in lines:
            inside = _is_inside(line, inside, opening)
            row.append(line)
            size += len(line) + ended
            if not inside or size > SEGMENT_BYTES_MAX:
                yield [b"\n".join(row)], ended
                row, size, inside = [], 0, False
    if row:
        yield [b"\n".join(row)], 0


def _lines(chunks: Iterator[bytes]) -> Iterator[tuple[list[bytes], int]]:
    """Lines, as many as are at hand, and how many bytes of line end follow each."""
    held: list[bytes] = []
    size = 0
    cut = (c[at : at + CSV_BLOCK_BYTES] for c in chunks for at in range(0, len(c), CSV_BLOCK_BYTES))
    for block in cut:
        *lines, rest = block.split(b"\n")
        if lines:
            lines[0] = b"".join([*held, lines[0]])
            yield lines, 1
            held, size = [], 0
        held.append(rest)
        size += len(rest)
        if size > 2 * SEGMENT_BYTES_MAX:
            yield [b"".join(held)], 0
            held, size = [], 0
    if size:
        yield [b"".join(held)], 0


def _is_inside(line: bytes, inside: bool, opening: re.Pattern[bytes]) -> bool:
    """Whether a quoted cell is still open at the end of a line; a quote within text opens none."""
    if not inside and b'"' not in line:
        return False
    at = 0
    while True:
        if not inside:
            found = opening.search(line, at)
            if found is None:
                return False
            at = found.end()
        closed = _CLOSING.match(line, at)
        if closed is None:
            return True
        at, inside = closed.end(), False
