"""Shapes: runs of segments whose order was found right once and need not be walked again.

A run begins with UNH (where a message is one part) or with the segment that opens a group, and
reaches to before the next one or UNT.  Its shape is the order of its tags: where that is faultless,
labels, patterns and counters are the same every time, so all that is left is to match each segment.
Shapes say yes or nothing at all; what they do not know is read segment by segment, as is what no
pattern matches, and explained there.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.limits import (
    EDIFACT_SHAPE_SEGMENTS_MAX,
    EDIFACT_SHAPES_MAX,
)
from gateway.syntax.edifact.columns import Column, Values
from gateway.syntax.edifact.forms import Filled, SegmentForm
from gateway.syntax.edifact.segments import Pieces
from gateway.syntax.edifact.separators import Separators
from gateway.syntax.edifact.structure import Move, State, Structure
from gateway.syntax.edifact.totals import right_totals
from gateway.syntax.record import Record, RecordRun

# Where a run begins: the block, the index of the opening segment there, and its ordinal.
Start = tuple[Pieces, int, int]


class Shape:
    """A faultless order of segments after an opening one.

    labels: of all segments, the opening one first; columns: of those after it, each with its memo;
    state: after the last one; counts: counters that it sets; missing: mandatory labels that have
    not come if UNT follows; stated: where CNT stands among the last three; totals: control total →
    what it must be after this run alone; form: where it has one; filled: how it comes by that.
    """

    __slots__ = (
        "columns", "counts", "filled", "form", "labels", "missing", "state", "stated", "totals",
    )  # fmt: skip

    def __init__(
        self,
        structure: Structure,
        opening: State,
        moves: list[Move],
        counts: dict[int, int],
        columns: list[Column],
    ) -> None:
        self.state = moves[-1].state if moves else opening
        head = opening.node.label if opening.node else ""
        self.labels = (head, *(move.label for move in moves))
        self.columns = tuple(column.use for column in columns)
        self.counts = counts
        self.totals = right_totals(structure, counts)
        self.missing = structure.missing_at_end(self.state)
        length = len(self.labels)
        self.stated = tuple(n for n in range(length)[-3:] if self.labels[n] == "CNT")
        self.form: SegmentForm | None = None
        self.filled = Filled(structure.layout, structure.mark, length)


def _counted(moves: list[Move]) -> dict[int, int] | None:
    """The counters that moves set; None where they depend on what came before or on a fault."""
    counts: dict[int, int] = {}
    for move in moves:
        if move.again:
            count = counts.get(move.again, 0) + 1
            if count in (1, move.limit):
                return None
            counts[move.again] = count
        else:
            counts[move.first] = 1
    return counts


class Run(RecordRun):
    """The records of a run, made when somebody asks for them; values[n] are those of labels[n]."""

    __slots__ = ("_at", "_ordinal", "_pieces", "_records", "_values", "filled", "form", "shape")

    def __init__(
        self,
        shape: Shape,
        values: list[Values] | None,
        place: Start,
        form: SegmentForm | None = None,
        filled: Values = (),
    ) -> None:
        """Values of all segments, or of those that a form takes out."""
        self.shape = shape
        self.labels = shape.labels
        self.form = form
        self.filled = filled
        self._values = values
        self._pieces, self._at, self._ordinal = place
        self._records: list[Record] = []

    def __len__(self) -> int:
        return len(self.labels)

    # Other runs hold a plain attribute, for which mypy wants a setter; nobody writes to either.
    @property
    def values(self) -> Sequence[Values]:  # type: ignore[override]  # read only
        if self._values is None:
            self._values = [self.of(n) for n in range(len(self.labels))]
        return self._values

    @property
    def texts(self) -> Sequence[str]:
        return self._pieces.texts[self._at : self.end]

    def of(self, number: int) -> Values:
        """The values of one segment."""
        if self._values is not None:
            return self._values[number]
        return self.form.record(self.filled, number) if self.form else ()

    @property
    def end(self) -> int:
        """The index in the block of what follows."""
        return self._at + len(self.labels)

    def records(self) -> list[Record]:
        if not self._records:
            pieces, at, ordinal = self._pieces, self._at, self._ordinal
            self._records = [
                Record(label, values, ordinal + n, pieces.offset(at + n), pieces.line(at + n))
                for n, (label, values) in enumerate(zip(self.labels, self.values, strict=True))
            ]
        return self._records


class Shapes:
    """The shapes of one structure in one file."""

    def __init__(self, structure: Structure, separators: Separators) -> None:
        self._structure = structure
        self._separators = separators
        # After which opening state, tags in one text → shape; None: walked once and not faultless.
        self._known: dict[int, dict[str, Shape | None]] = {}
        self._seen: set[str] = set()
        self._learned = 0
        self._last: Shape | None = None
        self._last_opening: State | None = None
        self._columns: dict[str, Column] = {}
        # Where a run begins or ends.
        self.triggers = frozenset(label[-3:] for label in structure.group_labels)
        self.stops = self.triggers | {"UNH", "UNT"}

    def column(self, move: Move) -> Column:
        """The column of a move's label."""
        found = self._columns.get(move.label)
        if found is None:
            found = self._columns[move.label] = Column(move.fullmatch)
        return found

    def renew(self) -> None:
        """A new block: columns that were full begin anew."""
        for column in self._columns.values():
            column.renew()

    def run(self, opening: State, head: Values | Column, place: Start) -> Run | None:
        """The run that a segment opens; None where it must be walked.

        opening: the state after that segment; head: its values, or the column to match it with.
        As long as the shape before fits (every pattern begins with its tag), nobody looks at the
        tags.
        """
        pieces, at, _ = place
        texts, shape = pieces.texts, self._last
        if shape is not None and self._last_opening is opening and not pieces.tagline:
            end = at + len(shape.labels)
            if end < len(texts) and texts[end][:3] in self.stops:
                run = self._matched(shape, head, place)
                if run is not None:
                    return run
        end = pieces.stop(at, self.stops)
        if end == len(texts):
            return None
        shape = self._shape(opening, pieces.tagline[3 * at + 3 : 3 * end])
        if shape is None:
            return None
        self._last, self._last_opening = shape, opening
        return self._matched(shape, head, place)

    def _matched(self, shape: Shape, head: Values | Column, place: Start) -> Run | None:
        """A run of a shape; None where a segment does not match its pattern."""
        pieces, at, _ = place
        end = at + len(shape.labels)
        form = shape.form
        if form is not None:
            filled = form.read(pieces.texts[at + form.apart : end], self._separators)
            if filled is not None:
                taken = head + filled if isinstance(head, tuple) else filled
                return Run(shape, None, place, form, taken)
        texts = pieces.texts[at:end]
        apart = isinstance(head, tuple)
        first = head if isinstance(head, tuple) else head.known(texts[0], self._separators)
        values = self._values(shape, first, texts)
        if values is None:
            return None
        shape.form = shape.filled.look(shape.labels, values, int(apart)) or form
        return Run(shape, values, place)

    def _values(self, shape: Shape, head: Values | None, texts: list[str]) -> list[Values] | None:
        """The values of segments one by one."""
        if head is None:
            return None
        values = [head]
        append = values.append
        for text, (known, fullmatch, column) in zip(texts[1:], shape.columns, strict=True):
            read = known(text)
            if read is None:
                found = fullmatch(text)
                if found is not None:
                    read = found.groups("")
                    if column.room > 0:
                        column.kept(text, read)
                elif (read := column.restored(text, self._separators)) is None:
                    return None
            append(read)
        return values

    def _shape(self, opening: State, tags: str) -> Shape | None:
        """A shape that is known, or learned when it is seen for the second time."""
        known = self._known.get(id(opening))
        if known is None:
            known = self._known[id(opening)] = {}
        shape = known.get(tags)
        if shape is not None or tags in known or len(tags) > 3 * EDIFACT_SHAPE_SEGMENTS_MAX:
            return shape
        if tags not in self._seen:
            if len(self._seen) >= EDIFACT_SHAPES_MAX:
                self._seen.clear()
            self._seen.add(tags)
        elif self._learned < EDIFACT_SHAPES_MAX:
            self._learned += 1
            shape = known[tags] = self._learn(opening, tags)
        return shape

    def _learn(self, opening: State, tags: str) -> Shape | None:
        """Walk once; None where something is missing, too much, or cut."""
        moves: list[Move] = []
        state = opening
        for at in range(0, len(tags), 3):
            move = state[tags[at : at + 3]]
            if move is None or move.missing or move.cut:
                return None
            moves.append(move)
            state = move.state
        counts = _counted(moves)
        if counts is None:
            return None
        return Shape(self._structure, opening, moves, counts, [self.column(m) for m in moves])
