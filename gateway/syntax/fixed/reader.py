"""The reader of fixed columns: bytes → message, parts, end (formats.md 2.8 and 5).

A list of this kind is one message without envelope and without trailer.  Its lines are held (under
the limits of one part) and handed out part by part as the format's `split` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from gateway.findings import Findings
from gateway.limits import FLAT_PART_BYTES_MAX, RECORDS_PER_GROUP_MAX, SEGMENT_BYTES_MAX
from gateway.syntax.charset import UTF8_BOM, StreamDecoder
from gateway.syntax.fixed import faults
from gateway.syntax.fixed.cutting import Cutting, place_of
from gateway.syntax.fixed.layout import FixedLayout
from gateway.syntax.fixed.lines import Line, lines_of
from gateway.syntax.profile import Profile
from gateway.syntax.record import (
    Event,
    Grammar,
    Group,
    Interchange,
    Message,
    MessageEnd,
    MessageKind,
    Record,
)
from gateway.syntax.sniff import HEAD_BYTES, sniff

GrammarOf = Callable[[MessageKind], Grammar | None]


class FixedReader:
    """Iterate for events; `interchange` is whole at the end.

    Nothing in such a file says that it is whole: it counts as complete unless its last line has no
    line end and is too short to be one.
    """

    def __init__(
        self, chunks: Iterator[bytes], grammar: GrammarOf, profile: Profile, findings: Findings
    ) -> None:
        self.interchange = Interchange("fixed")
        self._chunks = chunks
        self._grammar = grammar
        self._decoder = StreamDecoder(profile.encoding)
        self._cutting = Cutting(self._decoder, findings)
        self._findings = findings
        self._bytes = 0
        self._cut_off = False

    def __iter__(self) -> Iterator[Event]:
        head = b""
        for chunk in self._chunks:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
        if head.startswith(UTF8_BOM):
            self._decoder.saw_bom()
        kind = MessageKind("fixed", sniff(head).name)
        grammar = self._grammar(kind)
        if grammar is None:
            return
        layout = grammar.layout
        if not isinstance(layout, FixedLayout):
            raise TypeError(f"{layout.name} is no layout of fixed columns")
        self.interchange.messages = 1
        records = self._records(chain((head,), self._chunks), layout)
        yield Message(kind, None, [record for record in records if record.label in layout.head])
        yield from self._parts(grammar, layout, [r for r in records if r.label not in layout.head])
        self.interchange.encoding = self._decoder.encoding
        self.interchange.complete = not self._cut_off
        yield MessageEnd([], complete=not self._cut_off)

    def _records(self, chunks: Iterator[bytes], layout: FixedLayout) -> list[Record]:
        found: list[Record] = []
        line: Line | None = None
        for line in lines_of(chunks):
            self._bytes += len(line.raw)
            if len(found) >= RECORDS_PER_GROUP_MAX or self._bytes > FLAT_PART_BYTES_MAX:
                place = place_of(line, "")
                self._findings.add(
                    faults.FILE_TOO_LONG.at(
                        place, lines=RECORDS_PER_GROUP_MAX, size=FLAT_PART_BYTES_MAX
                    )
                )
                self._cut_off = True
                break
            if line.long:
                self._findings.add(
                    faults.LINE_TOO_LONG.at(place_of(line, ""), limit=SEGMENT_BYTES_MAX)
                )
            else:
                found.append(self._record(line, layout))
        if line is not None and not self._cut_off:
            self._check_end(line, layout)
        self._check_head(found, layout)
        return found

    def _record(self, line: Line, layout: FixedLayout) -> Record:
        plain = line.raw.replace(b"\x00", b" ").expandtabs(8)
        for record in layout.records.values():
            if record.holds(plain, line.number):
                values = self._cutting.values(line, record.label, record.columns)
                return Record(record.label, values, line.number, line.offset, line.number)
        label = plain[:2].decode("ascii", "replace")
        text = self._cutting.text(line, label)
        self._findings.add(faults.UNKNOWN_LINE.at(place_of(line, label), text))
        return Record(label, [text], line.number, line.offset, line.number)

    def _check_head(self, found: list[Record], layout: FixedLayout) -> None:
        labels = {record.label for record in found}
        for label in sorted(layout.head - labels):
            line = layout.records[label]
            self._findings.add(faults.NO_HEAD.at(zh=line.zh, en=line.en))

    def _check_end(self, last: Line, layout: FixedLayout) -> None:
        """A last line without line end: a habit, or the place where the file was cut."""
        if last.ended:
            return
        kinds = [r for r in layout.records.values() if r.holds(last.raw, last.number)]
        least = min((kind.least for kind in kinds), default=3)
        label = kinds[0].label if kinds else last.raw[:2].decode("ascii", "replace")
        if len(last.raw) < least:
            self._cut_off = True
            shown = last.raw.decode("ascii", "backslashreplace")
            self._findings.add(faults.INCOMPLETE.at(place_of(last, label), shown))
        else:
            self._findings.add(faults.NO_LINE_END.at(place_of(last, label)))

    def _parts(
        self, grammar: Grammar, layout: FixedLayout, records: list[Record]
    ) -> Iterator[Group]:
        if grammar.split is None:
            raise TypeError(f"{layout.name}: a format of fixed columns says how its lines belong")
        for part in grammar.split(records, self._findings):
            for record in part:
                self._check_fields(record, layout)
            self._check_lines(part, layout)
            yield Group(part)

    def _check_fields(self, record: Record, layout: FixedLayout) -> None:
        for label, index, severity in layout.needed:
            if record.label == label and not record.values[index]:
                column = layout.records[label].columns[index]
                self._findings.add(
                    faults.MISSING_FIELD.at(
                        layout.place(record, index), "", severity,
                        first=column.first, zh=column.zh, name=column.name.replace("_", " "),
                    )
                )  # fmt: skip

    def _check_lines(self, part: list[Record], layout: FixedLayout) -> None:
        labels = {record.label for record in part}
        for label, severity in layout.required:
            if label not in labels:
                line, first = layout.records[label], part[0]
                keys = [first.values[i] for tag, i, _ in layout.needed if tag == first.label]
                self._findings.add(
                    faults.MISSING_LINE.at(
                        layout.place(first, 0), next(filter(None, keys), first.values[0]), severity,
                        tag=label, zh=line.zh, en=line.en,
                    )
                )  # fmt: skip
