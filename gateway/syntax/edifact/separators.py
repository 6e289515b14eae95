r"""UNA: the separators of an interchange, and the one form of text that all else reads.

Canonical text has the default separators whatever the sender chose: `+` element, `:` component,
`\x13` repetition (syntax 4).  Released characters, and data characters that would now look like
separators, are placeholders, so plain splitting is right:

    raw block, same length as the bytes   "?+" → "\x01\x03"  (two characters, so offsets hold)
    one segment, `collapse`d              "\x01\x03" → "\x03"
    one value, `restored`                 "\x03" → "+"

A `?` that is left in canonical text releases nothing: a fault that the slow path explains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_MARK = "\x01"
# What may be released: release, element, component, terminator, repetition.
_HOLDERS = "\x02\x03\x04\x05\x06"
# Data characters of a custom UNA that are separators in canonical text.
_LITERALS = {"+": "\x07", ":": "\x0e", "'": "\x0f", "?": "\x10"}
REPETITION = "\x13"
# Control characters of the sender that the placeholders need: they become SUB and are reported.
_RESERVED = bytes([*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x14)])
_CLEANING = bytes(0x1A if code in _RESERVED else code for code in range(256))


@dataclass(frozen=True)
class Separators:
    """The service characters; release None: none in use; repetition only from syntax 4 on."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str | None = "?"
    repetition: str | None = None
    terminator: str = "'"

    @property
    def is_default(self) -> bool:
        """Whether text needs nothing but its releases marked."""
        return (self.component, self.element, self.release, self.terminator, self.repetition) == (
            ":", "+", "?", "'", None,
        )  # fmt: skip

    def as_text(self) -> str:
        """The six characters of UNA."""
        return (
            f"{self.component}{self.element}{self.decimal}"
            f"{self.release or ' '}{self.repetition or ' '}{self.terminator}"
        )

    def problem(self) -> bool:
        """Whether two of them are equal or one cannot separate anything."""
        used = [self.component, self.element, self.terminator]
        used += [c for c in (self.release, self.repetition) if c is not None]
        bad = any(not c.isascii() or c in "\r\n \t\0" for c in used[:2])
        bad = bad or not self.terminator.isascii() or self.terminator in " \t\0"
        return bad or len(set(used)) != len(used)

    @cached_property
    def _releases(self) -> tuple[tuple[str, str], ...]:
        """(released pair, two-character mark); the release character itself comes first."""
        if self.release is None:
            return ()
        order = (self.release, self.element, self.component, self.terminator, self.repetition)
        return tuple(
            (self.release + char, _MARK + holder)
            for char, holder in zip(order, _HOLDERS, strict=True)
            if char
        )

    @cached_property
    def _translation(self) -> dict[int, str]:
        """Custom separators → canonical ones, and the data characters that stand in their way."""
        table = {ord(char): holder for char, holder in _LITERALS.items()}
        chosen = {self.element: "+", self.component: ":", self.terminator: "'"}
        if self.release is not None:
            chosen[self.release] = "?"
        if self.repetition is not None:
            chosen[self.repetition] = REPETITION
        return table | {ord(char): canonical for char, canonical in chosen.items()}

    @cached_property
    def _restoring(self) -> tuple[tuple[str, str], ...]:
        order = (self.release, self.element, self.component, self.terminator, self.repetition)
        held = tuple((h, c) for h, c in zip(_HOLDERS, order, strict=True) if c)
        return (*held, *((h, c) for c, h in _LITERALS.items()))

    def canonical(self, block: str) -> str:
        """A cleaned block → canonical text of the same length."""
        if self.release is not None and self.release in block:
            for pair, mark in self._releases:
                block = block.replace(pair, mark)
                if self.release not in block:
                    break
        return block if self.is_default else block.translate(self._translation)

    def marked(self, block: str) -> bool:
        """Whether canonical text may hold placeholders or loose releases."""
        return not self.is_default or _MARK in block

    def restored(self, value: str) -> str:
        """A value as the sender means it."""
        if value.isprintable():
            return value
        for holder, character in self._restoring:
            if holder in value:
                value = value.replace(holder, character)
        return value


def cleaned(block: bytes) -> bytes:
    """The block without the control characters that placeholders need; length unchanged."""
    return block.translate(_CLEANING)


def collapse(text: str) -> str:
    """One segment: each marked pair becomes one placeholder character."""
    return text.replace(_MARK, "")


def terminator_end(block: bytes, separators: Separators) -> int:
    """Where the last segment of a block ends: after its last unreleased terminator; 0 if none."""
    terminator = separators.terminator.encode()
    release = (separators.release or "").encode()
    at = block.rfind(terminator)
    while at >= 0:
        if not release or _released(block, at, release) % 2 == 0:
            return at + 1
        at = block.rfind(terminator, 0, at)
    return 0


def _released(block: bytes, at: int, release: bytes) -> int:
    """How many release characters stand directly before a byte."""
    run = at
    while run > 0 and block[run - 1 : run] == release:
        run -= 1
    return at - run


@dataclass(frozen=True, slots=True)
class Advice:
    """What the head of a file says: separators, length of UNA, and what is odd about it."""

    separators: Separators
    length: int = 0
    odd: str | None = None
    unusable: str | None = None
    line_feeds: bool = False


# Six characters are right; five (the blank lost), seven and four circulate.
_UNA = re.compile(rb"UNA(.{6}|.{5}|.{7}|.{4})(?=\s*UN[BGH])", re.DOTALL)
# What follows the element separator of UNB tells the syntax version, which decides about the
# fifth service character.
_UNB = re.compile(rb"\s*UNB.[A-Z]{3}[A-Z0-9].([1-9])", re.DOTALL)
_LINE_FED = re.compile(rb"UNB\+[^'\n]*\n\s*UN[HG]\+[^'\n]*\n")
_BREAKS = b"\r\n"
_UNA_CHARACTERS_MIN = 4


def advised(head: bytes) -> Advice:
    """Read UNA, or find the separators without one; `head` is the beginning, noise stripped."""
    if not head.startswith(b"UNA"):
        if _LINE_FED.match(head):
            return Advice(Separators(terminator="\n"), line_feeds=True)
        return Advice(Separators())
    found = _UNA.match(head)
    service = found[1] if found else head[3:9]
    if len(service) == 6 and service[5:] in (b"\r", b"\n") and service[4:5] not in b" *" + _BREAKS:
        service = service[:5]
    text = service.decode("latin-1")
    length, odd = 3 + len(service), None if len(text) == 6 else text
    if len(text) < _UNA_CHARACTERS_MIN:
        return Advice(Separators(), length, odd)
    if len(text) < 6:
        # The blank of position five is what gets lost; after that the release character.
        text = f"{text[:3]}{text[3:-1] or '?'} {text[-1:] or chr(39)}"
    separators = _of_characters(text[:5] + text[-1], head[length:])
    if separators.problem():
        return Advice(Separators(), length, odd, unusable=text)
    return Advice(separators, length, odd)


def _of_characters(text: str, after: bytes) -> Separators:
    unb = _UNB.match(after)
    modern = unb is not None and unb[1] >= b"4"
    # Before syntax 4 a blank says that nothing is released.
    release = None if text[3] == " " and not modern else text[3]
    repetition = text[4] if modern and text[4] != " " else None
    return Separators(text[0], text[1], text[2], release, repetition, text[5])
