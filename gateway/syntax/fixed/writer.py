"""Values → lines of fixed columns; columns are bytes of the GB18030 form, as readers count them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.syntax.charset import GB18030
from gateway.syntax.fixed.layout import Column, FixedLayout, LineLayout

_LINE_END = "\r\n"
# What would end the line or move the columns behind it.
_CLEAN = str.maketrans({"\r": " ", "\n": " ", "\t": " ", "\x00": None})


class TooWide(NamedTuple):
    """A value that does not fit its column; room in bytes."""

    name: str
    value: str
    room: int


def line_text(
    layout: FixedLayout, label: str, values: Mapping[str, str]
) -> tuple[str, list[TooWide]]:
    """One line with its end, padded to its last bounded column, and what does not fit."""
    line = layout.records[label]
    text, too_wide = _beginning(line), []
    size = len(text)
    for column in line.columns:
        value = values.get(column.name, "").translate(_CLEAN)
        wide = _bytes(value)
        if column.last is not None and wide > column.last - column.first + 1:
            too_wide.append(TooWide(column.name, value, column.last - column.first + 1))
        text += " " * (column.first - 1 - size) + value
        size = max(size, column.first - 1) + wide
    return text + " " * (_width(line) - size) + _LINE_END, too_wide


def room_of(layout: FixedLayout, label: str, name: str) -> int:
    """How many bytes a column holds; KeyError for one that is not there or has no end."""
    for column in layout.records[label].columns:
        if column.name == name and column.last is not None:
            return column.last - column.first + 1
    raise KeyError(name)


def cut_to(text: str, room: int) -> list[str]:
    """A text in pieces of at most so many bytes, no character in two of them."""
    pieces, piece, size = [], "", 0
    for character in text:
        wide = _bytes(character)
        if size + wide > room:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + wide
    return [*pieces, piece]


def _beginning(line: LineLayout) -> str:
    """The characters that tell what kind of line it is ("1=51")."""
    at, _, what = line.select.partition("=")
    return what if at == "1" else ""


def _width(line: LineLayout) -> int:
    return max((_end(column) for column in line.columns), default=0)


def _end(column: Column) -> int:
    return column.last or 0


def _bytes(text: str) -> int:
    return len(text.encode(GB18030, errors="replace"))
