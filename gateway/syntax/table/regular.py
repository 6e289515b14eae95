"""Rows as nearly all are: a part each, what they tell of the document filled down or left blank.

A row is regular where nothing can be told about it: then its cells alone are its part.  What is
not regular is read by `documents`, and explained there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

from gateway.syntax.record import Record, RecordRun
from gateway.syntax.table.headings import Headings
from gateway.syntax.table.layout import NOTHING_WRITTEN, ROW, Cells, narrowed
from gateway.syntax.table.source import SheetRow

Texts = tuple[str, ...]
_LABELS = (ROW,)


class Regular:
    """What is looked at in the rows under one row of headings."""

    def __init__(self, headings: Headings) -> None:
        self.headings = headings
        columns = list(zip(headings.layout.columns, headings.columns, strict=True))
        found = [(n, column) for n, (column, at) in enumerate(columns) if at]
        self._told = tuple(n for n, column in found if column.scope == "D")
        self._own = tuple(n for n, column in found if column.scope != "D")
        self._opening = tuple(n for n in self._own if columns[n][0].opens)
        self._opens_always = not any(c.opens and c.scope == "P" for c, _ in columns)
        self._blank = self._filled = ("",) * len(self._told)
        self._pick_told = self._picker(self._told)
        self._pick_own = self._picker(self._own)
        self._pick_opening = self._picker(self._opening)
        self._pick_needed = self._picker([n for n in self._own if columns[n][0].need != "C"])
        groups = [g for g in headings.layout.one_of if columns[g[0]][0].scope != "D"]
        self._one_of = [self._picker([n for n in g if n in self._own]) for g in groups]
        self._lacking = not all(any(n in self._own for n in group) for group in groups)
        self._unknown = [at - 1 for at, _ in headings.unknown]
        self.layout = narrowed(headings.layout, self._own)

    def _picker(self, indexes: Sequence[int]) -> Callable[[list[str]], Texts]:
        """The texts of a row in these columns of the layout."""
        at = [self.headings.columns[n] - 1 for n in indexes]
        if len(at) > 1:
            return itemgetter(*at)
        return lambda cells: tuple([cells[n] for n in at])

    def begin(self, document: Sequence[str]) -> None:
        """A document begins; these are the values of its first row."""
        self._filled = tuple(document[n] for n in self._told)

    def opening(self, values: Sequence[str]) -> Texts:
        """What a part has in the columns that open one."""
        return tuple(values[n] for n in self._opening)

    def part(self, row: SheetRow, before: Texts) -> RowRun | None:
        """The row as a part of its own; None for one that is not regular.

        before: what the part before it has in the columns that open one.
        """
        cells = row.cells
        if len(cells) != self.headings.width:
            return None
        told = self._pick_told(cells)
        if told not in (self._filled, self._blank):
            return None
        opening = self._pick_opening(cells)
        if not self._opens_always and (
            opening == before or ("" in opening and not any(map(_differs, opening, before)))
        ):
            return None
        own = self._pick_own(cells)
        unknown = self._unknown
        if not NOTHING_WRITTEN.isdisjoint(own) or (unknown and any(cells[n] for n in unknown)):
            return None
        # Where every column is filled, so are those that must be.
        if ("" in own or self._lacking) and not self._suffices(cells):
            return None
        return RowRun(self, row, own, opening)

    def _suffices(self, cells: list[str]) -> bool:
        """Whether the row has what it must have."""
        return "" not in self._pick_needed(cells) and all(any(pick(cells)) for pick in self._one_of)

    def record(self, row: SheetRow, own: Texts) -> Record:
        """The record of a part, with every column of the layout."""
        values = [""] * len(self.headings.columns)
        for n, text in zip(self._own, own, strict=True):
            values[n] = text
        cells = Cells(values, self.headings.columns)
        return Record(ROW, cells, row.number, row.offset, row.number)


class RowRun(RecordRun):
    """A part that is one regular row; `opening` is what it has in the columns that open one."""

    __slots__ = ("_regular", "layout", "opening", "row")

    def __init__(self, regular: Regular, row: SheetRow, own: Texts, opening: Texts) -> None:
        self.labels = _LABELS
        self.values = (own,)
        self.layout = regular.layout
        self.opening = opening
        self.row = row
        self._regular = regular

    def records(self) -> list[Record]:
        return [self._regular.record(self.row, self.values[0])]


def _differs(text: str, before: str) -> bool:
    return bool(text) and text != before
