"""The EDIFACT reader: bytes → messages cut into groups, everything checked on the way.

Runs of segments whose shape was found right before are matched and handed on as they are; all else
is walked segment by segment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gateway.findings import Findings, Place
from gateway.limits import CHUNK_BYTES, RECORDS_PER_FILE_MAX, SEGMENT_BYTES_MAX
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.segments import Block, Pieces
from gateway.syntax.edifact.shapes import Run, Shapes
from gateway.syntax.edifact.structure import OPENS
from gateway.syntax.edifact.walker import NOISE, OUTSIDE, SERVICE_TAGS, TAG, Walker
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

_SERVICE_STOPS = frozenset({"UNH", "UNT"})
# Structures of one file whose shapes are remembered: one or two are usual.
_STRUCTURES_MAX = 8


class EdifactReader(Walker):
    """Iterate once for events; `interchange` is whole when the iteration has ended.

    grammar: the layout (an `EdifactLayout`) and group labels of a message kind, None for one that
    is not read; its segments are then counted and skipped.  With no group labels the message is
    one Group of all its records and `Message.records` is empty.  A grammar that splits gets all
    from the first group to the end of the last one when the message has ended.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        grammar: Callable[[MessageKind], Grammar | None],
        profile: Profile,
        findings: Findings,
        block_bytes: int = CHUNK_BYTES,
    ) -> None:
        super().__init__(chunks, grammar, profile, findings, block_bytes)
        self._shapes: dict[int, Shapes] = {}
        self.interchange.separators = self._separators.as_text()

    @property
    def interchange(self) -> Interchange:
        """The first interchange of the file; several in one file are complete only together."""
        return self._envelope.first

    @property
    def interchanges(self) -> list[Interchange]:
        """All interchanges of the file, the first ones of very many."""
        return self._envelope.interchanges

    def __iter__(self) -> Iterator[Event]:
        for block in self._stream:
            yield from self._block(block)
            self.interchange.encoding = self._stream.charset.codec
            if self._stopped or self._over_limits():
                break
        if self._stream.too_long and not self._stopped:
            self._over_limits()
        yield from self._finish()

    def _block(self, block: Block) -> Iterator[Event]:
        pieces = block.pieces
        if pieces is None or not self._separators.is_default:
            yield from self._walk(block.placed, marked=block.marked)
        else:
            yield from self._regular(pieces, marked=block.marked)

    def _regular(self, pieces: Pieces, *, marked: bool) -> Iterator[Event]:
        """From one stop (UNH, UNT, what opens a group) to the next: as a run, or walked."""
        at, end = 0, len(pieces.texts)
        for shapes in self._shapes.values():
            shapes.renew()
        while at < end:
            text = pieces.texts[at]
            tag = text[:3]
            if tag == "UNH" and self._opened is None and text[3:4] == "+":
                at, events = self._message(pieces, at)
                yield from events
            elif tag == "UNT" and self._opened is not None and text[3:4] == "+":
                self._ordinal += 1
                yield from self._end_message(text, pieces.offset(at), pieces.line(at))
                at += 1
            elif (run := self._group(pieces, at)) is not None:
                yield from self._next(run)
                at = run.end
            else:
                stop = pieces.walked_to(at, self._stops)
                yield from self._walk(pieces.placed(at, stop), marked=marked)
                at = stop
            if self._stopped:
                return
        self._line = pieces.line(end - 1)

    @property
    def _stops(self) -> frozenset[str]:
        shapes = self._shapes.get(id(self._structure))
        return _SERVICE_STOPS if shapes is None else shapes.stops

    def _shapes_now(self) -> Shapes | None:
        """The shapes of the structure in use."""
        structure = self._structure
        if structure is None:
            return None
        found = self._shapes.get(id(structure))
        if found is None:
            if len(self._shapes) >= _STRUCTURES_MAX:
                self._shapes.clear()
            found = self._shapes[id(structure)] = Shapes(structure, self._separators)
        return found

    def _message(self, pieces: Pieces, at: int) -> tuple[int, tuple[Event, ...]]:
        """UNH where no message is open: where to go on, and what is there to be told."""
        self._ordinal += 1
        announced = self._begin(pieces.texts[at], pieces.offset(at), pieces.line(at))
        if announced is not None:
            return at + 1, (announced,)
        run = self._body(pieces, at)
        if run is None:
            return at + 1, ()
        if self._closes(run, pieces.texts[run.end]):
            return run.end + 1, self._whole(run, pieces, run.end)
        return run.end, ()

    def _next(self, run: Run) -> Iterable[Event]:
        """The run of a group; the group before it has ended."""
        self._state = run.shape.state
        self._ordinal += len(run)
        before = self._parts.follow(run)
        return self._cut_before(run) if before is None else (before,)

    def _cut_before(self, run: Run) -> Iterator[Event]:
        yield from self._cut(OPENS)
        if not self._parts.take(run):
            self._counted(run)

    def _body(self, pieces: Pieces, at: int) -> Run | None:
        """All of the message that the UNH in hand opens, where it is one part."""
        shapes = self._shapes_now()
        opened = self._opened
        if shapes is None or opened is None or shapes.triggers:
            return None
        run = shapes.run(self._state, tuple(opened.values), (pieces, at, self._ordinal))
        if run is not None:
            self._parts.hold(run)
            self._state = run.shape.state
            self._ordinal += len(run) - 1
        return run

    def _closes(self, run: Run, text: str) -> bool:
        """Whether a segment is the UNT that this message must have, and its totals are right."""
        shape, reference = run.shape, self._parts.reference
        if text != f"UNT+{len(run) + 1}+{reference}" or shape.missing or not reference.isalnum():
            return False
        for n in shape.stated:
            said = run.of(n)
            if shape.totals.get(said[0], said[1]) != said[1]:
                return False
        return True

    def _whole(self, run: Run, pieces: Pieces, at: int) -> tuple[Event, ...]:
        """A message that is one faultless run, and its UNT."""
        self._ordinal += 1
        kind, reference = self._parts.kind, self._parts.reference
        values = (str(len(run) + 1), reference)
        trailer = Record("UNT", values, self._ordinal, pieces.offset(at), pieces.line(at))
        if self._findings.errors > self._errors_before:
            self._report()
        self._parts.run = None
        self._state, self._opened, self._structure = OUTSIDE, None, None
        return Message(kind, reference), Group(run), MessageEnd([trailer])

    def _group(self, pieces: Pieces, at: int) -> Run | None:
        """The group that opens here, counted."""
        shapes = self._shapes_now()
        text = pieces.texts[at]
        if shapes is None or text[:3] not in shapes.triggers:
            return None
        move = self._state[text[:3]]
        if move is None or move.cut != OPENS or move.missing:
            return None
        counts = self._counts
        count = counts[move.again] + 1 if move.again else 1
        if count == move.limit:
            return None
        run = shapes.run(move.state, shapes.column(move), (pieces, at, self._ordinal + 1))
        if run is not None:
            counts[move.again or move.first] = count
        return run

    def _over_limits(self) -> bool:
        """Bounds that are looked at once per block; True stops the reading."""
        if self._stream.too_long:
            place = Place(self._ordinal + 1, line=self._stream.line, offset=self._stream.offset)
            self._findings.add(faults.SEGMENT_SIZE.at(place, maximum=SEGMENT_BYTES_MAX))
            self._stopped = True
        elif self._ordinal > RECORDS_PER_FILE_MAX:
            place = Place(RECORDS_PER_FILE_MAX + 1, line=self._line)
            self._findings.add(faults.FILE_SIZE.at(place, maximum=RECORDS_PER_FILE_MAX))
            self._stopped = True
        else:
            self._check_group_size()
        return self._stopped

    # --- the end ------------------------------------------------------------------------------

    def _finish(self) -> Iterator[Event]:
        if not self._stopped:
            yield from self._take_rest()
        if self._stopped:
            self._broken = True
            if self._opened is not None:
                yield from self._last_events([], complete=False)
            self._envelope.finish_stopped()
            return
        last = Place(self._ordinal or None, line=self._line, offset=self._stream.offset)
        yield from self._abandon(last)
        trailer = Place(last.record, "UNZ", line=last.line, offset=last.offset)
        self._envelope.finish(trailer, broken=self._broken and not self._excused)

    def _take_rest(self) -> Iterator[Event]:
        """What no terminator ended: noise, text after the trailer, or a cut segment."""
        rest = self._stream.rest
        body = rest.lstrip(NOISE)
        noise = rest[: len(rest) - len(body)]
        if not body:
            return
        self._ordinal += 1
        line = self._stream.line + noise.count("\n")
        offset = self._stream.offset + len(noise)
        tag = body[:3] if TAG.match(body) else None
        place = Place(self._ordinal, tag, line=line, offset=offset)
        if self._envelope.after_trailer and tag not in SERVICE_TAGS:
            self._outside.after_trailer(place)
        elif self._excused:
            yield from self._unusual(rest, self._stream.offset, self._stream.line)
        else:
            self._broken = True
            self._line = line
            self._envelope.incomplete(
                tag or "", place, "最后一段没有终止符", "the last segment has no terminator"
            )
