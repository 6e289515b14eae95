"""Documents → EDIFACT: a `Message` says how the drafts of its format are made, the rest is common.

Segments come from the read tables turned round (edifact_writing_rows); each message is read back
before it is sent on (edifact_writing_check), so that no fact goes missing unnoticed: one that
`leaves_out` does not name refuses the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gateway.canonical.document import Function, Header
from gateway.canonical.model import Model
from gateway.findings import FindingKind
from gateway.limits import FINDINGS_PER_FILE_MAX
from gateway.mappings import facts
from gateway.mappings.contract import Format, Outgoing, Unwritable, Writer
from gateway.mappings.edifact_writing_check import lost, read_back
from gateway.mappings.edifact_writing_output import ENCODINGS, Output
from gateway.mappings.edifact_writing_rows import Faulty, Scope, Writing, parent, wrapped
from gateway.mappings.edifact_writing_tree import Group, Item, Places, Segment, in_order, judge
from gateway.mappings.edifact_writing_values import complete
from gateway.syntax.edifact import layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

Draft = dict[str, Any]
# What the envelope says, or whoever reads finds out.
_OF_THE_ENVELOPE = frozenset(
    {"message_type", "message_version", "reference", "sender", "receiver", "function"}
)


def same(values: Draft, _other: Draft) -> Draft:
    """A draft that is as the table has it already."""
    return values


class Drawing:
    """A message being drawn by hand: segments by label and position."""

    def __init__(self, places: Places, tree: Group, faulty: Faulty) -> None:
        self._places = places
        self._faulty = faulty
        self.tree = tree

    def add(self, group: Group, label: str, **texts: str | None) -> Group:
        """A segment in a group: `_1`, `_2_4` name element and component; gives its group."""
        segment, inside = group.add(self._places, label)
        self.fill(segment, **texts)
        return inside

    def main_leg(self) -> Group:
        """The group of the ship's own leg (TDT 20)."""
        scope = Scope({"": self.tree}, {})
        group = parent("TDT/LOC", scope, self._places)
        if group is None:  # pragma: no cover - every message that is drawn has one
            raise KeyError("TDT/LOC")
        return group

    def texts(self, group: Group, label: str, path: str, texts: Sequence[str], room: int) -> None:
        """Free text, `room` lines a segment (FTX 4440)."""
        limit, _numeric = self._places.segment(label).limit(
            self._places.segment(label).layout.index((4, 1)) or 0
        )
        lines = [line for each in texts for line in wrapped(each, limit, path, self._faulty)]
        for start in range(0, len(lines), room):
            segment, _inside = group.add(self._places, label)
            for number, line in enumerate(lines[start : start + room], 1):
                segment.put((4, number), line)

    def fill(self, segment: Segment, **texts: str | None) -> None:
        """Put texts into a segment; one that is too long is a finding."""
        for name, text in texts.items():
            steps = tuple(int(step) for step in name.strip("_").split("_"))
            index = segment.layout.index(steps if len(steps) == 2 else steps[0])
            if not text or index is None:
                continue
            limit, _numeric = segment.limit(index)
            if len(text) > limit or any(c < " " or c == "\x7f" for c in text):
                kind = facts.TOO_LONG if len(text) > limit else facts.NOT_A_VALUE
                self._faulty.add(
                    kind.at(value=text, path=segment.label, format=self._faulty.format, limit=limit)
                )
                continue
            segment.values[index] = text


@dataclass(frozen=True, eq=False)
class Message:
    """How one format is written.

    kind: message type.  header, part: model values → the draft that the read table makes of a file
    (the inverse of `finish_header` and `finish_part`; part sees the header's values, too).
    groups: the labels of a part's groups, outermost first; () where a message is one part.
    totals: (CNT qualifier, group label) of a mandatory CNT.  directories: the first is used unless
    the envelope's message_type names another ("COSTCO D.00B").  leaves_out: as in `Writer`.
    supplied: segments that the directory wants and no document may have, by label.  draw: builds
    a part by hand, where its table cannot be turned round.  tell: a message whose parts are not
    written one behind the other.
    """

    format: Format
    kind: str
    directories: tuple[str, ...] = ("D.95B", "D.00B")
    association: str = ""
    header: Callable[[Draft, Draft], Draft] = same
    part: Callable[[Draft, Draft], Draft] = same
    groups: tuple[str, ...] = ()
    totals: tuple[str, str] | None = None
    leaves_out: frozenset[str] = frozenset()
    supplied: tuple[str, ...] = ()
    openings: tuple[str, ...] = ("BGM",)
    draw: Callable[[Drawing, Draft], None] | None = None
    tell: Callable[[Work, Iterable[Model]], Iterator[Segment | str]] | None = None


def writer(message: Message) -> Writer:
    """The registry's line for a message."""

    def write(envelope: Outgoing, header: Header, parts: Iterable[Model]) -> Iterator[bytes]:
        return write_document(message, envelope, header, parts)

    return Writer(
        name=message.format.name,
        document=message.format.document,
        suffix=".edi",
        content_type="application/EDIFACT",
        write=write,
        encodings=frozenset(ENCODINGS),
        leaves_out=message.leaves_out,
    )


