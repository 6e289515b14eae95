"""Forms: all segments of a shape in one regular expression, made of what runs of it have filled.

A directory knows fifteen values of a segment and a sender fills three; an expression that takes out
these three alone, of all segments at once, does its work in a third of the time.  Like a shape it
says yes or nothing at all: where more is filled the segments are matched one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import Pattern
from re import compile as compiled

from gateway.limits import (
    EDIFACT_FORM_LOOKS,
    EDIFACT_FORM_SEGMENTS_MAX,
    EDIFACT_FORM_USES_MIN,
    EDIFACT_FORMS_MAX,
    EDIFACT_FORMS_OF_A_SHAPE_MAX,
)
from gateway.syntax.edifact.layout import EdifactLayout, SegmentLayout
from gateway.syntax.edifact.pattern import filled_pattern
from gateway.syntax.edifact.separators import Separators, collapse
from gateway.syntax.record import Form

_MARK = "\x01"
# No pattern of a segment lets it pass.
_BETWEEN = "\n"
Values = tuple[str, ...]
Slots = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class SegmentForm(Form):
    """A form with its expression; apart: how many segments are read before it (UNH is)."""

    pattern: Pattern[str]
    apart: int

    def read(self, texts: Sequence[str], separators: Separators) -> Values | None:
        """The values in the slots; None where anything else is filled, or wrong."""
        text = _BETWEEN.join(texts)
        marked = _MARK in text
        found = self.pattern.fullmatch(collapse(text) if marked else text)
        if found is None:
            return None
        if not marked:
            return found.groups("")
        values = list(found.groups(""))
        first, restored = self.begins[self.apart], separators.restored
        for number, each in enumerate(texts, self.apart):
            if _MARK in each:
                for at in range(self.begins[number] - first, self.begins[number + 1] - first):
                    values[at] = restored(values[at])
        return tuple(values)


class Filled:
    """What runs of one shape have filled so far, and when that is worth a form."""

    __slots__ = ("_always", "_layout", "_made", "_mark", "_slots", "_uses")

    def __init__(self, layout: EdifactLayout, mark: str, length: int) -> None:
        self._layout, self._mark = layout, mark
        self._slots: list[set[int]] = [set() for _ in range(length)]
        self._always: list[set[int]] = []
        self._uses = 0
        self._made = 0 if length <= EDIFACT_FORM_SEGMENTS_MAX else EDIFACT_FORMS_OF_A_SHAPE_MAX

    def look(
        self, labels: tuple[str, ...], values: Sequence[Values], apart: int
    ) -> SegmentForm | None:
        """One more run that no form has read; now and then the form that it calls for."""
        if self._made == EDIFACT_FORMS_OF_A_SHAPE_MAX:
            return None
        self._uses += 1
        if self._uses <= EDIFACT_FORM_USES_MIN - EDIFACT_FORM_LOOKS:
            return None
        if self._uses < EDIFACT_FORM_USES_MIN:
            self._note(values)
            return None
        self._uses = 0
        self._made += 1
        return self.form(labels, values, apart)

    def form(self, labels: tuple[str, ...], values: Sequence[Values], apart: int) -> SegmentForm:
        """The form of all runs that were looked at, and of this one."""
        self._note(values)
        widths = tuple(map(len, values))
        # UNH has its own layout, so all of it is taken.
        taken = [tuple(range(width)) for width in widths[:apart]]
        taken += map(tuple, map(sorted, self._slots[apart:]))
        always = tuple(map(tuple, map(sorted, self._always)))
        return _form((self._layout, self._mark), labels, (tuple(taken), always, widths), apart)

    def _note(self, values: Sequence[Values]) -> None:
        found = [{index for index, value in enumerate(each) if value} for each in values]
        self._slots = [slots | each for slots, each in zip(self._slots, found, strict=True)]
        self._always = [
            slots & each for slots, each in zip(self._always or found, found, strict=True)
        ]


@lru_cache(maxsize=EDIFACT_FORMS_MAX)
def _form(
    kind: tuple[EdifactLayout, str],
    labels: tuple[str, ...],
    slots: tuple[Slots, Slots, tuple[int, ...]],
    apart: int,
) -> SegmentForm:
    """Once for all files.  kind: layout and decimal mark; slots: filled, always filled, widths."""
    layout, mark = kind
    filled, always, widths = slots
    patterns, taken = [], list(filled[:apart])
    for label, each, needed in list(zip(labels, filled, always, strict=True))[apart:]:
        segment = layout.segment(label[-3:]) or SegmentLayout("", ())
        patterns.append(filled_pattern(segment, each, needed, mark))
        taken.append(_taken(segment, each))
    return SegmentForm(labels, tuple(taken), widths, compiled(_BETWEEN.join(patterns)), apart)


def _taken(segment: SegmentLayout, filled: tuple[int, ...]) -> tuple[int, ...]:
    """The slots that the pattern takes out: a whole composite with any component of it."""
    elements = {segment.slots[index].element for index in filled if not segment.slots[index].whole}
    return tuple(i for i in filled if segment.slots[i].element in elements)
