"""An EDIFACT message in the making: segments under groups, told in the order of its structure.

Labels are those of the reader ("EQD/DGS/FTX"), so that what a table reads there is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from gateway.syntax.edifact.layout import EdifactLayout, SegmentLayout
from gateway.syntax.edifact.writer import Written
from gateway.syntax.record import FieldRef, Record

# Told of a label that a group must have and has not, or has more often than it may (count, limit).
Faults = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """A segment, or a group (then `items`, its trigger first) at one place of a message."""

    label: str
    mandatory: bool
    maximum: int
    items: tuple[Item, ...] = ()


def message_items(layout: EdifactLayout) -> tuple[Item, ...]:
    """The structure of a message (notation of schemas/edifact) as items, UNH and UNT among them."""
    words = iter(layout.structure.replace("(", "( ").replace(")", " )").split())
    return tuple(_items(words, ()))


def _items(words: Iterator[str], above: tuple[str, ...]) -> Iterator[Item]:
    for word in words:
        if word == ")":
            return
        status = next(words)
        mandatory, maximum = status[0] == "M", int(status[1:])
        if word != "(":
            yield Item("/".join((*above, word)), mandatory, maximum)
            continue
        tag, _status = next(words), next(words)
        label = "/".join((*above, tag))
        inner = (Item(label, True, 1), *_items(words, (*above, tag)))
        yield Item(label, mandatory, maximum, inner)


class Places:
    """Where every label of a message stands."""

    def __init__(self, layout: EdifactLayout) -> None:
        self.layout = layout
        self.top = Item("", True, 1, message_items(layout))
        self.order: dict[str, int] = {}
        self.group_of: dict[str, str] = {}
        self._segments: dict[str, SegmentLayout] = {}
        self._limits: dict[tuple[str, int], tuple[int, bool]] = {}
        self.triggers: set[str] = set()
        self._walk(self.top, "")

    def _walk(self, group: Item, above: str) -> None:
        for item in group.items:
            if item.items:
                self.triggers.add(item.label)
                self.group_of[item.label] = group.label
                self._walk(item, group.label)
            else:
                self.order.setdefault(item.label, len(self.order))
                self.group_of.setdefault(item.label, group.label)

    def __contains__(self, label: str) -> bool:
        return label in self.order

    def segment(self, label: str) -> Segment:
        """An empty segment."""
        layout = self._segments.get(label)
        if layout is None:
            layout = self.layout.segment(label.rsplit("/", 1)[-1])
            if layout is None:
                raise KeyError(label)
            self._segments[label] = layout
        return Segment(label, layout)

    def limit(self, label: str, slot: int) -> tuple[int, bool]:
        """(characters that a slot of a segment takes, whether it is a number)."""
        found = self._limits.get((label, slot))
        if found is None:
            found = self._limits[label, slot] = self.segment(label).limit(slot)
        return found


class Segment:
    """One segment: a text per slot of its layout; whole composites are left to their parts."""

    __slots__ = ("label", "layout", "values")

    def __init__(self, label: str, layout: SegmentLayout) -> None:
        self.label = label
        self.layout = layout
        self.values = [""] * len(layout.slots)

    @property
    def tag(self) -> str:
        return self.layout.tag

    def get(self, ref: FieldRef) -> str:
        """The text at a position, "" where this directory has none."""
        index = self.layout.index(ref)
        return "" if index is None else self.values[index]

    def put(self, ref: FieldRef, value: str) -> None:
        """Fill a position that is empty; one that this directory lacks is left out."""
        index = self.layout.index(ref)
        if index is not None and not self.values[index]:
            self.values[index] = value

    def limit(self, index: int) -> tuple[int, bool]:
        """(characters that a slot takes, whether it is a number)."""
        slot = self.layout.slots[index]
        component = self.layout.elements[slot.element - 1].components[(slot.component or 1) - 1]
        return component.maximum, component.numeric and not component.lenient

    def digits(self, index: int) -> int:
        """How many digits a number of fixed length has at this slot, 0 for everything else."""
        slot = self.layout.slots[index]
        component = self.layout.elements[slot.element - 1].components[(slot.component or 1) - 1]
        return component.minimum if component.numeric and component.minimum > 1 else 0

    def incomplete(self) -> bool:
        """Whether an element, or a part of one that is told, is missing that must be there."""
        values = self.values
        return any(
            not values[slot] and (always or any(values[begin:end]))
            for slot, begin, end, always in _shape(self.layout).needed
        )

    def elements(self) -> list[Written]:
        """As the writer takes them."""
        values = self.values
        return [
            values[begin:end] if composite else values[begin]
            for composite, begin, end in _shape(self.layout).elements
        ]

    def record(self) -> Record:
        """As a reader would hand it on."""
        values = list(self.values)
        for whole, begin, end in _shape(self.layout).wholes:
            values[whole] = ":".join(values[begin:end]).rstrip(":")
        return Record(self.label, values, 0, 0, 0)


class _Shape(NamedTuple):
    """Where the elements of a segment lie among its slots.

    elements: (composite, first slot, slot behind the last).  needed: mandatory slots with the range
    of their element, and whether the element itself is mandatory.  wholes: whole composites with
    the range of their parts.
    """

    elements: tuple[tuple[bool, int, int], ...]
    needed: tuple[tuple[int, int, int, bool], ...]
    wholes: tuple[tuple[int, int, int], ...]


@lru_cache(maxsize=512)
def _shape(layout: SegmentLayout) -> _Shape:
    elements, needed, wholes = [], [], []
    for element, first in zip(layout.elements, layout.first_slot, strict=True):
        begin = first + layout.slots[first].whole
        end = begin + len(element.components)
        elements.append((element.composite, begin, end))
        if begin != first:
            wholes.append((first, begin, end))
        needed += [
            (begin + offset, begin, end, element.mandatory)
            for offset, component in enumerate(element.components)
            if component.mandatory
        ]
    return _Shape(tuple(elements), tuple(needed), tuple(wholes))


@dataclass(eq=False, slots=True)
class Group:
    """One occurrence of a group, its own segments and the groups below it, by label."""

    label: str
    segments: dict[str, list[Segment]] = field(default_factory=dict)
    groups: dict[str, list[Group]] = field(default_factory=dict)

    @property
    def trigger(self) -> Segment:
        return self.segments[self.label][0]

    def add(self, places: Places, label: str) -> tuple[Segment, Group]:
        """A further segment of this group, and the group it stands in: a new one for triggers."""
        segment = places.segment(label)
        if label in places.triggers:
            inner = Group(label, {label: [segment]})
            self.groups.setdefault(label, []).append(inner)
            return segment, inner
        self.segments.setdefault(label, []).append(segment)
        return segment, self

    def candidates(self, places: Places, label: str) -> list[Segment]:
        """The segments of that label that stand directly in this group."""
        if label in places.triggers:
            return [each.trigger for each in self.groups.get(label, ())]
        return self.segments.get(label, [])


def in_order(group: Group, item: Item, faults: Faults) -> Iterator[Segment]:
    """The segments of a group in the order of its structure."""
    for each in item.items:
        if each.items:
            inner = group.groups.get(each.label, ())
            if inner or each.mandatory:
                judge(each, len(inner), faults)
            for one in inner:
                yield from in_order(one, each, faults)
        else:
            segments = group.segments.get(each.label, ())
            if segments or each.mandatory:
                judge(each, len(segments), faults)
            yield from segments


def judge(item: Item, count: int, faults: Faults) -> None:
    """Whether an item comes as often as its status says."""
    if count > item.maximum or (count == 0 and item.mandatory):
        faults(item.label, count, item.maximum)
