"""TRANSLATION, the pure middle of the journey: bytes → documents, parts and findings.

sniff → syntax reader → mapping table → canonical model → identifier rules, one top-level group at
a time, so that memory stays flat for any file.  Parser children, `gateway convert`, `gateway
check` and `POST /v1/check` all run this one function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any

from gateway.canonical.partner import Agreement, Partner
from gateway.findings import Finding, FindingKind, Findings, Severity
from gateway.limits import EVENTS_AHEAD_MAX, RECORDS_AHEAD_MAX
from gateway.mappings import registry
from gateway.mappings.contract import Format
from gateway.pipeline.drafting import Drafted, Tables, tables_for
from gateway.pipeline.order import kind_told
from gateway.syntax.edifact import MessageReport
from gateway.syntax.profile import Profile
from gateway.syntax.readers import open_reader
from gateway.syntax.record import (
    Event,
    Grammar,
    Group,
    Interchange,
    Message,
    MessageKind,
    Reader,
    Record,
)
from gateway.syntax.sniff import Sniffed, sniff

EMPTY = FindingKind("FILE-EMPTY", Severity.ERROR, "文件是空的", "the file is empty")
NOT_READABLE = FindingKind(
    "FILE-UNKNOWN",
    Severity.ERROR,
    "无法识别的文件（{what}）",
    "this kind of file is not read here ({what})",
    "支持的格式见 gateway formats",
    "`gateway formats` lists what is read",
)
NOT_MAPPED = FindingKind(
    "MESSAGE-UNKNOWN",
    Severity.ERROR,
    "不支持的报文类型 {value}",
    "message type {value} is not read here",
    "支持的格式见 gateway formats",
    "`gateway formats` lists what is read",
)
NO_PARTS = FindingKind(
    "DOCUMENT-EMPTY",
    Severity.ERROR,
    "报文 {value} 没有任何内容（例如没有提单）",
    "message {value} has no content (no bill of lading, say)",
)


@dataclass(slots=True)
class Document:
    """A document as its first group begins; `header` is None where it could not be built."""

    ordinal: int
    format: Format
    kind: MessageKind
    reference: str | None
    layout: str
    header: Drafted
    errors: int = 0


@dataclass(slots=True)
class Part:
    """One part of a document with its findings; errors counts also those that were not kept."""

    document: Document
    ordinal: int
    draft: Drafted
    findings: list[Finding] = field(default_factory=list)
    errors: int = 0

    def key(self) -> dict[str, str]:
        """The business key, as far as header and part could be built."""
        type_ = self.document.format.document
        header, part = self.document.header.model, self.draft.model
        return type_.part_key(header, part) if header is not None and part is not None else {}


@dataclass(slots=True)
class End:
    """The end of a file: the envelope, and the findings that belong to no part.

    errors counts all error findings that belong to no part; envelope_errors those that concern
    every document of the file (a message of an unknown type concerns only itself).
    """

    interchange: Interchange
    findings: list[Finding]
    total: int
    errors: int
    envelope_errors: int
    documents: int
    format: str | None
    reports: Sequence[MessageReport]


Item = Document | Part | End


def translate(chunks: Iterable[bytes], partner: Partner | None = None) -> Iterator[Item]:
    """Read one file; never raises for anything that the file holds."""
    rest = iter(chunks)
    head = next(rest, b"")
    sniffed = sniff(head)
    format_ = registry.find(kind_told(head))
    agreement = partner.agreement(format_.document.name) if partner and format_ else None
    profile = profile_of(agreement)
    findings = Findings(severities=agreement.severities if agreement else None)
    translation = _Translation(sniffed, profile, findings, None if agreement else partner)
    return translation.run(chain((head,), rest))


def profile_of(agreement: Agreement | None) -> Profile:
    """How this partner's files of one document type are read."""
    if agreement is None:
        return Profile()
    return Profile(
        encoding=agreement.encoding,
        trailer=agreement.trailer,
        envelope_counts=agreement.envelope_counts,
        zone=agreement.zone,
        manifest_kind=agreement.manifest_kind,
        layouts=MappingProxyType(agreement.layouts),
    )


