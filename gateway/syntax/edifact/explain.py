"""The slow path of one segment: takes it apart by hand, says what is wrong, keeps what is there.

Called when the segment's pattern does not match, and for segments with released characters whose
values are fine after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.findings import Finding, FindingKind, Findings, Place
from gateway.limits import FIELDS_PER_RECORD_MAX
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.elements import Component, Element
from gateway.syntax.edifact.layout import WHOLE, SegmentLayout
from gateway.syntax.edifact.separators import REPETITION, Separators, collapse

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x11-\x1f\x7f]")
_BREAKS = str.maketrans("", "", "\r\n")
_NEXT_LINE = re.compile(r"\n[ \t]*([A-Z]{3})(?:\+|$)")
# Whoever wraps text at a column breaks lines of this length, also before what looks like a tag.
_WRAP_COLUMN = 80
_UNKNOWN_PIECES_MAX = 200


@dataclass(slots=True)
class Explainer:
    """Reads segments with their faults into `findings`; `once` says whether to report again."""

    separators: Separators
    findings: Findings
    once: Callable[[str], bool]
    width: Callable[[str], int]
    ordinal: int = 0
    offset: int = 0
    line: int = 0
    tag: str = ""

    def values(self, segment: SegmentLayout, text: str) -> tuple[str, ...]:
        """The values of a segment in the order of its layout; text is canonical, marks and all."""
        self.tag = segment.tag
        self._check_breaks(text)
        if text.count("+") + text.count(":") > FIELDS_PER_RECORD_MAX:
            self._add(faults.ELEMENT_COUNT, None, maximum=FIELDS_PER_RECORD_MAX)
            text = self._cut(text)
        values: list[str] = []
        written = text.split("+")
        at = self.offset + self.width(written[0]) + 1
        spread = _spread(written[1:], segment.elements)
        for number, element in enumerate(segment.elements, 1):
            part = spread[number - 1] if number <= len(spread) else ""
            values += self._element(element, number, part, at)
            at += self.width(part) + 1
        self._check_surplus(segment, spread)
        return tuple(values)

    def _cut(self, text: str) -> str:
        pieces = text.split("+")[: FIELDS_PER_RECORD_MAX // 10]
        return "+".join(":".join(each.split(":")[:50]) for each in pieces)

    def _check_breaks(self, text: str) -> None:
        """Line breaks inside a segment: wrapped text, or a terminator that is missing."""
        if "\n" not in text and "\r" not in text:
            return
        for found in _NEXT_LINE.finditer(text):
            before = text[: found.start()].rstrip("\r")
            if len(before) - before.rfind("\n") - 1 < _WRAP_COLUMN:
                self._add(faults.UNTERMINATED, None, tag=self.tag, following=found[1])
                return
        if self.once("wrapped"):
            self._add(faults.WRAPPED, None)

    def _element(self, element: Element, number: int, part: str, at: int) -> list[str]:
        """The values of one element, its whole text first where the layout wants it."""
        pieces = part.split(":") if part else []
        texts: list[str] = []
        for position, component in enumerate(element.components, 1):
            raw = pieces[position - 1] if position <= len(pieces) else ""
            field = (number, position if element.composite else None)
            texts.append(self._component(component, raw, field, at))
            at += self.width(raw) + 1
        self._check_presence(element, texts, number, used=any(texts) or bool(part.strip(":")))
        if any(pieces[len(element.components) :]):
            value = self._text(part)
            self._add(
                faults.SURPLUS_COMPONENT, (number, None), value, maximum=len(element.components)
            )
        return [":".join(texts).rstrip(":"), *texts] if element.id in WHOLE else texts

    def _text(self, raw: str) -> str:
        """What the sender means by a piece of canonical text."""
        text = collapse(raw).translate(_BREAKS)
        if "?" in text:
            text = text.replace("?", self.separators.release or "?")
        return self.separators.restored(text)

    def _component(
        self, component: Component, raw: str, field: tuple[int, int | None], at: int
    ) -> str:
        value = self._text(raw)
        if "?" in raw:
            self._check_release(raw, value, field)
        if _CONTROL.search(value):
            self._add(faults.CONTROL, field, _shown(value), at=at)
        if not value or value.isspace():
            return value
        if component.numeric:
            return self._number(component, value, field, at)
        if not component.minimum <= len(value) <= component.maximum:
            self._add(faults.LENGTH, field, value, at=at, id=component.id, form=_form(component))
        return value

    def _check_release(self, raw: str, value: str, field: tuple[int, int | None]) -> None:
        if re.search(r"\?[\r\n]", raw):
            self._add(faults.RELEASED_BREAK, field)
        else:
            self._add(faults.LOOSE_RELEASE, field, value)

    def _number(
        self, component: Component, value: str, field: tuple[int, int | None], at: int
    ) -> str:
        """A number with the other decimal mark is that number; anything else is an error."""
        bare = value.strip()
        if not _NUMBER.fullmatch(bare):
            self._add(faults.NOT_NUMERIC, field, value, at=at, id=component.id)
            return value
        mark = "," if self.separators.decimal == "," else "."
        if ("," in bare and mark == ".") or ("." in bare and mark == ","):
            self._add(faults.DECIMAL_MARK, field, value, at=at, mark=mark)
        digits = sum(c.isdigit() for c in bare)
        if not component.minimum <= digits <= component.maximum:
            self._add(faults.LENGTH, field, value, at=at, id=component.id, form=_form(component))
        return bare

    def _check_presence(
        self, element: Element, texts: list[str], number: int, *, used: bool
    ) -> None:
        for position, component in enumerate(element.components, 1):
            if not component.mandatory and element.composite:
                continue
            if texts[position - 1].strip():
                continue
            place = (number, position if element.composite else None)
            if element.mandatory:
                self._add(faults.ELEMENT_MISSING, place, id=component.id)
            elif used and element.composite:
                self._add(faults.COMPONENT_MISSING, place, composite=element.id, id=component.id)

    def _check_surplus(self, segment: SegmentLayout, written: list[str]) -> None:
        for number, part in enumerate(written[len(segment.elements) :], len(segment.elements) + 1):
            if part.strip("+: \r\n"):
                value = self._text(part)
                self._add(
                    faults.SURPLUS_ELEMENT, (number, None), value, tag=self.tag, position=number
                )

    def place(self, field: tuple[int, int | None] | None = None, at: int | None = None) -> Place:
        """The place of an element in the segment in hand; without one, of the segment."""
        return Place(
            record=self.ordinal,
            tag=self.tag,
            field=field[0] if field else None,
            component=field[1] if field else None,
            line=self.line,
            offset=self.offset if at is None else at,
        )

    def _add(
        self,
        kind: FindingKind,
        field: tuple[int, int | None] | None,
        value: str | None = None,
        at: int | None = None,
        **params: object,
    ) -> None:
        finding: Finding = kind.at(self.place(field, at), value, None, **params)
        self.findings.add(finding)


def _spread(written: list[str], elements: tuple[Element, ...]) -> list[str]:
    """Syntax 4 repetitions become positions, as they were before; only last ones can repeat."""
    if not any(REPETITION in part for part in written):
        return written
    spread: list[str] = []
    for number, part in enumerate(written, 1):
        repeats = part.split(REPETITION)
        if number <= len(elements) and len(repeats) > 1:
            room = sum(each.id == elements[number - 1].id for each in elements[number - 1 :])
            spread += repeats[:room]
            spread += [":".join(repeats[room:])] if repeats[room:] else []
        else:
            spread += repeats
    return spread


def unknown_values(text: str, restored: Callable[[str], str]) -> tuple[str, ...]:
    """The components of a segment that no layout knows, flat, as written."""
    pieces = re.split("[+:]", collapse(text))[1:_UNKNOWN_PIECES_MAX]
    return tuple(restored(piece.translate(_BREAKS)) for piece in pieces)


def _form(component: Component) -> str:
    kind = "n" if component.numeric else "an"
    return f"{kind}{'' if component.minimum else '..'}{component.maximum}"


def _shown(value: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
