"""What both kinds of tables come down to: sheets of rows of texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class SheetRow(NamedTuple):
    """One row: its number in the file from 1, its texts, the byte where it begins or -1."""

    number: int
    cells: list[str]
    offset: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; csv files have one without a name."""

    name: str
    rows: Iterator[SheetRow]


class Source(Protocol):
    """An open table; `encoding` and `complete` hold at the end."""

    complete: bool

    @property
    def encoding(self) -> str | None:
        """What it was decoded with."""

    def sheets(self) -> Iterator[Sheet]:
        """The sheets in order; the rows of one are read before the next is asked for."""