class _Translation:
    """One file in progress.

    A part is held back until the next one begins, so that what is found at the end of a message
    (a wrong count) still belongs to the document.
    """

    def __init__(
        self,
        sniffed: Sniffed,
        profile: Profile,
        findings: Findings,
        partner: Partner | None = None,
    ) -> None:
        self._sniffed = sniffed
        self._profile = profile
        # Of whom the agreement is not known yet: the head of a workbook does not say what it holds.
        self._partner = partner
        self._findings = findings
        # What the reader finds, until its turn comes: events are mapped a handful at a time.
        self._incoming = findings.sibling()
        self._message: Message | None = None
        # Of the message in hand, or of the last one: most files have one kind.
        self._message_kind: MessageKind | None = None
        self._format: Format | None = None
        self._tables: Tables | None = None
        # The tables of the message whose parts are read ahead.
        self._ahead: Tables | None = None
        self._document: Document | None = None
        self._pending: Part | None = None
        self._documents = 0
        self._parts = 0
        self._kinds: dict[MessageKind, tuple[Format | None, Tables | None]] = {}
        self._loose: list[Finding] = []
        self._loose_errors = 0
        self._absorbed = 0
        self._errors_seen = 0
        self._total_seen = 0
        self._formats: dict[str, None] = {}
        self._interchange = Interchange(sniffed.syntax)

    def run(self, chunks: Iterator[bytes]) -> Iterator[Item]:
        """Documents and parts as they are read, one End at last."""
        if self._sniffed.syntax == "empty":
            self._findings.add(EMPTY.at())
            yield self._end([])
            return
        reader = open_reader(
            self._sniffed.syntax, chunks, self._grammar, self._profile, self._incoming
        )
        if reader is None:
            self._findings.add(NOT_READABLE.at(what=self._sniffed.syntax))
            yield self._end([])
            return
        self._interchange = reader.interchange
        yield from self._events(reader)
        yield from self._close(ended=False)
        yield self._end(getattr(reader, "message_reports", []))

    def _events(self, reader: Reader) -> Iterator[Item]:
        """Let the reader run ahead as long as it finds nothing, then map what it has read.

        Reading and mapping by turns costs a fifth more: each drives the other's code and data out
        of the processor's caches.
        """
        ahead: list[Event] = []
        records = 0
        for event in reader:
            if self._incoming.total != self._absorbed:
                yield from self._map(ahead)
                self._absorb()
            ahead.append(event)
            records += len(event.records)
            if records >= RECORDS_AHEAD_MAX or len(ahead) >= EVENTS_AHEAD_MAX:
                yield from self._map(ahead)
                records = 0
        yield from self._map(ahead)
        self._absorb()

    def _absorb(self) -> None:
        self._findings.absorb(self._incoming)
        self._absorbed = self._incoming.total

    def _map(self, events: list[Event]) -> list[Item]:
        """Map events in their order; the list is empty afterwards.

        The parts of all of them are read by their table before the first is judged, and all are
        judged before the first is handed on: by turns it would cost a fifth more, as above.
        """
        items: list[Item] = []
        for event, values in [(event, self._read(event)) for event in events]:
            if isinstance(event, Group):
                document = self._document
                if document is None:
                    document = self._open(event)
                    if document is None:
                        continue
                    items.append(document)
                if self._pending is not None:
                    items.append(self._pending)
                self._pending = self._part(document, event.records, values)
            elif isinstance(event, Message):
                self._begin(event)
            else:
                items += self._close()
        events.clear()
        return items

    def _read(self, event: Event) -> dict[str, Any] | None:
        """The draft of a part; None where a value was refused, and for all that is no part."""
        if isinstance(event, Message):
            self._ahead = self._known(event.kind)[1]
        elif isinstance(event, Group) and self._ahead is not None:
            return self._ahead.read(event.records)
        return None

    def _grammar(self, kind: MessageKind) -> Grammar | None:
        """What the reader asks before a message: how to cut it."""
        format_, tables = self._known(kind)
        if format_ is None or tables is None:
            value = f"{kind.name} {kind.version}".strip()
            self._incoming.add(NOT_MAPPED.at(self._incoming.here, value))
            return None
        return format_.grammar(tables.layout)

    def _known(self, kind: MessageKind) -> tuple[Format | None, Tables | None]:
        """The format and tables of a kind; a file of 100,000 messages has one or two kinds."""
        found = self._kinds.get(kind)
        if found is None:
            format_ = registry.find(kind)
            if format_ is not None and self._partner is not None:
                self._profile = profile_of(self._partner.agreement(format_.document.name))
                self._partner = None
            tables = tables_for(format_, kind, self._profile) if format_ else None
            found = self._kinds[kind] = (format_, tables)
        return found

    def _begin(self, message: Message) -> None:
        self._document = None
        self._parts = 0
        same = self._message_kind is message.kind
        self._message, self._message_kind = message, message.kind
        if same:
            return
        self._format, self._tables = self._known(message.kind)
        if self._format is not None:
            self._formats[self._format.name] = None

    def _open(self, group: Group) -> Document | None:
        """The header: now, because the first part needs it; None where no format is known."""
        message = self._message
        if self._format is None or message is None or self._tables is None:
            return None
        records: Sequence[Record] = message.records
        if not self._format.group_labels:
            records = [*records, *group.records] if records else group.records
        self._documents += 1
        header = self._tables.header(
            records, message, self._interchange, self._profile, self._findings
        )
        self._document = Document(
            self._documents,
            self._format,
            message.kind,
            message.reference,
            self._tables.layout.version,
            header,
        )
        return self._document

    def _part(
        self, document: Document, records: Sequence[Record], values: dict[str, Any] | None
    ) -> Part:
        """The next part of the document, with what was found since the last one."""
        assert self._tables is not None, "a document opens under the tables of its message"
        self._parts += 1
        draft = self._tables.part((records, values), document.header, self._profile, self._findings)
        part = Part(document, self._parts, draft)
        if self._findings.total != self._total_seen:
            self._settle(part)
        return part

    def _close(self, *, ended: bool = True) -> Iterator[Item]:
        """The message ends: what was found since the last part belongs to its document.

        ended: by its own end, so that a message without parts is known to be empty.
        """
        if self._message is None:
            return
        if ended and self._document is None and self._format is not None:
            self._findings.add(NO_PARTS.at(value=self._message.kind.name))
        pending, self._pending = self._pending, None
        if pending is not None:
            if self._findings.total != self._total_seen:
                self._settle(pending, named=False)
            yield pending
        else:
            self._set_aside()
        self._message = self._document = None

    def _set_aside(self) -> None:
        """What was found in a message that became no document belongs to none."""
        self._loose += self._findings.drain()
        self._loose_errors += self._findings.errors - self._errors_seen
        self._errors_seen = self._findings.errors

    def _settle(self, part: Part, *, named: bool = True) -> None:
        """Give the part what was found since the last one; named: with the key of the part."""
        self._total_seen = self._findings.total
        key = next(reversed(part.key().values()), None) if named else None
        for finding in self._findings.drain():
            owned = finding if finding.place.key or key is None else finding.keyed(key)
            part.findings.append(owned)
        part.errors += self._findings.errors - self._errors_seen
        self._errors_seen = self._findings.errors

    def _end(self, reports: Sequence[MessageReport]) -> End:
        loose = self._loose + self._findings.drain()
        envelope_errors = self._findings.errors - self._errors_seen
        names = list(self._formats)
        return End(
            self._interchange,
            loose,
            self._findings.total,
            self._loose_errors + envelope_errors,
            envelope_errors,
            self._documents,
            names[0] if len(names) == 1 else None,
            reports,
        )
