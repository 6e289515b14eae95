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
        except BadJson as bad:
            place = Place(line=self._scanner.line)
            self._findings.add(faults.NOT_JSON.at(place, what=str(bad)))

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
            raise scanner.wrong("text behind the document")
        if PART + "s" not in self._members:
            raise self._not_the_shape("no parts")
        if self._header is not None:
            yield MessageEnd()

    def _name(self) -> str:
        """The name of the next member, its colon taken too."""
        scanner = self._scanner
        name = parse(scanner.value()) if scanner.peek() == '"' else None
        if not isinstance(name, str):
            raise scanner.wrong("a member expected" if scanner.peek() else "")
        scanner.expect(":")
        return name

    def _list(self) -> Iterator[Event]:
        """A list of objects of a dialect, one at a time."""
        scanner = self._scanner
        scanner.expect("[")
        seen = False
        while scanner.peek() != "]":
            line, value = scanner.line, parse(scanner.value())
            yield from self._foreign(value, line)
            seen = True
            if scanner.peek() != ",":
                break
            scanner.expect(",")
        scanner.expect("]")
        self._check_end()
        if not seen:
            raise self._not_the_shape("an empty list")

    def _whole(self, name: str) -> Iterator[Event]:
        """An object of a dialect, of which the first name has been taken."""
        scanner, members, line = self._scanner, dict[str, Any](), self._scanner.line
        size = 0
        while True:
            text = scanner.value()
            size += len(text)
            if name in members:
                raise BadJson("a member stands twice in one object")
            if size > JSON_VALUE_CHARACTERS_MAX:
                raise self._not_the_shape("too big")
            members[name] = parse(text)
            if scanner.peek() != ",":
                break
            scanner.expect(",")
            name = self._name()
        scanner.expect("}")
        self._check_end()
        yield from self._foreign(members, line)

    def _check_end(self) -> None:
        if self._scanner.peek():
            raise self._scanner.wrong("text behind the document")

    def _foreign(self, value: object, line: int) -> Iterator[Event]:
        """The documents of one object that is not ours."""
        dialect = dialect_of(value) if isinstance(value, dict) else None
        if dialect is None or not isinstance(value, dict):
            raise self._not_the_shape("no member document, and of no known standard")
        kind = MessageKind("json", dialect.name, dialect.version)
        grammar = self._grammar(kind)
        if grammar is None:
            return
        flat = Flattener(dialect)
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
            raise BadJson("a member stands twice in one object")
        if len(self._members) > len(_OURS) * 10:
            raise self._not_the_shape("too many members")
        self._members.add(name)
        if name == PART + "s":
            yield from self._parts()
            return
        value = parse(self._take(name))
        if name == "document":
            self._begin(value)
        elif name == HEADER:
            self._fill(value)
        elif name not in _OURS:
            place = Place(line=self._scanner.line)
            self._findings.add(faults.UNKNOWN_MEMBER.at(place, name))

    def _take(self, name: str) -> str:
        """The text of a value; that of the header is kept as a record."""
        line = (self._scanner.peek() and self._scanner.line) or self._scanner.line
        text = self._scanner.value()
        if name == HEADER:
            self._header = self._record(HEADER, text, line)
        return text

    def _begin(self, value: object) -> None:
        if not isinstance(value, str) or not value or len(value) > 64:
            raise self._not_the_shape("document is no name")
        self._kind = MessageKind("json", value)

    def _fill(self, value: object) -> None:
        if not isinstance(value, dict):
            raise self._not_the_shape("header is no object")
        for name in _ENVELOPE:
            said = value.get(name)
            setattr(
                self.interchange, name, said if isinstance(said, str) and len(said) <= 200 else None
            )

    def _parts(self) -> Iterator[Event]:
        scanner = self._scanner
        if not self._kind.name or self._header is None:
            raise self._not_the_shape("document and header must come before parts")
        if self._grammar(self._kind) is None:
            self._header = None
        else:
            self.interchange.messages += 1
            yield Message(self._kind, self.interchange.reference, [self._header])
        scanner.expect("[")
        while scanner.peek() != "]":
            line, text = scanner.line, scanner.value()
            if not isinstance(parse(text), dict):
                raise self._not_the_shape("a part is no object")
            if self._header is not None:
                yield Group([self._record(PART, text, line)])
            if scanner.peek() != ",":
                break
            scanner.expect(",")
            if scanner.peek() == "]":
                raise scanner.wrong("a part expected")
        scanner.expect("]")

    def _record(self, label: str, text: str, line: int) -> Record:
        self._ordinal += 1
        return Record(label, (text,), self._ordinal, -1, line)

    def _not_the_shape(self, what: str) -> Refused:
        return Refused(faults.NOT_THE_SHAPE.at(Place(line=self._scanner.line), what=what))
