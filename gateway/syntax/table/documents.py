"""Rows → documents and parts: what belongs together, and what a row must have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from gateway.findings import Finding, Findings, Place, Severity
from gateway.limits import (
    TABLE_ERRORS_MAX,
    TABLE_REGULAR_AFTER,
    TABLE_ROWS_HELD_MAX,
    TABLE_ROWS_MAX,
)
from gateway.syntax.record import Event, Group, Message, MessageEnd, MessageKind, Record
from gateway.syntax.table import faults
from gateway.syntax.table.headings import Headings
from gateway.syntax.table.layout import NOTHING_WRITTEN, ROW, Cells, letter
from gateway.syntax.table.regular import Regular, RowRun
from gateway.syntax.table.source import SheetRow

_SUMS = ("合计", "总计", "小计", "total", "grand total", "sum")
# Scopes of columns that may begin with a row: the document, the part, the line.
_BEGUN = ("DPL", "PL", "L")


class Documents:
    """One table in progress.

    grouped: whether the document has parts of its own, each told as a group with the row that
    began the document in the message; else all its rows are one group.
    """

    def __init__(
        self, headings: Headings, kind: MessageKind, grouped: bool, findings: Findings
    ) -> None:
        self._headings = headings
        self._columns = headings.layout.columns
        self._kind = kind
        self._grouped = grouped
        self._findings = findings
        self._document: list[str] = []
        self._part: list[str] = []
        self._held: list[Record] = []
        self._rows_held = 0
        self._empty: dict[int, Finding] = {}
        columns = list(enumerate(self._columns))
        present = headings.columns
        self._opening = {s: [n for n, c in columns if c.scope == s and c.opens] for s in "DP"}
        self._scoped = {s: [n for n, c in columns if c.scope == s and present[n]] for s in "DP"}
        # By the scopes that begin with a row: what must be filled then, and one of what.
        self._needed = {
            begun: [
                n
                for s in begun
                for n, c in columns
                if c.scope == s and c.need != "C" and present[n]
            ]
            for begun in _BEGUN
        }
        self._one_of = {
            begun: [g for g in headings.layout.one_of if self._columns[g[0]].scope in begun]
            for begun in _BEGUN
        }
        # The cells of a row that columns take; behind the last one stands "" for those without.
        self._pick = _picker([at - 1 for at in present])
        self._regular = Regular(headings)
        # A part that is a regular row, until the next row tells that it has no other.
        self._pending: RowRun | None = None
        self._no_sum = ""  # what began a row that is none

    def events(self, rows: Iterator[SheetRow]) -> Iterator[Event]:
        """Messages, groups and ends."""
        for count, row in enumerate(rows, 1):
            if count > TABLE_ROWS_MAX:
                place = _place(row, 0)
                self._findings.add(
                    faults.TOO_BIG.at(place, what="行数", what_en="rows", limit=TABLE_ROWS_MAX)
                )
                break
            if self._findings.errors > TABLE_ERRORS_MAX:
                place = _place(row, 0)
                self._findings.add(
                    faults.TOO_BIG.at(
                        place, what="错误数", what_en="errors", limit=TABLE_ERRORS_MAX
                    )
                )
                break
            if self._grouped and count > TABLE_REGULAR_AFTER and self._document:
                run = self._run(row)
                if run is not None:
                    if self._pending is not None:
                        yield Group(self._pending)
                    else:
                        yield from self._close()
                    self._pending = run
                    continue
            self._settle()
            if _is_sum(row.cells):
                self._findings.add(faults.SUM_ROW.at(_place(row, 1)))
                continue
            yield from self._row(row)
        yield from self._end()

    def _run(self, row: SheetRow) -> RowRun | None:
        """The part that a regular row is; None for other rows, and for those of the same part."""
        first = row.cells[0]
        if not first or (first != self._no_sum and _is_sum(row.cells)):
            return None
        self._no_sum = first
        pending = self._pending
        before = self._regular.opening(self._part) if pending is None else pending.opening
        return self._regular.part(row, before)

    def _settle(self) -> None:
        """Go on with a part that was thought to be a row alone."""
        run, self._pending = self._pending, None
        if run is not None:
            values = self._values(run.row)
            self._part = list(values)
            record = self._record(run.row, self._once(run.row, values, new=False, part=True))
            self._hold(run.row, record)

    def _row(self, row: SheetRow) -> Iterator[Event]:
        values = self._values(row)
        new = not self._document or self._changes("D", values, self._document)
        if new:
            yield from self._end()
            self._document = list(values)
            self._regular.begin(values)
        part = new or not self._part or (self._grouped and self._is_next_part(values))
        if part:
            yield from self._close()
            self._part = list(values)
        self._check(row, values, new, part)
        record = self._record(row, self._once(row, values, new, part))
        if new:
            # The header is read from the whole row, the first part from the same one.
            yield Message(self._kind, None, [record] if self._grouped else [])
        self._hold(row, record)

    def _is_next_part(self, values: list[str]) -> bool:
        return not self._opening["P"] or self._changes("P", values, self._part)

    def _changes(self, scope: str, values: list[str], before: list[str]) -> bool:
        """A filled opening column that says something else; blank means the same as above."""
        return any(values[n] and values[n] != before[n] for n in self._opening[scope])

    def _values(self, row: SheetRow) -> list[str]:
        cells = row.cells
        if len(cells) > self._headings.width:
            self._check_surplus(row)
        elif len(cells) < self._headings.width:
            cells = cells + [""] * (self._headings.width - len(cells))
        found = list(self._pick([*cells, ""]))
        if not NOTHING_WRITTEN.isdisjoint(found):
            found = ["" if text in NOTHING_WRITTEN else text for text in found]
        return found

    def _check_surplus(self, row: SheetRow) -> None:
        surplus = next(filter(None, row.cells[self._headings.width :]), None)
        if surplus is not None:
            place = _place(row, self._headings.width + 1)
            self._findings.add(faults.SURPLUS_CELLS.at(place, surplus))

    def _once(self, row: SheetRow, values: list[str], new: bool, part: bool) -> list[str]:
        """The values of a row without what the rows above have told of the same thing."""
        if new:
            return values
        kept = list(values)
        self._leave_out(row, kept, self._scoped["D"], self._document, fixed=self._grouped)
        if not part:
            self._leave_out(row, kept, self._scoped["P"], self._part, fixed=False)
        return kept

    def _leave_out(
        self, row: SheetRow, kept: list[str], columns: list[int], told: list[str], *, fixed: bool
    ) -> None:
        """Blank what is told; what was blank there counts here, unless it has left us (fixed)."""
        for n in columns:
            text = kept[n]
            if not text:
                continue
            if text != told[n]:
                if not told[n] and not fixed:
                    told[n] = text
                    continue
                column, place = self._columns[n], _place(row, self._headings.columns[n])
                self._findings.add(
                    faults.DIFFERS.at(place, told[n], zh=column.zh[0], en=column.en[0])
                )
            kept[n] = ""

    def _check(self, row: SheetRow, values: list[str], new: bool, part: bool) -> None:
        begun = "DPL" if new else "PL" if part else "L"
        for n in self._needed[begun]:
            if not values[n]:
                self._tell_empty(row, n)
        for group in self._one_of[begun]:
            if not any(values[n] for n in group):
                columns = [self._columns[n] for n in group]
                zh = "、".join(column.zh[0] for column in columns)
                en = ", ".join(column.en[0] for column in columns)
                self._findings.add(faults.NONE_OF.at(_place(row, 0), zh=zh, en=en))

    def _tell_empty(self, row: SheetRow, n: int) -> None:
        """Beyond what is kept, findings are only counted: one of each column will do."""
        told = self._empty.get(n) if self._findings.full else None
        if told is None:
            column = self._columns[n]
            severity = Severity.ERROR if column.need == "R" else Severity.WARNING
            place = _place(row, self._headings.columns[n])
            told = faults.EMPTY_CELL.at(place, "", severity, zh=column.zh[0], en=column.en[0])
            self._empty[n] = told
        self._findings.add(told)

    def _record(self, row: SheetRow, values: list[str]) -> Record:
        cells = Cells(values, self._headings.columns)
        return Record(ROW, cells, row.number, row.offset, row.number)

    def _hold(self, row: SheetRow, record: Record) -> None:
        self._rows_held += 1
        if self._rows_held > TABLE_ROWS_HELD_MAX:
            if self._rows_held == TABLE_ROWS_HELD_MAX + 1:
                self._findings.add(
                    faults.TOO_BIG.at(
                        _place(row, 0), what="一票的行数", what_en="rows of one part",
                        limit=TABLE_ROWS_HELD_MAX,
                    )
                )  # fmt: skip
            return
        self._held.append(record)
        for at, heading in self._headings.unknown:
            text = row.cells[at - 1].strip() if at <= len(row.cells) else ""
            if text:
                label = f"{ROW}/{heading.replace('/', ' ')[:60]}"
                cells = Cells([text], (at,))
                self._held.append(Record(label, cells, row.number, row.offset, row.number))

    def _close(self) -> Iterator[Event]:
        """The part that was held."""
        if self._pending is not None:
            yield Group(self._pending)
        elif self._held:
            yield Group(self._held)
        self._pending = None
        self._held, self._part, self._rows_held = [], [], 0

    def _end(self) -> Iterator[Event]:
        if not self._document:
            return
        yield from self._close()
        yield MessageEnd()
        self._document = []


def _place(row: SheetRow, column: int) -> Place:
    tag = letter(column) if column else None
    offset = row.offset if row.offset >= 0 else None
    return Place(row.number, tag, column or None, None, row.number, offset)


def _picker(indexes: list[int]) -> Callable[[list[str]], Sequence[str]]:
    """The texts at these places of a list, however many they are."""
    return itemgetter(*indexes) if len(indexes) > 1 else lambda row: [row[n] for n in indexes]


def _is_sum(cells: list[str]) -> bool:
    first = next((cell for cell in cells if cell.strip()), "")
    return first.strip().rstrip(":：").casefold() in _SUMS
