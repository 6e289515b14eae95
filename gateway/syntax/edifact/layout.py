"""Where the components of each segment lie: `Record.values` is flat, one text per component.

The order is that of the segment; before the components of the composites in `WHOLE` stands one
more value, the composite as it was written ("137:202411180800:203"), so that a converter sees
value and qualifier together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.findings import Place
from gateway.syntax.edifact.elements import Element, parse_segment
from gateway.syntax.record import FieldRef, Record

# Time, measure, dimension, temperature, range: the value means nothing without its qualifier.
WHOLE = frozenset({"C507", "C174", "C211", "C239", "C280"})
_CODE_LISTS = frozenset({"1131", "3055"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One value: element and component from 1; component None is a simple or a whole element."""

    element: int
    component: int | None
    id: str
    whole: bool = False


class SegmentLayout:
    """One segment of one directory."""

    def __init__(self, tag: str, elements: tuple[Element, ...]) -> None:
        self.tag = tag
        self.elements = elements
        self.slots = tuple(slot for n, each in enumerate(elements, 1) for slot in _slots(n, each))
        self.first_slot = tuple(
            next(i for i, slot in enumerate(self.slots) if slot.element == n)
            for n in range(1, len(elements) + 1)
        )
        self._by_ref: dict[FieldRef, int] = {}
        for index, slot in enumerate(self.slots):
            for ref in _references(slot):
                self._by_ref.setdefault(ref, index)

    def index(self, field: FieldRef) -> int | None:
        """Index of an element number, (element, component), data element id or whole composite."""
        return self._by_ref.get(field)


def _slots(number: int, element: Element) -> list[Slot]:
    if not element.composite:
        return [Slot(number, None, element.id)]
    slots = [Slot(number, None, element.id, whole=True)] if element.id in WHOLE else []
    slots += [Slot(number, c, each.id) for c, each in enumerate(element.components, 1)]
    return slots


def _references(slot: Slot) -> list[FieldRef]:
    if slot.whole:
        return [slot.id]
    component = slot.component or 1
    refs: list[FieldRef] = [(slot.element, component), slot.id]
    return [slot.element, *refs] if component == 1 else refs


class EdifactLayout:
    """A message of a directory: `gateway.syntax.record.Layout` over its segments.

    Labels are the triggers of the groups and the tag ("EQD/DGS"); only the tag decides about
    fields.  Fields are numbers as in the Slot, or data element ids ("8260"; the first of its kind).
    """

    def __init__(
        self, name: str, version: str, structure: str, segments: Mapping[str, str]
    ) -> None:
        self._name = name
        self._version = version
        self.structure = structure
        self._notations = segments
        self._segments: dict[str, SegmentLayout] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return self._version

    def segment(self, tag: str) -> SegmentLayout | None:
        """The layout of a segment by its tag; None where the directory lacks it."""
        found = self._segments.get(tag)
        if found is None and tag in self._notations:
            found = SegmentLayout(tag, parse_segment(self._notations[tag]))
            self._segments[tag] = found
        return found

    def index(self, label: str, field: FieldRef) -> int | None:
        """Index into `Record.values`, None where this directory's segment has no such field."""
        segment = self.segment(label.rsplit("/", 1)[-1])
        return segment.index(field) if segment else None

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """(index, name) of what carries a fact; names are positions as in findings: "2.1", "4".

        Which code list a code is from, and who keeps it, are no facts of their own.
        """
        segment = self.segment(label.rsplit("/", 1)[-1])
        if segment is None:
            return ()
        return tuple(
            (i, f"{s.element}.{s.component}" if s.component else str(s.element))
            for i, s in enumerate(segment.slots)
            if not s.whole and s.id not in _CODE_LISTS
        )

    def width(self, label: str) -> int:
        """How many values a record of this label has."""
        segment = self.segment(label.rsplit("/", 1)[-1])
        return len(segment.slots) if segment else 0

    def place(self, record: Record, index: int) -> Place:
        """The place of one value; element and component from 1."""
        tag = record.label.rsplit("/", 1)[-1]
        segment = self.segment(tag)
        slot = segment.slots[index] if segment and index < len(segment.slots) else None
        return Place(
            record=record.ordinal,
            tag=tag,
            field=slot.element if slot else None,
            component=slot.component if slot else None,
            line=record.line,
            offset=record.offset,
        )