def write_document(
    message: Message, envelope: Outgoing, header: Header, parts: Iterable[Model]
) -> Iterator[bytes]:
    """An interchange: one message for all parts, or one a part where a message holds only one.

    Raises `Unwritable` at its end, with all findings.
    """
    directory = _directory(message, envelope)
    plan = plan_of(message, directory)
    faulty = Faulty(message.format.name, FINDINGS_PER_FILE_MAX)
    out = Output(envelope, faulty)
    work = Work(plan, head_of(envelope, header, faulty), faulty, envelope)
    composite = (message.kind, *directory.split("."), "UN", message.association)
    if message.groups:
        yield from out.message(composite, work.of_many(parts))
    else:
        for part in parts:
            yield from out.message(composite, work.of_one(part))
        if not out.messages:
            faulty.add(facts.MISSING.at(format=message.format.name, path="part"))
    yield from out.end()
    if faulty.findings:
        raise Unwritable(faulty.findings)


def head_of(envelope: Outgoing, header: Header, faulty: Faulty) -> Draft:
    """The header's values with the function that the envelope wants.

    A function without a code of its own is refused: left out it would read as an original.
    """
    head: Draft = header.model_dump(exclude_defaults=True)
    function = head["function"] = envelope.function or header.function
    if function is Function.OTHER:
        name = faulty.format
        faulty.add(facts.NOT_A_VALUE.at(value="other", path="header.function", format=name))
    return head


def _directory(message: Message, envelope: Outgoing) -> str:
    """The directory that the route wants, where it names one of ours."""
    asked = (envelope.message_type or "").upper()
    return next((each for each in message.directories if each in asked), message.directories[0])


class Plan:
    """A message bound to one directory: its places, and its tables in both directions."""

    def __init__(self, message: Message, directory: str) -> None:
        layout = layout_for(MessageKind("edifact", message.kind, directory))
        if layout is None or layout.version != directory:
            raise ValueError(f"{message.kind} is not in {directory}")
        self.message = message
        self.places = Places(layout)
        self.header = Writing(message.format.header.root, self.places)
        self.part = Writing(message.format.part.root, self.places)
        self.header_table = message.format.header.compile(layout)
        self.part_table = message.format.part.compile(layout)
        self.kind = MessageKind("edifact", message.kind, directory)
        at = _position(self.places.top.items, message.groups[0]) if message.groups else 0
        items = self.places.top.items
        self.before, self.each, self.after = items[1:at], items[at : at + 1], items[at + 1 : -1]
        self.whole = Item("", True, 1, items[1:-1])


@lru_cache(maxsize=64)
def plan_of(message: Message, directory: str) -> Plan:
    """The plan of a message, once per process."""
    return Plan(message, directory)


def _position(items: Sequence[Item], label: str) -> int:
    return next(n for n, item in enumerate(items) if item.items and item.label == label)


