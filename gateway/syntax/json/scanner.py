"""Finds where JSON values end, without reading them: flat memory for any number of parts."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from gateway.findings import Finding, FindingKind, Place
from gateway.limits import JSON_DEPTH_MAX, JSON_VALUE_CHARACTERS_MAX
from gateway.syntax.json import faults

# A bracket or the beginning of a string; in a string its end, or an escaped character.
_TOKEN = re.compile(r'["{}\[\]]')
_IN_STRING = re.compile(r'"|\\.', re.DOTALL)
_SCALAR_END = re.compile(r"[\s,\]}]")
_BLANK = re.compile(r"[ \t\r\n]*")


class Refused(Exception):
    """The file is not read any further; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class Scanner:
    """A text that grows as it is needed; what was taken is forgotten."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._text = ""
        self._at = 0
        self._fault: FindingKind | None = None
        self._ended = False
        self.line = 1

    def peek(self) -> str:
        """The next character that is not blank, "" at the end of the file."""
        while True:
            found = _BLANK.match(self._text, self._at)
            end = found.end() if found else self._at
            self._advance(end)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        """Take one character; Refused where another one stands."""
        found = self.peek()
        if found != character:
            raise self.wrong(faults.expected(character) if found else None)
        self._advance(self._at + 1)

    def value(self) -> str:
        """The text of the next value, its brackets in balance."""
        first = self.peek()
        if not first:
            raise self.wrong(None)
        end = self._balanced() if first in '{["' else self._scalar()
        text = self._text[self._at : end]
        self._advance(end)
        return text

    def wrong(self, what: faults.What | None) -> Refused:
        """The refusal of what stands here; nothing more at all is INCOMPLETE."""
        if what is None:
            return Refused(faults.INCOMPLETE.at(Place(line=self._last_line)))
        place = Place(line=self.line)
        return Refused(faults.NOT_JSON.at(place, what_zh=what[0], what=what[1]))

    def _balanced(self) -> int:
        depth, at = 0, self._at
        while True:
            found = _TOKEN.search(self._text, at)
            if found is None:
                at = self._read_on(len(self._text))
                continue
            at = found.end()
            if found[0] == '"':
                at = self._string_end(at)
                if depth == 0:
                    return at
                continue
            depth += (found[0] in "{[") - (found[0] in "}]")
            if depth > JSON_DEPTH_MAX:
                raise self._too_big()
            if depth <= 0:
                return at

    def _string_end(self, at: int) -> int:
        """Behind the closing quote of a string; what was looked at is never looked at again."""
        while True:
            found = _IN_STRING.search(self._text, at)
            if found is None:
                # A backslash alone at the very end escapes what has not come yet.
                end = len(self._text)
                at = self._read_on(end - (at < end and self._text[-1] == "\\"))
            elif found[0] == '"':
                return found.end()
            else:
                at = found.end()

    def _read_on(self, at: int) -> int:
        """The same position when more has been read; refuses at the end of the file."""
        grown = at - self._at
        if not self._more():
            raise self.wrong(None)
        return self._at + grown

    def _scalar(self) -> int:
        while True:
            found = _SCALAR_END.search(self._text, self._at)
            if found is not None:
                return found.start()
            if not self._more():
                raise self.wrong(None)

    def _advance(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        if self._fault is not None:
            raise Refused(self._fault.at(Place(line=self._last_line)))
        if len(self._text) - self._at > JSON_VALUE_CHARACTERS_MAX:
            raise self._too_big()
        chunk = next(self._chunks, None)
        self._text, self._at = self._text[self._at :] + self._decoded(chunk), 0
        self._ended = chunk is None and self._fault is None
        return not self._ended

    def _decoded(self, chunk: bytes | None) -> str:
        """The text of a chunk, as far as it is text; what is wrong is told when it is reached."""
        try:
            return self._decoder.decode(chunk or b"", chunk is None)
        except UnicodeDecodeError as error:
            self._fault = faults.INCOMPLETE if chunk is None else faults.UNDECODABLE
            return error.object[: error.start].decode()

    @property
    def _last_line(self) -> int:
        """Of what has been read so far."""
        return self.line + self._text.count("\n", self._at)

    def _too_big(self) -> Refused:
        return Refused(
            faults.TOO_BIG.at(
                Place(line=self.line), characters=JSON_VALUE_CHARACTERS_MAX, depth=JSON_DEPTH_MAX
            )
        )
