"""Parts of which nothing can be told, read at once.

A part is read as a run where each of its records is faultless by itself, their order lacks nothing
and their links hold.  Runs say yes or nothing at all: a part that is no run is read record by
record, and explained there.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import Findings
from gateway.limits import (
    FLAT_ORDERS_MAX,
    FLAT_RECORD_REMEMBERED_BYTES_MAX,
    FLAT_RECORDS_REMEMBERED_MAX,
    FLAT_RUN_RECORDS_MAX,
    FLAT_RUNS_FAILED_MAX,
    RECORDS_PER_FILE_MAX,
)
from gateway.syntax.charset import StreamDecoder
from gateway.syntax.flat.assembly import Assembler
from gateway.syntax.flat.cutter import Block, Cut, RawRecord
from gateway.syntax.flat.layout import FieldKey, FlatLayout
from gateway.syntax.flat.shape import shapes_of
from gateway.syntax.flat.structure import Structure
from gateway.syntax.record import Record, RecordRun

Values = tuple[str, ...]
# What `RawRecord(...)` comes to, without the detour over its arguments.
_new = tuple.__new__


class Run(RecordRun):
    """The records of a part, made when somebody asks for them."""

    __slots__ = ("_place", "_records")

    def __init__(
        self, labels: tuple[str, ...], values: list[Values], place: tuple[Block, int, int]
    ) -> None:
        """place: the block, the index of the first record there, and its ordinal."""
        self.labels = labels
        self.values = values
        self._place = place
        self._records: list[Record] = []

    def records(self) -> list[Record]:
        if not self._records:
            block, at, ordinal = self._place
            pairs = zip(self.labels, self.values, strict=True)
            for n, (label, values) in enumerate(pairs):
                raw = block.record(at + n)
                record = Record(label, list(values), ordinal + n, raw.offset, raw.line)
                self._records.append(record)
        return self._records


class Order:
    """Labels of a part: whether none is missing, and its links.

    A link is record and index of the field that points, and those of all that it may point to.
    """

    __slots__ = ("complete", "labels", "links", "summed")

    def __init__(self, layout: FlatLayout, labels: tuple[str, ...]) -> None:
        self.labels = labels
        present = set(labels)
        self.complete = not any(present.isdisjoint(r.labels) for r in layout.required_part)
        self.summed = any({a.label, b.label} <= present for a, b in layout.sums)
        self.links = tuple(
            (n, source.index, named)
            for source, target in layout.links
            if (named := tuple(_of(labels, target)))
            for n, _ in _of(labels, source)
        )

    def holds(self, values: list[Values]) -> bool:
        """Whether every link is empty or names its target in the same words."""
        for n, index, named in self.links:
            pointed = values[n][index]
            if pointed and pointed not in [values[m][at] for m, at in named]:
                return False
        return True


def _of(labels: tuple[str, ...], key: FieldKey) -> Iterator[tuple[int, int]]:
    """(record, index) of a field in every record that has it."""
    return ((n, key.index) for n, label in enumerate(labels) if label == key.label)


class Runs:
    """The runs of one layout in one file."""

    def __init__(
        self, layout: FlatLayout, opening: frozenset[bytes], decoder: StreamDecoder
    ) -> None:
        """opening: ids of the records that open a part."""
        self.layout = layout
        self._shapes = shapes_of(layout)
        self._structure = Structure(layout)
        # What is found here is found again, and told, record by record.
        self._findings = Findings(keep_max=0)
        self._assembler = Assembler(decoder, self._findings)
        self._stops = opening | {b"00", b"99"}
        self._known: dict[bytes, Values] = {}
        self._orders: dict[tuple[str, ...], Order] = {}
        # A sender who does one thing wrong does it in every part: tried now and then.
        self._failed = 0
        self._waiting = 0

    def run(self, block: Block, at: int, ordinal: int) -> Run | None:
        """The part that begins there; None where it must be read record by record."""
        if self._waiting:
            self._waiting -= 1
            return None
        run = self._tried(block, at, ordinal)
        self._failed = 0 if run is not None else self._failed + 1
        if self._failed > FLAT_RUNS_FAILED_MAX:
            self._waiting = FLAT_RUNS_FAILED_MAX
        return run

    def _tried(self, block: Block, at: int, ordinal: int) -> Run | None:
        values = self._values(block.texts, at)
        if values is None or ordinal > RECORDS_PER_FILE_MAX - FLAT_RUN_RECORDS_MAX:
            return None
        labels = tuple([each[0] for each in values])
        order = self._orders.get(labels) or self._order(labels)
        if not order.complete or (order.links and not order.holds(values)):
            return None
        if order.summed and not self._adds_up(labels, values):
            return None
        return Run(order.labels, values, (block, at, ordinal))

    def break_off(self, block: Block, at: int) -> bool:
        """Whether the end of the part that begins there is not at hand, but may be near."""
        if self._waiting or at + FLAT_RUN_RECORDS_MAX <= len(block.texts):
            return False
        return not any(text[:2] in self._stops for text in block.texts[at + 1 :])

    def _values(self, texts: list[bytes], at: int) -> list[Values] | None:
        """The values of all records of the part; None where its end is not at hand."""
        known, stops = self._known.get, self._stops
        values: list[Values] = []
        for text in texts[at : at + FLAT_RUN_RECORDS_MAX]:
            if values and text[:2] in stops:
                return values
            read = known(text) or self._read(text)
            if read is None:
                return None
            values.append(read)
        return None

    def _read(self, text: bytes) -> Values | None:
        """The values of a record, remembered for others that are the same; None for odd ones."""
        shape = self._shapes.get(text[:2])
        if shape is None:
            return None
        told = self._findings.total
        record = self._assembler.assemble(_new(RawRecord, (0, 0, text, Cut.WHOLE)), shape)
        for check in shape.checks:
            check(record, self._findings)
        values = tuple(record.values)
        if self._findings.total != told or values[0] != shape.label:
            return None
        if len(text) <= FLAT_RECORD_REMEMBERED_BYTES_MAX:
            if len(self._known) >= FLAT_RECORDS_REMEMBERED_MAX:
                self._known.clear()
            self._known[text] = values
        return values

    def _order(self, labels: tuple[str, ...]) -> Order:
        if len(self._orders) >= FLAT_ORDERS_MAX:
            self._orders.clear()
        order = self._orders[labels] = Order(self.layout, labels)
        return order

    def _adds_up(self, labels: tuple[str, ...], values: list[Values]) -> bool:
        told = self._findings.total
        records = [Record(*each, 0, 0, 0) for each in zip(labels, values, strict=True)]
        self._structure.check_part(records, self._findings)
        return self._findings.total == told