class Work:
    """One document being written."""

    def __init__(self, plan: Plan, head: Draft, faulty: Faulty, envelope: Outgoing) -> None:
        self._plan = plan
        self._message = plan.message
        self.head = head
        self._faulty = faulty
        self._envelope = envelope
        self._told: set[tuple[str, str]] = set()
        self._counts: dict[str, int] = {}
        self.header_again: Draft = {}

    def of_one(self, part: Model) -> Iterator[Segment]:
        """A message that is one part."""
        values = part.model_dump(exclude_defaults=True)
        tree = self._opened()
        scope = Scope({"": tree}, {})
        self._plan.header.write(
            self._message.header(dict(self.head), self.head), scope, self._faulty
        )
        draft = self._message.part(dict(values), self.head)
        if self._message.draw is not None:
            self._message.draw(Drawing(self._plan.places, tree, self._faulty), draft)
        else:
            self._plan.part.write(draft, scope, self._faulty)
        self._supply(tree)
        segments = self.ordered(tree, self._plan.whole)
        self._check_header(segments)
        self.check_part(values, segments)
        return iter(segments)

    def of_many(self, parts: Iterable[Model]) -> Iterator[Segment | str]:
        """A message of many parts, told one by one."""
        if self._message.tell is not None:
            yield from self._message.tell(self, parts)
            return
        tree = self.header_tree(dict(self.head))
        yield from self.told_header(tree)
        count = 0
        for count, part in enumerate(parts, 1):
            yield from self.part_segments(part, count)
        yield from self.tail(tree, count)

    def header_tree(self, head: Draft) -> Group:
        """What stands before and after the parts."""
        tree = self._opened()
        self._plan.header.write(
            self._message.header(head, self.head), Scope({"": tree}, {}), self._faulty
        )
        self._supply(tree)
        return tree

    def told_header(self, tree: Group) -> list[Segment]:
        """The segments before the parts, checked."""
        segments = self.ordered(tree, Item("", True, 1, self._plan.before))
        self._check_header(segments)
        return segments

    def part_segments(self, part: Model, number: int) -> list[Segment]:
        """The segments of one part, checked; `number` counts parts from 1."""
        values = part.model_dump(exclude_defaults=True)
        tree = Group("")
        draft = self._message.part(dict(values), self.head)
        segments = self.built(tree, draft, self._message.groups, number)
        self.check_part(values, segments)
        return segments

    def built(
        self, tree: Group, draft: Draft, groups: tuple[str, ...], number: int
    ) -> list[Segment]:
        """A part's draft as segments of top-level groups; `groups` are those it opens at once.

        number: that of a consignment (CNI 1490).
        """
        scope = Scope({"": tree}, {})
        inside = tree
        for label in groups:
            segment, inside = inside.add(self._plan.places, label)
            scope.groups[label] = inside
            scope.own[label] = segment
        self._plan.part.write(draft, scope, self._faulty)
        items = [each for each in self._plan.places.top.items if each.label in tree.groups]
        for each in items:
            found = len(tree.groups[each.label])
            self._counts[each.label] = self._counts.get(each.label, 0) + found
        segments = self.ordered(tree, Item("", True, 1, tuple(items)))
        for segment in segments:
            if segment.label == "CNI":
                segment.put(1, str(number))
        return segments

    def tail(self, tree: Group, count: int) -> list[Segment]:
        """What follows the parts; the number of their groups is what the directory admits."""
        told = {self._message.groups[0], *self._counts}
        rest = []
        for item in (*self._plan.each, *self._plan.after):
            if item.items and item.label in told:
                judge(item, self._counts.get(item.label, 0), self._fault)
            else:
                rest.append(item)
        self._total(tree, count)
        return self.ordered(tree, Item("", True, 1, tuple(rest)))

    def ordered(self, tree: Group, item: Item) -> list[Segment]:
        """Segments in order, with what the directory wants of each."""
        segments = list(in_order(tree, item, self._fault))
        for index, segment in enumerate(segments):
            complete(segment, segments[max(0, index - 2) : index])
            if segment.incomplete():
                self._once(facts.MISSING, segment.label, "")
        return segments

    def _opened(self) -> Group:
        tree = Group("")
        for label in self._message.openings:
            tree.add(self._plan.places, label)
        return tree

    def _supply(self, tree: Group) -> None:
        """Mandatory segments that no fact made: the leg of the ship, who sends, the total."""
        places = self._plan.places
        for label in self._message.supplied:
            if not tree.candidates(places, label):
                segment, _group = tree.add(places, label)
                if label == "NAD":
                    segment.put(1, "MS")
                    segment.put((2, 1), self._envelope.sender)
                elif label == "RFF":
                    segment.put((1, 1), "ABO")
                    segment.put((1, 2), self._envelope.reference)
        if not self._message.groups and self._message.totals is not None:
            self._total(tree, len(tree.groups.get(self._message.totals[1], ())))

    def _total(self, tree: Group, count: int) -> None:
        if self._message.totals is not None:
            segment, _group = tree.add(self._plan.places, "CNT")
            segment.put((1, 1), self._message.totals[0])
            segment.put((1, 2), str(count))

    def refuse(self, kind: FindingKind, path: str, value: str) -> None:
        """A finding of a path, once a document."""
        if not self._left_out(path):
            self._once(kind, path, value)

    def _fault(self, label: str, count: int, limit: int) -> None:
        name = self._message.format.name
        if count == 0:
            self._once(facts.MISSING, label, "")
        else:
            self._faulty.add(facts.TOO_MANY.at(path=label, format=name, count=count, limit=limit))

    def _once(self, kind: FindingKind, path: str, value: str) -> None:
        """A finding of a path once a document."""
        if (kind.code, path) not in self._told:
            self._told.add((kind.code, path))
            self._faulty.add(kind.at(value=value, path=path, format=self._message.format.name))

    def _check_header(self, segments: Sequence[Segment]) -> None:
        again = read_back(self._plan.header_table, [each.record() for each in segments])
        finish = self._message.format.finish_header
        if finish is not None:
            finish(again, self._plan.kind, Profile())
        self.header_again = again
        said = {n: v for n, v in self.head.items() if n not in _OF_THE_ENVELOPE}
        self._judge(said, again, "header")

    def check_part(self, values: Draft, segments: Sequence[Segment]) -> None:
        """A part against what a reader makes of its segments."""
        again = read_back(self._plan.part_table, [each.record() for each in segments])
        finish = self._message.format.finish_part
        if finish is not None:
            finish(again, self.header_again, Profile())
        self._judge(values, again, "part")

    def _judge(self, said: Draft, again: Draft, above: str) -> None:
        for path, value, told in lost(said, again, above):
            if not self._left_out(path):
                self._once(facts.NOT_A_VALUE if told else facts.NO_PLACE, path, value)

    def _left_out(self, path: str) -> bool:
        """Whether a path, or one above it, is known to have no place."""
        steps = path.split(".")
        return "extras" in steps or any(
            ".".join(steps[:length]) in self._message.leaves_out
            for length in range(2, len(steps) + 1)
        )
