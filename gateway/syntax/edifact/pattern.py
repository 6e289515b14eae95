"""One anchored regular expression per segment: `fullmatch` checks it and takes it apart.

The pattern is made of the directory alone and says yes or no; `explain.py` says why not.  What a
repeat has taken it keeps, and what may be left out is one of two branches: both spare the search
that could not find anything else, a third of the time.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from gateway.syntax.edifact.elements import Component, Element
from gateway.syntax.edifact.layout import WHOLE, EdifactLayout, SegmentLayout

# Data: all but separators, loose releases and control characters; tabs and placeholders pass.
_DATA = "[^+:?'\x00\x01\x08\x0a-\x0d\x11-\x1f\x7f]"
# Stands for the decimal mark while a pattern is put together.
_POINT = "<mark>"


@lru_cache(maxsize=4096)
def segment_pattern(layout: EdifactLayout, tag: str, mark: str) -> re.Pattern[str]:
    """The pattern of a segment under a decimal mark; nothing matches where the layout lacks it."""
    segment = layout.segment(tag)
    if segment is None:
        return re.compile(r"(?!)")
    return re.compile(_head(tag, segment.elements, mark))


def filled_pattern(
    segment: SegmentLayout, filled: Collection[int], always: Collection[int], mark: str
) -> str:
    """The text of a pattern that takes out these values, by their index, and no other may be there.

    always: those that must.  What it matches the whole pattern of the segment matches, too, with
    the same values.
    """
    pattern = ""
    needed = False
    for element, first in reversed(list(zip(segment.elements, segment.first_slot, strict=True))):
        body = _filled(element, first, filled, always)
        if not body and not pattern and not element.mandatory:
            continue
        pattern = rf"\+{body}{pattern}"
        needed = needed or element.mandatory or first in always
        if not needed:
            pattern = f"(?:{pattern}|)"
    return segment.tag + pattern.replace(_POINT, _point(mark)) + _end(segment, filled)


def _end(segment: SegmentLayout, filled: Collection[int]) -> str:
    """Separators behind the last value; a colon would belong to a composite that is one value."""
    last = max((segment.slots[index].element for index in filled), default=1)
    whole = any(element.id in WHOLE for element in segment.elements[last - 1 :])
    return r"\+*" if whole else "[+:]*"


def _filled(element: Element, first: int, filled: Collection[int], always: Collection[int]) -> str:
    """An element of which values may be there; empty where none may."""
    if not element.composite:
        one = _component(element.components[0], mandatory=element.mandatory)
        return f"({one})" if first in filled else ""
    whole = element.id in WHOLE
    pattern = ""
    needed = False
    for place, component in reversed(list(enumerate(element.components))):
        index = first + whole + place
        taken = index in filled
        if not taken and not pattern:
            continue
        body = f"({_component(component, mandatory=component.mandatory)})" if taken else ""
        pattern = f":{body}{pattern}" if place else f"{body}{pattern}"
        needed = needed or component.mandatory or index in always
        if place and not needed:
            pattern = f"(?:{pattern}|)"
    if whole and pattern:
        pattern = f"({pattern})"
    there = element.mandatory or first in always or not (needed and pattern)
    return pattern if there else f"(?:{pattern}|)"


def _point(mark: str) -> str:
    return re.escape("," if mark == "," else ".")


def _head(tag: str, elements: tuple[Element, ...], mark: str) -> str:
    return tag + _elements(elements).replace(_POINT, _point(mark)) + "[+:]*"


def _elements(elements: tuple[Element, ...]) -> str:
    """Nested from the last to the first: trailing elements may be left out, mandatory ones not."""
    pattern = ""
    needed = False
    for element in reversed(elements):
        pattern = rf"\+{_element(element)}{pattern}"
        needed = needed or element.mandatory
        if not needed:
            pattern = f"(?:{pattern}|)"
    return pattern


def _element(element: Element) -> str:
    if not element.composite:
        return f"({_component(element.components[0], mandatory=element.mandatory)})"
    pattern = ""
    needed = False
    for component in reversed(element.components):
        first = component is element.components[0]
        body = f"({_component(component, mandatory=component.mandatory)})"
        pattern = f"{body}{pattern}" if first else f":{body}{pattern}"
        needed = needed or component.mandatory
        if not needed and not first:
            pattern = f"(?:{pattern}|)"
    if element.id in WHOLE:
        pattern = f"({pattern})"
    return pattern if element.mandatory or not needed else f"(?:{pattern}|)"


def _component(component: Component, *, mandatory: bool) -> str:
    if component.numeric:
        body = _number(component)
    elif component.minimum:
        body = f"{_DATA}{{{component.maximum}}}+"
    else:
        return f"{_DATA}{{{1 if mandatory else 0},{component.maximum}}}+"
    return body if mandatory else f"(?:{body}|)"


def _number(component: Component) -> str:
    """Digits with at most one point; sign and point do not count as digits."""
    low, high = max(1, component.minimum), component.maximum
    ahead = rf"(?=[0-9{_POINT}]{{{low},{high + 1}}}+(?![0-9{_POINT}]))"
    return rf"-?(?:[0-9]{{{low},{high}}}+|{ahead}[0-9]*{_POINT}[0-9]*)"
