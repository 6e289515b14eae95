"""The table reader: csv or xlsx → message, parts, end.

Which document a table holds is told by its headings.  A document ends where a column that opens
one changes; a part likewise.  What a column tells of the whole document counts once, in its first
row: people fill it down, or leave it blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from gateway.findings import Finding, Findings, Place
from gateway.limits import TABLE_HEADING_ROWS_MAX
from gateway.syntax.profile import Profile
from gateway.syntax.record import (
    Event,
    Grammar,
    Interchange,
    Message,
    MessageEnd,
    MessageKind,
)
from gateway.syntax.table import faults
from gateway.syntax.table.csv_rows import CsvSource
from gateway.syntax.table.documents import Documents
from gateway.syntax.table.headings import recognise, settle, unread
from gateway.syntax.table.layout import TableLayout
from gateway.syntax.table.source import Sheet, SheetRow, Source
from gateway.syntax.table.workbook import NOTES_SHEET, WorkbookSource, is_workbook

GrammarOf = Callable[[MessageKind], Grammar | None]


class TableReader:
    """Iterate for events; `interchange` is whole at the end.

    Nothing in a csv file says that it is whole: it counts as complete unless its last row was cut.
    """

    def __init__(
        self, chunks: Iterator[bytes], grammar: GrammarOf, profile: Profile, findings: Findings
    ) -> None:
        self.interchange = Interchange("table")
        self._chunks = iter(chunks)
        self._grammar = grammar
        self._profile = profile
        self._findings = findings

    def __iter__(self) -> Iterator[Event]:
        head = next(self._chunks, b"")
        # Enough to tell a workbook, and to see how csv rows are parted.
        while len(head) < 4096 and (more := next(self._chunks, b"")):
            head += more
        if is_workbook(head):
            source: Source = WorkbookSource(head, self._chunks, self._findings)
        else:
            source = CsvSource(head, self._chunks, self._profile, self._findings)
        yield from self._read(source)
        self.interchange.encoding = source.encoding
        self.interchange.complete = source.complete and self.interchange.messages > 0

    def _read(self, source: Source) -> Iterator[Event]:
        found = False
        refused: dict[str, Finding] = {}
        told = self._findings.errors
        for sheet in source.sheets():
            if found:
                if sheet.name != NOTES_SHEET:
                    self._findings.add(faults.OTHER_SHEET.at(value=sheet.name))
                continue
            first = list(islice(sheet.rows, TABLE_HEADING_ROWS_MAX))
            begin = _heading_row(first)
            if begin is None:
                continue
            at, layout = begin
            if unread(layout):
                refused[sheet.name] = _unread(layout, first[at])
                continue
            found = True
            rest = Sheet(sheet.name, chain(first[at + 1 :], sheet.rows))
            yield from self._sheet(first[at], layout, rest, source)
        self._findings.extend(
            faults.OTHER_SHEET.at(value=name) if found else refused[name] for name in refused
        )
        if not found and self._findings.errors == told:
            self._findings.add(faults.NO_HEADINGS.at(rows=TABLE_HEADING_ROWS_MAX))

    def _sheet(
        self, heading: SheetRow, layout: TableLayout, sheet: Sheet, source: Source
    ) -> Iterator[Event]:
        kind = MessageKind("table", layout.name)
        grammar = self._grammar(kind)
        if grammar is None:
            return
        if isinstance(grammar.layout, TableLayout):
            layout = grammar.layout
        headings = settle(layout, heading.cells, heading.number, self._findings)
        documents = Documents(headings, kind, bool(grammar.group_labels), self._findings)
        for event in documents.events(sheet.rows):
            if isinstance(event, Message):
                self.interchange.messages += 1
            elif isinstance(event, MessageEnd):
                event.complete = source.complete
            yield event
        if not self.interchange.messages:
            place = Place(heading.number, None, None, None, heading.number)
            self._findings.add(faults.NO_ROWS.at(place))


def _unread(layout: TableLayout, heading: SheetRow) -> Finding:
    place = Place(heading.number, None, None, None, heading.number)
    return faults.UNREAD.at(place, zh=layout.title_zh, en=layout.title_en)


def _heading_row(rows: list[SheetRow]) -> tuple[int, TableLayout] | None:
    """The first row whose cells are the headings of a known table."""
    for at, row in enumerate(rows):
        layout = recognise(row.cells)
        if layout is not None:
            return at, layout
    return None
