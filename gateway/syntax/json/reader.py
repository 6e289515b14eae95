"""The reader of canonical JSON: what `gateway.routing.payload` writes, bytes → message, parts, end.

Members come in the order in which they are written: `document` and `header` before `parts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gateway.findings import Findings, Place
from gateway.limits import JSON_VALUE_CHARACTERS_MAX
from gateway.syntax.json import faults
from gateway.syntax.json.dialect import Flattener, dialect_of
from gateway.syntax.json.layout import HEADER, PART
from gateway.syntax.json.positions import Lines, by_container
from gateway.syntax.json.scanner import Refused, Scanner
from gateway.syntax.json.value import BadJson, parse
from gateway.syntax.profile import Profile
from gateway.syntax.record import (
    Event,
    Grammar,
    Group,
    Interchange,
    Message,
    MessageEnd,
    MessageKind,
    Record,
)

GrammarOf = Callable[[MessageKind], Grammar | None]

# What we add when we deliver; it tells of that delivery and not of the document.
_OURS = frozenset({"format", "key", "function", "id", "sender", "decision"})
_CANONICAL = _OURS | {"document", "header", "parts"}
_ENVELOPE = ("sender", "receiver", "reference")


class JsonReader:
    """Iterate for events; `interchange` is filled on the way and whole at the end."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        grammar: GrammarOf,
        profile: Profile,
        findings: Findings,
    ) -> None:
        self.interchange = Interchange("json", encoding="utf-8")
        self._scanner = Scanner(iter(chunks))
        self._grammar = grammar
        self._findings = findings
        self._members: set[str] = set()
        self._kind = MessageKind("json", "")
        self._header: Record | None = None
        self._ordinal = 0

    def __iter__(self) -> Iterator[Event]:
        try:
            yield from self._document()
            self.interchange.complete = True
        except Refused as refused:
            self._findings.add(refused.finding)

    def _document(self) -> Iterator[Event]:
        scanner = self._scanner
        if scanner.peek() == "[":
            yield from self._list()
            return
        scanner.expect("{")
        first = True
        while True:
            name = self._name()
            if first and name not in _CANONICAL:
                yield from self._whole(name)
                return
            first = False
            yield from self._member(name)
            if scanner.peek() != ",":
                break
            scanner.expect(",")
        scanner.expect("}")
        if scanner.peek():
            raise scanner.wrong(faults.AFTER_THE_END)
        if PART + "s" not in self._members:
            raise self._not_the_shape(faults.NO_PARTS)
        if self._header is not None:
            yield MessageEnd()

    def _name(self) -> str:
        """The name of the next member, its colon taken too."""
        scanner = self._scanner
        if scanner.peek() != '"':
            raise scanner.wrong(faults.A_NAME if scanner.peek() else None)
        name = str(self._value()[0])
        scanner.expect(":")
        return name

    def _list(self) -> Iterator[Event]:
        """A list of objects of a dialect, one at a time."""
        scanner = self._scanner
        scanner.expect("[")
        seen = False
        while scanner.peek() != "]":
            value, text, line = self._value()
            yield from self._foreign(value, line, by_container(value, text, line))
            seen = True
            if scanner.peek() != ",":
                break
            scanner.expect(",")
        scanner.expect("]")
        self._check_end()
        if not seen:
            raise self._not_the_shape(faults.EMPTY_LIST)

    def _whole(self, name: str) -> Iterator[Event]:
        """An object of a dialect, of which the first name has been taken."""
        scanner, members, first = self._scanner, dict[str, Any](), self._scanner.line
        own: dict[str | int, int] = {}
        lines: Lines = {id(members): own}
        size = 0
        while True:
            if name in members:
                raise scanner.wrong(faults.twice(name))
            members[name], text, own[name] = self._value()
            lines |= by_container(members[name], text, own[name])
            size += len(text)
            if size > JSON_VALUE_CHARACTERS_MAX:
                raise self._not_the_shape(faults.TOO_BIG_OBJECT)
            if scanner.peek() != ",":
                break
            scanner.expect(",")
            name = self._name()
        scanner.expect("}")
        self._check_end()
        yield from self._foreign(members, first, lines)

    def _check_end(self) -> None:
        if self._scanner.peek():
            raise self._scanner.wrong(faults.AFTER_THE_END)

    def _foreign(self, value: object, line: int, lines: Lines) -> Iterator[Event]:
        """The documents of one object that is not ours."""
        dialect = dialect_of(value) if isinstance(value, dict) else None
        if dialect is None or not isinstance(value, dict):
            raise self._not_the_shape(faults.UNKNOWN_OBJECT)
        kind = MessageKind("json", dialect.name, dialect.version)
        grammar = self._grammar(kind)
        if grammar is None:
            return
        flat = Flattener(dialect, lines)
        for head, parts in dialect.documents(value):
            self.interchange.messages += 1
            yield Message(kind, None, flat.records(head, line))
            for part in parts:
                if (found := flat.conflict(part, line)) is not None:
                    self._findings.add(found)
                yield Group(flat.records(part, line))
            yield MessageEnd()

    def _member(self, name: str) -> Iterator[Event]:
        if name in self._members:
            raise self._scanner.wrong(faults.twice(name))
        if len(self._members) > len(_OURS) * 10:
            raise self._not_the_shape(faults.TOO_MANY)
        self._members.add(name)
        if name == PART + "s":
            yield from self._parts()
            return
        value, text, line = self._value()
        if name == "document":
            self._begin(value)
        elif name == HEADER:
            self._header = self._record(HEADER, text, line)
            self._fill(value)
        elif name not in _OURS:
            place = Place(line=self._scanner.line)
            self._findings.add(faults.UNKNOWN_MEMBER.at(place, name))

    def _value(self) -> tuple[Any, str, int]:
        """The next value, its text and the line in which it begins."""
        self._scanner.peek()
        line = self._scanner.line
        text = self._scanner.value()
        try:
            return parse(text), text, line
        except BadJson as bad:
            place = Place(line=line + bad.line - 1)
            what_zh, what = bad.what
            raise Refused(faults.NOT_JSON.at(place, what_zh=what_zh, what=what)) from None

    def _begin(self, value: object) -> None:
        if not isinstance(value, str) or not value or len(value) > 64:
            raise self._not_the_shape(faults.NO_NAME)
        self._kind = MessageKind("json", value)

    def _fill(self, value: object) -> None:
        if not isinstance(value, dict):
            raise self._not_the_shape(faults.NO_HEADER)
        for name in _ENVELOPE:
            said = value.get(name)
            setattr(
                self.interchange, name, said if isinstance(said, str) and len(said) <= 200 else None
            )

    def _parts(self) -> Iterator[Event]:
        scanner = self._scanner
        if not self._kind.name or self._header is None:
            raise self._not_the_shape(faults.TOO_EARLY)
        if scanner.peek() not in ("[", ""):
            raise self._not_the_shape(faults.NO_LIST)
        if self._grammar(self._kind) is None:
            self._header = None
        else:
            self.interchange.messages += 1
            yield Message(self._kind, self.interchange.reference, [self._header])
        yield from self._items()

    def _items(self) -> Iterator[Event]:
        """The list of the parts; of a document of no known type they are only looked through."""
        scanner = self._scanner
        scanner.expect("[")
        while scanner.peek() != "]":
            value, text, line = self._value()
            if not isinstance(value, dict):
                raise self._not_the_shape(faults.NO_PART)
            if self._header is not None:
                yield Group([self._record(PART, text, line)])
            if scanner.peek() != ",":
                break
            scanner.expect(",")
            if scanner.peek() == "]":
                raise scanner.wrong(faults.ANOTHER_PART)
        scanner.expect("]")

    def _record(self, label: str, text: str, line: int) -> Record:
        self._ordinal += 1
        return Record(label, (text,), self._ordinal, -1, line)

    def _not_the_shape(self, what: faults.What) -> Refused:
        place = Place(line=self._scanner.line)
        return Refused(faults.NOT_THE_SHAPE.at(place, what_zh=what[0], what=what[1]))
