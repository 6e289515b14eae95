"""Segments → the bytes of an interchange, streamed, in the narrowest character set that is known.

UNB names the set and comes first: where all of a file stands in its first `DECIDED_CHARACTERS` the
narrowest of UNOA, UNOB and UNOY is named; a longer one is UNOY, unless the receiver wants a set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.limits import EDIFACT_CHARSET_DECIDED_CHARACTERS
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing
from gateway.mappings.edifact_writing_text import Faulty
from gateway.mappings.edifact_writing_tree import Segment
from gateway.syntax.edifact.writer import Written

_ESCAPED = re.compile("[?+:']")
_PIECE_CHARACTERS = 1 << 15
_REFERENCE_CHARACTERS_MAX = 14
_IDENTITY_CHARACTERS_MAX = 35


class _Charset(NamedTuple):
    """A syntax identifier with its version, and how its text becomes bytes."""

    syntax: str
    version: str
    codec: str


_UNOY = _Charset("UNOY", "4", "utf-8")
_UNOB = _Charset("UNOB", "2", "ascii")
_LEVEL_A = re.compile(r"""[A-Z0-9 .,\-()/=!"%&*;<>'+:?\n]*""")
_LEVEL_B = re.compile(r"""[A-Za-z0-9 .,\-()/=!"%&*;<>'+:?\n]*""")
# What a receiver may want.  ISO 9735 has no GB 18030: who wants it gets it under UNOB, as the
# senders along this coast do, and has to say so in its agreement.
ENCODINGS: dict[str, _Charset] = {
    "utf-8": _UNOY,
    "us-ascii": _UNOB,
    "iso-8859-1": _Charset("UNOC", "3", "iso-8859-1"),
    "gb18030": _Charset("UNOB", "2", "gb18030"),
}


def segment_text(tag: str, elements: Sequence[Written]) -> str:
    """One segment with its terminator; what is empty at an end is left out, nothing is replaced."""
    texts = [_released(each) if isinstance(each, str) else _composite(each) for each in elements]
    while texts and not texts[-1]:
        texts.pop()
    return "+".join([tag, *texts]) + "'\n"


def _composite(components: Sequence[str]) -> str:
    last = next((n for n in range(len(components), 0, -1) if components[n - 1]), 0)
    return ":".join(map(_released, components[:last]))


def text_of(segment: Segment) -> str:
    """A segment as it is sent."""
    return segment_text(segment.tag, segment.elements())


def _released(text: str) -> str:
    return _ESCAPED.sub(r"?\g<0>", text) if _ESCAPED.search(text) else text


class Output:
    """One interchange: UNB, messages with their own numbers and counts, UNZ."""

    def __init__(self, envelope: Outgoing, faulty: Faulty) -> None:
        if not 0 < len(envelope.reference) <= _REFERENCE_CHARACTERS_MAX:
            raise ValueError(f"not a control reference: {envelope.reference!r}")
        self.messages = 0
        self._envelope = envelope
        self._faulty = faulty
        self._charset: _Charset | None = None
        if envelope.encoding is not None:
            self._charset = ENCODINGS[envelope.encoding.lower()]
        self._begun = False
        self._texts: list[str] = []
        self._size = 0
        for name in ("sender", "receiver"):
            value = getattr(envelope, name)
            if len(value) > _IDENTITY_CHARACTERS_MAX:
                limit = _IDENTITY_CHARACTERS_MAX
                faulty.add(
                    facts.TOO_LONG.at(value=value, path=name, format=faulty.format, limit=limit)
                )

    def message(self, kind: Sequence[str], segments: Iterable[Segment | str]) -> Iterator[bytes]:
        """UNH, the segments (or what `segment_text` made of them), UNT."""
        self.messages += 1
        reference = str(self.messages)
        self._add(segment_text("UNH", (reference, kind)))
        count = 2
        for segment in segments:
            count += 1
            self._add(segment if isinstance(segment, str) else text_of(segment))
            if self._size >= self._full:
                yield self._piece()
        self._add(segment_text("UNT", (str(count), reference)))

    def end(self) -> Iterator[bytes]:
        """UNZ and whatever has not been handed out."""
        self._add(segment_text("UNZ", (str(self.messages), self._envelope.reference)))
        if self._charset is None:
            self._charset = self._narrowest()
        yield self._piece()

    @property
    def _full(self) -> int:
        decided = self._begun or self._charset is not None
        return _PIECE_CHARACTERS if decided else EDIFACT_CHARSET_DECIDED_CHARACTERS

    def _add(self, text: str) -> None:
        self._texts.append(text)
        self._size += len(text)

    def _narrowest(self) -> _Charset:
        body = "".join([self._envelope.sender, self._envelope.receiver, *self._texts])
        if _LEVEL_A.fullmatch(body):
            return _Charset("UNOA", "2", "ascii")
        return _UNOB if _LEVEL_B.fullmatch(body) else _UNOY

    def _piece(self) -> bytes:
        charset = self._charset or _UNOY
        self._charset = charset
        if not self._begun:
            self._begun = True
            self._texts[:0] = ["UNA:+.? '\n", self._header(charset)]
        text = "".join(self._texts)
        self._texts, self._size = [], 0
        try:
            return text.encode(charset.codec)
        except UnicodeEncodeError as error:
            begin = text.rfind("\n", 0, error.start) + 1
            value = text[begin : text.find("\n", error.start)]
            self._faulty.add(
                facts.NOT_ENCODABLE.at(value=value, path=value[:3], encoding=charset.codec)
            )
            return b""

    def _header(self, charset: _Charset) -> str:
        envelope = self._envelope
        date = envelope.created.strftime("%Y%m%d" if charset.version == "4" else "%y%m%d")
        elements: list[Written] = [
            (charset.syntax, charset.version), envelope.sender, envelope.receiver,
            (date, envelope.created.strftime("%H%M")), envelope.reference,
        ]  # fmt: skip
        elements += ["", "", "", "", "", "1" if envelope.test else ""]
        return segment_text("UNB", elements)
