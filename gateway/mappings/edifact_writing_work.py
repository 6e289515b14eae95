"""One document on its way into segments: header and parts, each read back as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gateway.canonical.model import Model
from gateway.findings import FindingKind
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing
from gateway.mappings.edifact_writing_check import lost, read_back
from gateway.mappings.edifact_writing_drawing import Drawing
from gateway.mappings.edifact_writing_message import Draft, Plan
from gateway.mappings.edifact_writing_place import Scope
from gateway.mappings.edifact_writing_text import Faulty
from gateway.mappings.edifact_writing_tree import Group, Item, Segment, in_order, judge
from gateway.mappings.edifact_writing_values import complete
from gateway.syntax.profile import Profile

# What the envelope says, or whoever reads finds out.
_OF_THE_ENVELOPE = frozenset(
    {"message_type", "message_version", "reference", "sender", "receiver", "function"}
)


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
        values = self.values_of(part)
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
        self._counts = {}
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

    def values_of(self, part: Model) -> Draft:
        """What a part says, at the places that this message has for it."""
        values: Draft = part.model_dump(exclude_defaults=True)
        return self._message.move(values) if self._message.move is not None else values

    def part_segments(self, part: Model, number: int) -> list[Segment]:
        """The segments of one part, checked; `number` counts parts from 1."""
        values = self.values_of(part)
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
        if not self._faulty.leaves_out(path):
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
            if not self._faulty.leaves_out(path) and path not in self._faulty.paths:
                self._once(facts.NOT_A_VALUE if told else facts.NO_PLACE, path, value)
