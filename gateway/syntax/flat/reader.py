"""The flat reader: bytes → message, parts, end; with every fault of the syntax as a finding.

Tolerances are those of formats.md 10.  One part (a bill with its records) is held at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gateway.findings import Findings, Place
from gateway.limits import RECORDS_PER_FILE_MAX, SEGMENT_BYTES_MAX
from gateway.syntax.charset import StreamDecoder
from gateway.syntax.flat import faults, head
from gateway.syntax.flat.assembly import Assembler
from gateway.syntax.flat.cutter import Block, Cut, Cutter, RawRecord
from gateway.syntax.flat.escape import split
from gateway.syntax.flat.message import OpenMessage
from gateway.syntax.profile import Profile
from gateway.syntax.record import Event, Grammar, Interchange, MessageEnd, MessageKind, Record

_FRAME = frozenset({b"00", b"99"})

GrammarOf = Callable[[MessageKind], Grammar | None]


class FlatReader:
    """Iterate for events; `interchange` is filled on the way and whole at the end.

    grammar: what a message kind looks like; for one that it does not know (None) no events are
    yielded, and saying so is the business of whoever asked.  The records before the first part
    travel in `Message`, the trailer in `MessageEnd`.  A `Group` is yielded before anything is found
    about the next one.
    """

    def __init__(
        self, chunks: Iterator[bytes], grammar: GrammarOf, profile: Profile, findings: Findings
    ) -> None:
        self.interchange = Interchange("flat")
        self._cutter = Cutter(chunks)
        self._decoder = StreamDecoder(profile.encoding)
        self._assembler = Assembler(self._decoder, findings)
        self._grammar = grammar
        self._excused = profile.trailer == "absent"
        self._findings = findings
        self._message: OpenMessage | None = None
        self._heads = 0
        self._begun = 0  # ordinal of the last 00
        self._ended = False  # the last message had its 99; only a 00 may follow
        self._stopped = False  # the file is too long, the rest is not looked at
        self._cut_off = False  # the data ends inside a record, or reading was stopped
        self._trailer_missing = False

    def __iter__(self) -> Iterator[Event]:
        for block in self._cutter.blocks():
            yield from self._read(block)
            if self._stopped:
                break
        yield from self._finish()

    def _read(self, block: Block) -> Iterator[Event]:
        """The records of a block; a part that may go on is cut again with what follows."""
        texts, at = block.texts, 0
        while at < len(texts) and not self._stopped:
            message = self._message
            if message is not None and texts[at][:2] in message.running and block.regular:
                run = message.runs.run(block, at, self._assembler.ordinal + 1)
                if run is not None:
                    yield from message.whole_part(run, self._findings)
                    self._assembler.ordinal += len(run)
                    at += len(run)
                    continue
                if message.runs.break_off(block, at) and self._cutter.cut_again(block, at):
                    return
            raw = block.record(at)
            yield from self._take(raw)
            at += 1
            if self._assembler.ordinal >= RECORDS_PER_FILE_MAX:
                # More records than anybody's.
                self._assembler.report(faults.FILE_TOO_LONG, raw, limit=RECORDS_PER_FILE_MAX)
                self._cut_off = self._stopped = True

    def _take(self, raw: RawRecord) -> Iterable[Event]:
        """One record; nothing comes of most."""
        self._assembler.ordinal += 1
        message, label = self._message, raw.raw[:2]
        if message is None or raw.cut or label in _FRAME:
            return self._take_odd(raw)
        if label in message.opening:
            return self._take_whole(message, raw)
        shape = message.shapes.get(label)
        if shape is None:
            message.take_unknown(raw, self._assembler, self._findings)
        else:
            message.take(raw, shape, self._assembler, self._findings)
        return ()

    def _take_odd(self, raw: RawRecord) -> Iterator[Event]:
        """Head, trailer, records of no message, records that did not end as they should."""
        if self._heads == 0 and self._cutter.bom:
            self._decoder.saw_bom()
        if raw.cut and not self._is_readable(raw):
            return
        label = raw.raw[:2].decode("ascii", "replace")
        report = self._assembler.report
        if label == "00":
            yield from self._begin(raw)
        elif self._heads == 0:
            report(faults.NO_HEAD, raw, self._assembler.text(raw))
        elif self._ended:
            report(faults.AFTER_TRAILER, raw, self._assembler.text(raw))
        elif label == "99":
            yield from self._end(raw)
        elif self._message is not None:
            yield from self._take_whole(self._message, raw)

    def _take_whole(self, message: OpenMessage, raw: RawRecord) -> Iterator[Event]:
        """A record that may open a part, or whose end was released: read like any other."""
        shape = message.shapes.get(raw.raw[:2])
        if shape is None:
            message.take_unknown(raw, self._assembler, self._findings)
            return
        if raw.raw[:2] in message.opening:
            yield from message.next_part(self._findings)
        message.take(raw, shape, self._assembler, self._findings)

    def _is_readable(self, raw: RawRecord) -> bool:
        """A record that did not end as it should: report it; whether it is read all the same."""
        report = self._assembler.report
        if raw.cut == Cut.RELEASED:
            report(faults.RELEASED_END, raw)
            return True
        if raw.cut == Cut.OVERLONG:
            report(faults.RECORD_TOO_LONG, raw, limit=SEGMENT_BYTES_MAX)
        elif raw.cut == Cut.JUNK:
            report(faults.DATA_AFTER_END, raw, self._assembler.text(raw))
        else:
            self._cut_off = True
            if self._heads == 0 and raw.raw[:2] != b"00":
                report(faults.NO_HEAD, raw, self._assembler.text(raw))
            report(faults.INCOMPLETE_RECORD, raw, self._assembler.text(raw))
        return False

    def _begin(self, raw: RawRecord) -> Iterator[Event]:
        """Record 00: close what is open, find out what this one is."""
        if self._heads and not self._ended:
            yield from self._close_without_trailer(raw.offset, raw.line)
        self._heads += 1
        self._ended, self._begun = False, self._assembler.ordinal
        values = split(self._assembler.text(raw))
        if self._heads == 1:
            head.fill(self.interchange, values)
        elif self._heads == 2:
            self._assembler.report(faults.ANOTHER_HEAD, raw)
        kind = head.kind_of(values)
        self._findings.stand(Place(self._begun, "00", 2, None, raw.line, raw.offset))
        grammar = self._grammar(kind)
        if grammar is None:
            return
        self.interchange.messages += 1
        self._message = message = OpenMessage(grammar, kind, self._decoder)
        message.take(raw, message.shapes[b"00"], self._assembler, self._findings)
        if not message.opening:
            yield from message.next_part(self._findings)

    def _end(self, raw: RawRecord) -> Iterator[Event]:
        """Record 99: the last part, the count, the end of the message."""
        message, self._message = self._message, None
        self._ended = True
        if message is not None:
            yield from message.close(self._findings)
        values = split(self._assembler.text(raw))
        ordinal = self._assembler.ordinal
        record = Record("99", values, ordinal, raw.offset, raw.line)
        head.check_count(record, ordinal - self._begun + 1, self._findings)
        if message is not None:
            yield MessageEnd([record], complete=True)

    def _close_without_trailer(self, offset: int, line: int) -> Iterator[Event]:
        """The message ends here without a record 99: excused by the profile, else INCOMPLETE."""
        message, self._message = self._message, None
        excused = self._excused and not self._cut_off
        if message is not None:
            yield from message.close(self._findings, whole=not self._cut_off)
        if not excused:
            self._trailer_missing = True
            if not self._cut_off:
                place = Place(self._assembler.ordinal, "99", None, None, line, offset)
                self._findings.add(faults.INCOMPLETE_NO_TRAILER.at(place))
        if message is not None:
            yield MessageEnd([], complete=excused)

    def _finish(self) -> Iterator[Event]:
        if self._heads and not self._ended:
            yield from self._close_without_trailer(*self._cutter.end)
        self.interchange.encoding = self._decoder.encoding
        self.interchange.complete = bool(
            self._heads and not self._cut_off and not self._trailer_missing
        )
