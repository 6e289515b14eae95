"""One line → the texts of its columns.

Columns are bytes of the GB18030 form of the line, whatever the file is encoded in: that is how the
programs that write such files count.  Short lines are padded (mail systems strip blanks).
"""

from __future__ import annotations

from gateway.findings import Findings, Place
from gateway.syntax.charset import GB18030, Contradiction, StreamDecoder, Undecodable
from gateway.syntax.fixed import faults
from gateway.syntax.fixed.layout import Column
from gateway.syntax.fixed.lines import Line

_TAB = 8


class Cutting:
    """Decodes lines of one file and cuts them; what is odd becomes a finding."""

    def __init__(self, decoder: StreamDecoder, findings: Findings) -> None:
        self._decoder = decoder
        self._findings = findings

    def plain(self, line: Line, label: str) -> bytes:
        """The line without NUL and tabs, its columns where they were meant to be."""
        raw = line.raw
        if b"\x00" in raw.rstrip(b"\x00") or b"\t" in raw:
            self._findings.add(faults.CONTROL_BYTES.at(place_of(line, label)))
        return raw.replace(b"\x00", b" ").expandtabs(_TAB)

    def values(self, line: Line, label: str, columns: tuple[Column, ...]) -> list[str]:
        """The text of each column, blanks at its ends taken off."""
        raw = self.plain(line, label)
        if raw.isascii():
            text = raw.decode("ascii")
            return [text[c.first - 1 : c.last].strip() for c in columns]
        text = self._decoder.decode(raw)
        troubles, self._decoder.troubles = self._decoder.troubles, []
        self._report(line, label, troubles)
        if any(isinstance(trouble, Undecodable) for trouble in troubles):
            pieces = (raw[c.first - 1 : c.last] for c in columns)
            encoding = self._decoder.encoding
            return [piece.decode(encoding, errors="backslashreplace").strip() for piece in pieces]
        return self._by_width(line, label, text, columns)

    def text(self, line: Line, label: str) -> str:
        """The whole line."""
        return self.values(line, label, (Column("line", 1, None, "G", "行"),))[0]

    def _by_width(
        self, line: Line, label: str, text: str, columns: tuple[Column, ...]
    ) -> list[str]:
        """Each character to the column that holds all of its bytes."""
        found = [""] * len(columns)
        at, current = 0, 0
        for character in text:
            end = at + len(character.encode(GB18030, errors="replace"))
            while current < len(columns) and _is_behind(columns[current], at + 1):
                current += 1
            if current == len(columns):
                break
            column = columns[current]
            if column.last is not None and end > column.last and at + 1 >= column.first:
                place = place_of(line, label, column.first)
                self._findings.add(
                    faults.HALF_CHARACTER.at(place, character, column=column.last + 1)
                )
            elif at + 1 >= column.first:
                found[current] += character
            at = end
        return [value.strip() for value in found]

    def _report(self, line: Line, label: str, troubles: list[Contradiction | Undecodable]) -> None:
        place = place_of(line, label)
        for trouble in troubles:
            if isinstance(trouble, Contradiction):
                found = faults.TWO_ENCODINGS.at(
                    place, expected=trouble.expected, found=trouble.found
                )
            else:
                found = faults.UNDECODABLE.at(place, trouble.shown, encoding=self._decoder.encoding)
            self._findings.add(found)


def place_of(line: Line, label: str, column: int | None = None) -> Place:
    """The place of a line, or of a column in it."""
    return Place(line.number, label, column, None, line.number, line.offset)


def _is_behind(column: Column, position: int) -> bool:
    return column.last is not None and position > column.last
