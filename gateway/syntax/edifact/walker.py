"""Segment by segment: one dictionary step and one `fullmatch` each, everything checked.

Whatever does not fit (service segments, released characters, faults) goes through `_unusual`, which
explains.  `reader.py` lets runs of a shape that was walked before go past all this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from gateway.findings import Findings, Place, Severity
from gateway.limits import (
    CHUNK_BYTES,
    EDIFACT_MESSAGE_REPORTS_MAX,
    EDIFACT_SEGMENTS_REMEMBERED_MAX,
    MESSAGES_PER_INTERCHANGE_MAX,
    RECORDS_PER_GROUP_MAX,
)
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.envelope import SERVICE, Envelope, Values
from gateway.syntax.edifact.explain import Explainer, unknown_values
from gateway.syntax.edifact.kinds import Kinds
from gateway.syntax.edifact.layout import SegmentLayout
from gateway.syntax.edifact.outside import Outside
from gateway.syntax.edifact.parts import Parts
from gateway.syntax.edifact.pattern import segment_pattern
from gateway.syntax.edifact.report import MessageReport, Relay
from gateway.syntax.edifact.segments import Placed, SegmentStream
from gateway.syntax.edifact.separators import collapse
from gateway.syntax.edifact.shapes import Run
from gateway.syntax.edifact.structure import Move, State, Structure
from gateway.syntax.edifact.totals import wrong_totals
from gateway.syntax.profile import Profile
from gateway.syntax.record import Event, Grammar, Message, MessageEnd, MessageKind, Record

NOISE = " \t\r\n\0\x1a\u3000"
TAG = re.compile(r"[A-Z][A-Z0-9]{2}(?=[+:]|$)")
SERVICE_TAGS = frozenset({"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})
OUTSIDE = State(None, None)
# UN 0062 is an..14.
_REFERENCE_CHARACTERS_MAX = 14
# Kinds of messages whose UNH is remembered; a file has one or two.
_KINDS_MAX = 16


class Walker:
    """The state of one file between two segments, and the steps from one to the next."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        grammar: Callable[[MessageKind], Grammar | None],
        profile: Profile,
        findings: Findings,
        block_bytes: int = CHUNK_BYTES,
    ) -> None:
        self._findings = Relay(findings)
        self._stream = SegmentStream(chunks, profile.encoding, self._findings, block_bytes)
        self._envelope = Envelope(profile, self._findings)
        self._excused = profile.trailer == "absent"
        separators = self._stream.separators
        self._separators = separators
        self._mark = separators.decimal
        self._explainer = Explainer(
            separators, self._findings, self._stream.once, self._stream.charset.width
        )
        self._kinds = Kinds(grammar, self._mark, self._findings)
        self._outside = Outside(self._envelope, separators, self._findings, self._stream.once)
        self._parts = Parts()
        # Segments come again and again (ports, parties, times); faultless ones are read once.
        self._memo: dict[str, Values] = {}
        self._memo_of: Structure | None = None
        self._patterns = {tag: segment_pattern(SERVICE, tag, self._mark) for tag in SERVICE_TAGS}
        # What follows the reference in UNH → its values.
        self._announced: dict[str, Values] = {}
        self.message_reports: list[MessageReport] = []
        self._stopped = False
        self._broken = False
        self._ordinal = 0
        self._line = 1
        self._state: State = OUTSIDE
        self._structure: Structure | None = None
        self._severity: Severity | None = None
        self._counts: list[int] = [0]
        self._opened: Record | None = None
        self._errors_before = 0

    # The hot loop; every call in it was measured.
    def _walk(  # noqa: C901, PLR0912
        self, placed: Iterable[Placed], *, marked: bool
    ) -> Iterator[Event]:
        """Segment by segment; marked: some may hold placeholders.  Locals carry what it touches."""
        state, records, counts = self._state, self._settled(), self._counts
        ordinal = self._ordinal
        new = tuple.__new__
        line = self._line
        memo = self._memo
        if len(memo) > EDIFACT_SEGMENTS_REMEMBERED_MAX:
            memo.clear()
        for text, offset, line in placed:
            ordinal += 1
            move = state[text[:3]]
            if move is None:
                self._state, self._ordinal = state, ordinal
                if text[:4] == "UNT+" and self._opened is not None:
                    yield from self._end_message(text, offset, line)
                elif text[:4] == "UNH+" and self._opened is None:
                    yield from self._begin_message(text, offset, line)
                else:
                    yield from self._unusual(text, offset, line)
                if self._stopped:
                    return
                state, records, counts = self._state, self._parts.records, self._counts
                ordinal = self._ordinal
                continue
            state, label, fullmatch, cut, again, limit, first, missing = move
            values = memo.get(text)
            if values is None:
                if marked and not text.isprintable():
                    values = self._values(move, text, (ordinal, offset, line))
                elif (found := fullmatch(text)) is None:
                    values = self._explained(label, text, (ordinal, offset, line))
                else:
                    values = memo[text] = found.groups("")
            if again:
                counts[again] = count = counts[again] + 1
                if count == limit:
                    self._too_many(label, limit, _place(label, ordinal, offset, line))
            else:
                counts[first] = 1
            if missing:
                self._missing(missing, _place(label, ordinal, offset, line))
            if cut:
                yield from self._cut(cut)
                records = self._parts.records
            records.append(new(Record, (label, values, ordinal, offset, line)))
        self._state, self._ordinal, self._line = state, ordinal, line

    def _settled(self) -> list[Record]:
        """The records in hand one by one, counters up to date, where a run came before."""
        run = self._parts.run
        if run is not None:
            self._counted(run)
        return self._parts.loose()

    def _counted(self, run: Run) -> None:
        for slot, count in run.shape.counts.items():
            self._counts[slot] = count

    def _check_group_size(self) -> None:
        if len(self._parts.records) > RECORDS_PER_GROUP_MAX and not self._stopped:
            first = self._parts.records[0]
            place = Place(first.ordinal, first.label[-3:], line=first.line, offset=first.offset)
            self._findings.add(faults.GROUP_SIZE.at(place, maximum=RECORDS_PER_GROUP_MAX))
            self._stopped = True

    # --- one segment, the long way ------------------------------------------------------------

    def _unusual(self, text: str, offset: int, line: int) -> Iterator[Event]:
        """Noise in front, service segments, released characters, faults of structure."""
        body = text.lstrip(NOISE)
        if body is not text and body != text:
            if text[: len(text) - len(body)].strip("\r\n") and self._stream.once("stray"):
                self._findings.add(faults.STRAY.at(Place(self._ordinal, line=line, offset=offset)))
            offset += len(text) - len(body)
        if not body:
            self._ordinal -= 1
            return
        body = self._mended(body, Place(self._ordinal, line=line, offset=offset))
        self._line = line
        place = Place(self._ordinal, body[:3], line=line, offset=offset)
        if not TAG.match(body):
            self._outside.bad_tag(body, place)
        elif body[:3] in SERVICE_TAGS:
            yield from self._service(body, place)
        elif self._opened is None:
            self._outside.segment(place)
        elif self._structure is not None:
            yield from self._segment(body, place)

    def _mended(self, body: str, place: Place) -> str:
        """A tag that a line break cuts, whole again."""
        head, plus, tail = body.partition("+")
        if len(head) > 3 and ("\n" in head or "\r" in head):
            if self._stream.once("wrapped"):
                self._findings.add(faults.WRAPPED.at(place))
            return head.replace("\r", "").replace("\n", "") + plus + tail
        return body

    def _segment(self, body: str, place: Place) -> Iterator[Event]:
        """A segment of a message that is read, at its place or not."""
        structure = self._structure
        if structure is None:
            return
        tag = body[:3]
        before = self._state
        move = before[tag] or self._displaced(structure, tag, place)
        spot = (self._ordinal, place.offset or 0, place.line or 0)
        if move is None:
            label = structure.fallback_label(tag) or tag
            self._parts.records.append(Record(label, self._explained(label, body, spot), *spot))
            return
        values = self._values(move, body, spot)
        if move.again:
            self._counts[move.again] += 1
            if self._counts[move.again] == move.limit:
                self._too_many(move.label, move.limit, place)
        else:
            self._counts[move.first] = 1
        self._missing(move.missing, place)
        if move.cut:
            yield from self._cut(move.cut)
        self._state = move.state
        self._parts.records.append(Record(move.label, values, *spot))

    def _displaced(self, structure: Structure, tag: str, place: Place) -> Move | None:
        """Report a segment that cannot stand here; the move to where it belongs, if anywhere."""
        layout = structure.layout
        last = self._parts.records[-1].label[-3:] if self._parts.records else "UNH"
        if structure.fallback_label(tag) is None:
            self._findings.add(
                faults.UNKNOWN_SEGMENT.at(
                    place, None, self._severity,
                    tag=tag, message=layout.name, directory=layout.version,
                )
            )  # fmt: skip
            return None
        self._findings.add(faults.MISPLACED.at(place, None, self._severity, tag=tag, after=last))
        return structure.misplaced(self._state, tag)

    def _values(self, move: Move, body: str, spot: tuple[int, int, int]) -> Values:
        """Released characters go through the pattern as placeholders and come back as values."""
        collapsed = collapse(body)
        found = move.fullmatch(collapsed)
        if found is None:
            return self._explained(move.label, body, spot)
        restored = self._separators.restored
        return tuple([v if v.isprintable() else restored(v) for v in found.groups("")])

    def _explained(self, label: str, text: str, spot: tuple[int, int, int]) -> Values:
        """The values of a segment that its pattern refused; ordinal, offset, line."""
        tag = label.rsplit("/", 1)[-1]
        layout = self._structure.layout if self._structure else SERVICE
        segment = layout.segment(tag) or SERVICE.segment(tag) or SegmentLayout(tag, ())
        explainer = self._explainer
        explainer.ordinal, explainer.offset, explainer.line = spot
        if not TAG.match(text):
            place = Place(spot[0], line=spot[2], offset=spot[1])
            self._findings.add(faults.BAD_TAG.at(place, re.split("[+:]", text, maxsplit=1)[0]))
        if not segment.elements:
            return unknown_values(text, self._separators.restored)
        return explainer.values(segment, text)

    def _too_many(self, label: str, limit: int, place: Place) -> None:
        self._findings.add(faults.TOO_MANY.at(place, label=label, maximum=limit - 1))

    def _missing(self, labels: tuple[str, ...], place: Place) -> None:
        for label in labels:
            self._findings.add(
                faults.MISSING.at(place, None, self._severity, label=label, tag=place.tag)
            )

    # --- groups and messages ------------------------------------------------------------------

    def _cut(self, cut: int) -> Iterator[Event]:
        self._check_group_size()
        if not self._stopped:
            yield from self._parts.cut(cut)

    def _service(self, body: str, place: Place) -> Iterator[Event]:
        tag = body[:3]
        offset, line = place.offset or 0, place.line or 0
        if tag == "UNH":
            yield from self._begin_message(body, offset, line)
        elif tag == "UNT":
            yield from self._end_message(body, offset, line)
        else:
            yield from self._abandon(place)
            self._outside.reset()
            values = self._service_values(tag, body, (self._ordinal, offset, line))
            self._envelope.handlers()[tag](values, place)

    def _service_values(self, tag: str, body: str, spot: tuple[int, int, int]) -> Values:
        """The values of a service segment."""
        found = self._patterns[tag].fullmatch(body) if body.isprintable() else None
        if found:
            return found.groups("")
        segment = SERVICE.segment(tag)
        explainer = self._explainer
        explainer.ordinal, explainer.offset, explainer.line = spot
        return explainer.values(segment, body) if segment else ()

    def _opening(self, text: str, spot: tuple[int, int, int]) -> Values:
        """The values of UNH: all but its reference is mostly what it was before."""
        reference, _, announced = text[4:].partition("+")
        known = self._announced.get(announced)
        plain = reference.isascii() and reference.isalnum()
        if known is not None and plain and len(reference) <= _REFERENCE_CHARACTERS_MAX:
            return (reference, *known)
        found = self._patterns["UNH"].fullmatch(text) if text.isprintable() else None
        if found is None:
            return self._service_values("UNH", text, spot)
        values = found.groups("")
        if len(self._announced) < _KINDS_MAX:
            self._announced[announced] = values[1:]
        return values

    def _begin_message(self, text: str, offset: int, line: int) -> Iterator[Event]:
        """UNH: the structure of its kind, from now on the state."""
        if self._opened is not None:
            yield from self._abandon(Place(self._ordinal, "UNH", line=line, offset=offset))
        announced = self._begin(text, offset, line)
        if announced is not None:
            yield announced

    def _begin(self, text: str, offset: int, line: int) -> Message | None:
        """UNH where no message is open; gives the message at once if it is not read."""
        place = Place(self._ordinal, "UNH", None, None, line, offset)
        if self._envelope.messages >= MESSAGES_PER_INTERCHANGE_MAX:
            self._findings.add(faults.MESSAGE_COUNT.at(place, maximum=MESSAGES_PER_INTERCHANGE_MAX))
            self._stopped = True
            return None
        self._errors_before = self._findings.errors
        values = self._opening(text, (self._ordinal, offset, line))
        self._opened = Record("UNH", values, self._ordinal, offset, line)
        reference = values[0].strip()
        self._outside.reset()
        self._envelope.begin_message(reference, place)
        reading = self._kinds.reading(values, place)
        if reading.structure is not self._memo_of:
            self._memo.clear()
            self._memo_of = reading.structure
        self._structure, self._severity = reading.structure, reading.severity
        self._parts.begin(reading, reference, [self._opened])
        if self._structure is None:
            self._state = OUTSIDE
            return self._parts.announcement()
        self._state = self._structure.start
        self._counts = [0] * self._structure.counters
        return None

    def _end_message(self, text: str, offset: int, line: int) -> Iterator[Event]:
        """UNT: mandatory segments, control totals, count and reference; then the last events."""
        place = Place(self._ordinal, "UNT", line=line, offset=offset)
        opened = self._opened
        if opened is None:
            self._outside.segment(place)
            return
        if self._structure is not None:
            missing = self._structure.missing_at_end(self._state)
            if missing:
                self._missing(missing, place)
            stated = [r for r in (*self._parts.header, *self._settled()[-3:]) if r[0] == "CNT"]
            if stated:
                self._findings.extend(wrong_totals(self._structure, self._counts, stated))
        values = self._service_values("UNT", text, (self._ordinal, offset, line))
        actual = self._ordinal - opened.ordinal + 1
        self._envelope.check_count("UNT", values[0], actual, ("段", "segments"), place)
        if values[1] != self._parts.reference:
            expected = self._parts.reference
            self._envelope.check_reference(("UNT", "UNH"), values[1], expected, place)
        record = Record("UNT", values, self._ordinal, offset, line)
        yield from self._last_events([record], complete=True)

    def _last_events(self, trailer: list[Record], *, complete: bool) -> Iterator[Event]:
        """What is left of the message in hand, and its end."""
        self._check_group_size()
        if self._structure is not None and not self._stopped:
            yield from self._parts.last(self._findings)
        if self._findings.errors > self._errors_before:
            self._report()
        left, self._parts.records = self._parts.loose(), []
        self._state, self._opened, self._structure = OUTSIDE, None, None
        yield MessageEnd([*left, *trailer], complete and not self._stopped)

    def _report(self) -> None:
        if len(self.message_reports) < EDIFACT_MESSAGE_REPORTS_MAX and self._opened:
            errors = self._findings.errors - self._errors_before
            first = self._opened.ordinal
            self.message_reports.append(
                MessageReport(self._parts.reference, self._parts.kind, first, self._ordinal, errors)
            )

    def _abandon(self, place: Place) -> Iterator[Event]:
        """The message in hand has no UNT."""
        if self._opened is not None:
            self._broken = True
            place = Place(place.record, "UNT", line=place.line, offset=place.offset)
            self._envelope.incomplete(
                "UNT", place, "缺少报文尾 UNT", "message trailer UNT is missing"
            )
            yield from self._last_events([], complete=self._excused)


def _place(label: str, ordinal: int, offset: int, line: int) -> Place:
    return Place(ordinal, label[-3:], line=line, offset=offset)
