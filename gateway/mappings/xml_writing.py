"""Documents → XML of a layout: streamed part by part, each validated before it leaves.

A format says how a dumped header and a dumped part become elements; order, characters, encoding
and the schema are looked after here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.canonical.model import Model
from gateway.findings import Finding, FindingKind, Severity
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing, Unwritable, Write
from gateway.syntax.xml.layout import XmlLayout
from gateway.syntax.xml.schema import faults_of
from gateway.syntax.xml.writer import IMPOSSIBLE, Tag, opening

NOT_VALID = FindingKind(
    "WRITE-SCHEMA",
    Severity.ERROR,
    "不符合 {format} 的 XSD：{value}",
    "not valid by the schema of {format}: {value}",
)
_FINDINGS_MAX = 50


@dataclass(frozen=True)
class XmlForm:
    """How one format is written.

    header, part: dumped model, envelope (header only), findings → the elements below the root, or
    the elements of one part.  after: elements that stand behind the last part.
    """

    name: str
    layout: XmlLayout
    header: Callable[[dict[str, Any], Outgoing, list[Finding]], Tag]
    part: Callable[[dict[str, Any], list[Finding]], Tag]


def xml_writer(form: XmlForm) -> Write:
    """A function that writes documents of one format."""

    def write(envelope: Outgoing, header: Model, parts: Iterable[Model]) -> Iterator[bytes]:
        yield from _Writing(form, envelope).pieces(header, parts)

    return write


class _Writing:
    """One document in progress."""

    def __init__(self, form: XmlForm, envelope: Outgoing) -> None:
        self._form = form
        self._layout = form.layout
        self._envelope = envelope
        self._encoding = envelope.encoding or "utf-8"
        self._order = {path: rank for rank, path in enumerate(form.layout.elements)}
        self._findings: list[Finding] = []

    def pieces(self, header: Model, parts: Iterable[Model]) -> Iterator[bytes]:
        """The file; raises Unwritable at its end with everything that was found."""
        layout = self._layout
        head = Tag(layout.root)
        dumped = header.model_dump(exclude_none=True)
        head.below = self._form.header(dumped, self._envelope, self._findings).below
        head.sort(self._order)
        *steps, name = layout.part.split("/")
        before, after = self._around(head, steps)
        yield self._encoded(before)
        whole = False
        for part in parts:
            tag = self._part(part, name)
            if len(self._findings) < _FINDINGS_MAX:
                self._validate(before, tag, after)
            whole = True
            yield self._encoded(f"{tag}\n")
        if not whole:
            self._validate(before, None, after)
        yield self._encoded(after)
        if self._findings:
            raise Unwritable(self._findings[:_FINDINGS_MAX])

    def _part(self, part: Model, name: str) -> Tag:
        tag = self._form.part(part.model_dump(exclude_none=True), self._findings)
        tag.name = name
        tag.sort(self._order, self._layout.part)
        return tag

    def _around(self, head: Tag, steps: list[str]) -> tuple[str, str]:
        """The text before the parts, and that behind them."""
        marked = head
        for step in steps:
            marked = marked.under(step)
        head.sort(self._order)
        mark = Tag("\x00")
        rank = self._order[self._layout.part]
        path = "/".join(steps)
        at = sum(
            self._order.get(f"{path}/{tag.name}" if path else tag.name, 0) < rank
            for tag in marked.below
        )
        marked.below.insert(at, mark)
        self._check_characters(tag for tag in _all(head) if tag is not mark)
        text = "".join(str(tag) for tag in head.below)
        before, _, after = text.partition("<\x00/>")
        start = opening(self._layout.root, self._layout.namespace, self._encoding)
        return f"{start}{before}\n", f"{after}\n</{self._layout.root}>\n"

    def _validate(self, before: str, tag: Tag | None, after: str) -> None:
        """One part within the head: the whole document is never held."""
        if tag is not None:
            self._check_characters(_all(tag))
        if self._findings:
            return
        text = f"{before.partition('?>')[2]}{tag or ''}{after}"
        for message in faults_of(self._layout.name, text.encode("utf-8")):
            self._findings.append(NOT_VALID.at(value=message, format=self._form.name))

    def _check_characters(self, tags: Iterable[Tag]) -> None:
        for tag in tags:
            for text in (tag.text, *tag.attributes.values()):
                if found := IMPOSSIBLE.search(text):
                    shown = found[0].encode("unicode_escape").decode("ascii")
                    self._findings.append(facts.NOT_ENCODABLE.at(value=shown, encoding="XML"))

    def _encoded(self, text: str) -> bytes:
        """What the encoding lacks can always be a character reference."""
        return text.encode(self._encoding, "xmlcharrefreplace")


def _all(tag: Tag) -> Iterator[Tag]:
    yield tag
    for each in tag.below:
        yield from _all(each)
