"""The message that is being read: its grammar, and the records of the part that is open."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import Findings
from gateway.limits import (
    FLAT_ODD_FIELDS_PER_PART_MAX,
    FLAT_PART_BYTES_MAX,
    RECORDS_PER_GROUP_MAX,
)
from gateway.syntax.charset import StreamDecoder
from gateway.syntax.flat import faults
from gateway.syntax.flat.assembly import Assembler
from gateway.syntax.flat.cutter import RawRecord
from gateway.syntax.flat.layout import FlatLayout
from gateway.syntax.flat.run import Run, Runs
from gateway.syntax.flat.shape import Shape, shapes_of
from gateway.syntax.flat.structure import Structure
from gateway.syntax.record import Event, Grammar, Group, Message, MessageKind, Record


class OpenMessage:
    """Collects records and hands out `Message` and `Group` when a part is whole.

    The first records (head, vessel) form the `Message`; a part is complete when the next one opens
    or the message ends.  A message without parts of its own is one group: all but its head.
    Where the grammar splits, all from the first opening record on is held to the end of the message
    and fields are checked part by part, so that each part tells of all records that it rests on.
    """

    def __init__(self, grammar: Grammar, kind: MessageKind, decoder: StreamDecoder) -> None:
        layout = grammar.layout
        if not isinstance(layout, FlatLayout):
            raise TypeError(f"{layout.name} is no flat layout")
        self.layout = layout
        self._structure = Structure(layout)
        self._message: Message | None = Message(kind, None)
        self._records: list[Record] = self._message.records
        self._split = grammar.split
        self._checked_later = False
        self._told_too_long = False
        self._bytes = 0
        self._odd = 0  # fields of unknown records and beyond the layout
        self.shapes = shapes_of(layout)
        # Ids as bytes: a part is closed before the record that opens the next one is decoded.
        self.opening = frozenset(label.encode("ascii") for label in grammar.group_labels)
        self.runs = Runs(layout, self.opening, decoder)
        # Those of parts that may be read at once.
        self.running = self.opening if grammar.split is None else frozenset[bytes]()
        self._between = False  # the last part came as a run, the next one has not begun

    def take(self, raw: RawRecord, shape: Shape, assembler: Assembler, findings: Findings) -> None:
        """A record of the layout: assemble it, keep it, check its fields."""
        record = assembler.assemble(raw, shape)
        self._bytes += len(raw[2])
        if len(record[1]) > shape.width:
            self._odd += len(record[1]) - shape.width
        if self._is_full():
            self._refuse(record, findings)
            return
        self._records.append(record)
        if self._checked_later:
            return
        for check in shape.checks:
            check(record, findings)

    def take_unknown(self, raw: RawRecord, assembler: Assembler, findings: Findings) -> None:
        """A record id that the layout does not have: kept raw in the open part, and told."""
        record = assembler.unknown(raw)
        self._bytes += len(raw.raw)
        self._odd += len(record.values)
        if self._is_full():
            self._refuse(record, findings)
        else:
            self._records.append(record)

    def _is_full(self) -> bool:
        return (
            self._bytes > FLAT_PART_BYTES_MAX
            or self._odd > FLAT_ODD_FIELDS_PER_PART_MAX
            or len(self._records) >= RECORDS_PER_GROUP_MAX
        )

    def _refuse(self, record: Record, findings: Findings) -> None:
        """The part is held in memory, so it has a limit; told once."""
        if not self._told_too_long:
            self._told_too_long = True
            findings.add(
                faults.GROUP_TOO_LONG.at(
                    self.layout.place(record, 0),
                    records=RECORDS_PER_GROUP_MAX,
                    size=FLAT_PART_BYTES_MAX,
                    odd=FLAT_ODD_FIELDS_PER_PART_MAX,
                )
            )

    def next_part(self, findings: Findings, whole: bool = True) -> Iterator[Event]:
        """The open part (or the head) is at its end; a new one begins.

        whole: False where the data ended inside the part, so that nothing can be called missing.
        """
        if not self._between:
            yield from self._closed(findings, whole)
        self._between = self._told_too_long = False
        self._bytes = self._odd = 0
        self._records = []

    def whole_part(self, run: Run, findings: Findings) -> Iterator[Event]:
        """A part that was read at once, after what was open before it."""
        yield from self.next_part(findings)
        self._between = True
        yield Group(run)

    def close(self, findings: Findings, whole: bool = True) -> Iterator[Event]:
        """What is still open, at the end of the message."""
        if self._message is not None or self._records:
            yield from self.next_part(findings, whole)

    def _closed(self, findings: Findings, whole: bool) -> Iterator[Event]:
        if self._message is not None:
            message, self._message = self._message, None
            if self.opening and whole:
                self._structure.check_head(message.records, findings)
            if self._split is not None:
                self.opening, self._checked_later = frozenset(), True
            yield message
        elif self._split is not None:
            for records in self._split(self._records, findings):
                self._check(records, findings)
                yield self._group(records, findings, whole)
        else:
            yield self._group(self._records, findings, whole)

    def _check(self, records: list[Record], findings: Findings) -> None:
        """The field checks that were put off until it was known whose records these are."""
        for record in records:
            shape = self.shapes.get(record.label.encode("utf-8"))
            for check in shape.checks if shape else ():
                check(record, findings)

    def _group(self, records: list[Record], findings: Findings, whole: bool) -> Group:
        if whole:
            self._structure.check_part(records, findings)
        return Group(records)
