"""Where a value goes: a position of a segment that is there, or of a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from gateway.mappings.edifact_writing_tree import Group, Places, Segment
from gateway.mappings.edifact_writing_values import UNNAMED, Text
from gateway.mappings.node import OneOf, Row
from gateway.syntax.record import FieldRef

# Triggers that are made where something below them needs them and no fact has made them.
_MADE: dict[str, tuple[tuple[FieldRef, str], ...]] = {
    "TDT": ((1, "20"),),
    "TMP": ((1, "2"),),
    "CTA": ((1, "IC"),),
    "DOC": (((1, 4), "VGM"),),
}


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """One row bound to a directory: label, slot, and its conditions as (slot, values)."""

    row: Row
    slot: int
    conditions: tuple[tuple[int, frozenset[str]], ...]
    whole: bool
    digits: int
    invert: Callable[[object, str], Text]

    @property
    def label(self) -> str:
        return self.row.label

    def text(self, value: object, name: str) -> Text:
        """A value as this row writes it; composites kept as text are taken apart."""
        text = self.invert(value, name)
        if not isinstance(text, str):
            return text
        if self.whole:
            return tuple(text.split(":"))
        return self._padded(text, value) if self.digits else text

    def _padded(self, text: str, value: object) -> str:
        """A number of a fixed length: decimals of a measure, else zeros before it."""
        short = self.digits - sum(c.isdigit() for c in text)
        if short <= 0 or not text.strip("-").replace(".", "").isdigit():
            return text
        if isinstance(value, Decimal):
            return f"{text}{'' if '.' in text else '.'}{'0' * short}"
        return text.zfill(len(text) + short)


@dataclass(eq=False, slots=True)
class Scope:
    """Where segments may go: the nearest groups by label, and the element's own segments."""

    groups: dict[str, Group]
    own: dict[str, Segment]


def parent(label: str, scope: Scope, places: Places) -> Group | None:
    """The group that a segment of this label goes into; made where only its trigger is missing."""
    above = places.group_of[label]
    found = scope.groups.get(above)
    if found is not None:
        return found
    group = parent(above, scope, places)
    if group is None:
        return None
    tag = above.rsplit("/", 1)[-1]
    known = group.groups.get(above, [])
    if tag == "TDT":
        known = [each for each in known if each.trigger.get(1) == "20"]
    if known:
        return known[0]
    if tag not in _MADE:
        return None
    segment, inside = group.add(places, above)
    for ref, value in _MADE[tag]:
        segment.put(ref, value)
    if tag == "TDT":
        # The main leg comes first: what has no leg of its own is read from it.
        group.groups[above].insert(0, group.groups[above].pop())
    return inside


def place(
    target: Target,
    text: Text,
    scope: Scope,
    places: Places,
    *,
    once: bool = False,
    joins: bool = False,
) -> Segment | None:
    """Put a text into a fitting segment, or a new one.

    once: not beside one of the same qualifier; joins: only into one that is there.
    """
    own = scope.own.get(target.label)
    if own is not None:
        return own if fits(own, target, text) and put(own, target, text) else None
    if target.label in scope.groups and target.label in places.triggers:
        candidates = [scope.groups[target.label].trigger]
        joins = True
        group = None
    else:
        group = parent(target.label, scope, places)
        if group is None:
            return None
        candidates = group.candidates(places, target.label)
    for segment in candidates:
        if fits(segment, target, text):
            put(segment, target, text)
            return segment
    if joins or group is None or (once and any(_same(each, target) for each in candidates)):
        return None
    segment, _inside = group.add(places, target.label)
    put(segment, target, text)
    return segment


def fits(segment: Segment, target: Target, text: Text) -> bool:
    """Whether a segment has the row's qualifiers or room for them, and its positions free."""
    for slot, values in target.conditions:
        kept = segment.values[slot]
        if kept not in values and (kept or not isinstance(values, OneOf)):
            return False
    return all(
        not segment.values[slot] or segment.values[slot] == part
        for slot, part in parts(target, text)
    )


def _same(segment: Segment, target: Target) -> bool:
    """Whether a segment carries the same qualifier, so that a second one would say it anew."""
    if not target.conditions:
        return True
    slot, values = target.conditions[0]
    return segment.values[slot] in values


def parts(target: Target, text: Text) -> Iterator[tuple[int, str]]:
    """The slots that a text fills, with their texts."""
    if isinstance(text, str):
        yield target.slot, text
    elif text is not None:
        for offset, part in enumerate(text, 1):
            if part is not None:
                yield target.slot + offset, part


def put(segment: Segment, target: Target, text: Text) -> bool:
    """Fill the row's qualifiers and positions; always True."""
    for slot, values in target.conditions:
        if not segment.values[slot]:
            first = values.first if isinstance(values, OneOf) else UNNAMED.get(segment.tag, "")
            segment.values[slot] = first
    for slot, part in parts(target, text):
        segment.values[slot] = part
    return True
