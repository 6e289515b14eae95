"""The elements of one segment, read from the compact notation of `schemas/edifact/*.json`.

Notation: elements parted by " | ", each "8053 M an..3" or "C237 C: 8260 C an..17, 1131 C an..3";
" x3" after the status is the directory's repetition (before syntax 4: so many elements in a row).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Measures are numbers whatever a directory says of their format (an..18 since D.97A).
_NUMBERS_BY_MEANING = frozenset({"6314"})
_FORMAT = re.compile(r"(an|n|a)(\.\.)?(\d+)")


@dataclass(frozen=True, slots=True)
class Component:
    """One data element as it stands in a segment; length in characters, for numbers in digits."""

    id: str
    mandatory: bool
    numeric: bool
    lenient: bool
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Element:
    """A position of a segment: a simple element (one component) or a composite."""

    id: str
    mandatory: bool
    composite: bool
    components: tuple[Component, ...]


def parse_segment(notation: str) -> tuple[Element, ...]:
    """Notation → positions in order, repetitions written out."""
    return tuple(each for part in notation.split(" | ") for each in _parse_element(part))


def _parse_element(part: str) -> Iterator[Element]:
    head, _, tail = part.partition(": ")
    words = head.split()
    repeat = next((int(word[1:]) for word in words[2:] if word[0] == "x"), 1)
    if tail:
        components = tuple(_parse_component(each) for each in tail.split(", "))
    else:
        components = (_parse_component(f"{words[0]} {words[1]} {words[-1]}"),)
    for number in range(repeat):
        yield Element(words[0], words[1] == "M" and number == 0, bool(tail), components)


def _parse_component(part: str) -> Component:
    name, status, form = part.split()
    found = _FORMAT.fullmatch(form)
    if found is None:
        raise ValueError(f"not a format: {form!r}")
    maximum = int(found[3])
    lenient = name in _NUMBERS_BY_MEANING and found[1] != "n"
    return Component(
        id=name,
        mandatory=status == "M",
        numeric=found[1] == "n" or lenient,
        lenient=lenient,
        minimum=0 if found[2] else maximum,
        maximum=maximum,
    )
