"""The XML reader: bytes → message, parts, end; with every fault of the syntax as a finding.

The tree never holds more than the head and one part: a part is cut off as soon as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from gateway.findings import Findings
from gateway.limits import XML_PART_CHARACTERS_MAX, XML_PART_RECORDS_MAX
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
from gateway.syntax.xml import faults
from gateway.syntax.xml.feeder import Refused, Source, closed, ended, fed, new_parser
from gateway.syntax.xml.layout import XmlLayout
from gateway.syntax.xml.orders import Orders
from gateway.syntax.xml.presence import check_head, check_part
from gateway.syntax.xml.prolog import Root, root_of
from gateway.syntax.xml.walk import Walker

GrammarOf = Callable[[MessageKind], Grammar | None]


class XmlReader:
    """Iterate for events; `interchange` is filled on the way and whole at the end.

    An XML file without the end of its root is INCOMPLETE for every partner: unlike a trailer, it
    is part of each element before it.
    """

    def __init__(
        self, chunks: Iterator[bytes], grammar: GrammarOf, profile: Profile, findings: Findings
    ) -> None:
        self.interchange = Interchange("xml")
        self._source = Source(iter(chunks), profile.encoding)
        self._grammar = grammar
        self._findings = findings

    def __iter__(self) -> Iterator[Event]:
        try:
            root, pieces = self._source.open()
            self.interchange.encoding = self._source.decided.name
            kind = MessageKind("xml", root.name, root.version)
            grammar = self._grammar(kind)
            document = _Document(kind, root, grammar, self.interchange, self._findings)
            yield from document.read(pieces)
            self.interchange.complete = True
        except Refused as refused:
            self._findings.add(refused.finding)


class _Document:
    """One file in progress."""

    def __init__(
        self,
        kind: MessageKind,
        root: Root,
        grammar: Grammar | None,
        interchange: Interchange,
        findings: Findings,
    ) -> None:
        layout = grammar.layout if grammar else None
        self._layout = layout if isinstance(layout, XmlLayout) else None
        self._kind = kind
        self._root = root
        self._interchange = interchange
        self._findings = findings
        self._walker = Walker(self._layout, root.namespace, findings)
        self._orders = Orders(self._layout, self._walker, findings)
        self._message: Message | None = None
        self._since_part = 0
        self._shapes: set[tuple[object, ...]] = set()

    def read(self, pieces: Iterator[str]) -> Iterator[Event]:
        """All events; Refused where the file cannot be read on."""
        part = self._layout.part if self._layout else "-"
        parser = new_parser(part.rsplit("/", 1)[-1])
        for piece in pieces:
            broken = fed(parser, piece)
            self._since_part += len(piece)
            for element in ended(parser):
                if self._is_part(element):
                    yield from self._part(element)
            if broken is not None:
                raise broken
            if self._since_part > XML_PART_CHARACTERS_MAX:
                raise Refused(
                    faults.PART_TOO_BIG.at(
                        characters=XML_PART_CHARACTERS_MAX, records=XML_PART_RECORDS_MAX
                    )
                )
        yield from self._close(parser)

    def _is_part(self, element: etree._Element) -> bool:
        """Whether an element of the part's name stands where parts stand."""
        if self._layout is None:
            return False
        names: list[str] = []
        at: etree._Element | None = element
        while at is not None and len(names) <= self._layout.part.count("/") + 1:
            names.append(str(at.tag).rpartition("}")[2])
            at = at.getparent()
        return at is None and "/".join(names[-2::-1]) == self._layout.part

    def _part(self, element: etree._Element) -> Iterator[Event]:
        layout, parent = self._layout, element.getparent()
        if layout is None or parent is None:
            return
        if self._message is None:
            yield self._begin(element.getroottree().getroot(), element)
        else:
            above = layout.part.rpartition("/")[0]
            self._tell_loose(list(parent)[: parent.index(element)], above)
            if layout.alone:
                yield MessageEnd()
                self._interchange.messages += 1
                yield Message(self._kind, self._message.reference, self._message.records)
        records = self._orders.records(element, layout.part)
        check_part(records, layout, self._findings, self._shapes)
        yield Group(records)
        element.clear()
        del parent[: parent.index(element)]
        self._since_part = 0

    def _begin(self, root: etree._Element, first: etree._Element | None) -> Message:
        """The head: everything that stands before the first part."""
        # By hand: a mutilated namespace is none that QName would take.
        namespace, _, name = str(root.tag).rpartition("}")
        if root_of(name, namespace.removeprefix("{")) != self._root:
            raise Refused(faults.OTHER_ROOT.at(value=self._root.name))
        records = self._walker.below(root, _from(first))
        if self._layout is not None:
            self._fill(records, self._layout)
            check_head(records, self._layout, self._findings)
        self._interchange.messages += 1
        self._message = Message(self._kind, self._interchange.reference, records)
        return self._message

    def _fill(self, records: list[Record], layout: XmlLayout) -> None:
        said: dict[str, str] = {}
        for record in records:
            said.setdefault(record.label, record.values[0])
        facts = {name: said.get(path) or None for name, path in layout.envelope.items()}
        self._interchange.sender = facts.get("sender")
        self._interchange.receiver = facts.get("receiver")
        self._interchange.reference = facts.get("reference")
        self._interchange.created = facts.get("created")

    def _tell_loose(self, children: Iterable[etree._Element], above: str) -> None:
        """What stands behind or between parts belongs to none of them."""
        for child in children:
            label = self._walker.label(above, child)
            if self._layout is not None and label != self._layout.part:
                self._tell(self._walker.records(child, label))

    def _tell_rest(self, root: etree._Element, layout: XmlLayout) -> None:
        """Behind the last part, level by level upwards."""
        names = layout.part.split("/")
        parents = [root]
        for name in names[:-1]:
            parents += [child for child in parents[-1] if str(child.tag).endswith(name)][:1]
        self._tell_loose(parents[-1], "/".join(names[:-1]))
        for depth in range(len(parents) - 2, -1, -1):
            self._tell_loose(parents[depth + 1].itersiblings(), "/".join(names[:depth]))

    def _tell(self, records: list[Record]) -> None:
        for record in records:
            if record.values[0] and self._layout is not None:
                place = self._layout.place(record, 0)
                self._findings.add(
                    faults.AFTER_PARTS.at(place, record.values[0], path=record.label)
                )

    def _close(self, parser: etree.XMLPullParser) -> Iterator[Event]:
        root = closed(parser)
        if self._layout is None:
            return
        if self._message is None:
            yield self._begin(root, None)
        else:
            self._tell_rest(root, self._layout)
        yield MessageEnd()


def _from(first: etree._Element | None) -> list[etree._Element]:
    """The first part and all that already stands behind it, on every level."""
    found: list[etree._Element] = []
    while first is not None:
        found += [first, *first.itersiblings()] if not found else first.itersiblings()
        first = first.getparent()
    return found
