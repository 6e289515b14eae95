"""PACKED files: a zip or gzip is unpacked in memory, each of its files translated by itself.

An archive is one interchange.  With a single file in it, it is read as if that file had come alone.
With several, their documents become the documents of the one interchange, decided one by one; the
envelope is what all of them share, so that sender and receiver hold only where all files agree, and
a file that is cut off spoils the whole, as a cut archive would.  What each file says of itself goes
along, because references and bytes are compared file by file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import chain

from gateway.canonical.partner import Partner
from gateway.findings import Finding, FindingKind, Findings, Severity
from gateway.limits import ARCHIVE_BYTES_MAX, FINDINGS_PER_FILE_MAX
from gateway.pipeline.rows import FileFacts
from gateway.pipeline.translation import Document, End, Item, Part
from gateway.pipeline.wide import translate_text
from gateway.syntax.pack import faults
from gateway.syntax.pack.directory import Refused, open_zip
from gateway.syntax.pack.unpacking import Meter, gunzipped, unzipped
from gateway.syntax.record import Interchange
from gateway.syntax.sniff import HEAD_BYTES, sniff

PACKED = frozenset({"zip", "gzip"})
# A file of such a syntax is no document: it is told, and the others go on.
_STRANGE = frozenset({"unknown", "empty"})
MIXED_TEST = FindingKind(
    "PACK-013",
    Severity.ERROR,
    "压缩文件中既有测试报文也有正式报文",
    "the archive holds test messages and real ones",
    "请分开发送",
    "send them apart",
)


@dataclass(slots=True)
class MemberDocument(Document):
    """A document of a file in an archive; its ordinal counts those of the whole archive."""

    member: str = ""


@dataclass(slots=True)
class ArchiveEnd(End):
    """The end of an archive, with its files."""

    files: tuple[FileFacts, ...] = ()


def translate_file(chunks: Iterable[bytes], partner: Partner | None = None) -> Iterator[Item]:
    """Read one file, packed or not; it never raises for what the file holds.

    Documents of an archive with several files are `MemberDocument`s, their findings name the file.
    """
    rest = iter(chunks)
    head = _head(rest)
    syntax = sniff(head).syntax
    whole = chain((head,), rest)
    if syntax not in PACKED:
        return translate_text(whole, partner)
    return _Archive(syntax, partner).run(whole)


Member = tuple[str, Callable[[], Iterator[bytes]]]


class _Archive:
    """One archive in progress."""

    def __init__(self, syntax: str, partner: Partner | None) -> None:
        self._syntax = syntax
        self._partner = partner
        self._findings = Findings()
        self._meter = Meter()
        self._documents = 0
        self._kept = 0
        self._ends: list[End] = []
        self._files: list[FileFacts] = []

    def run(self, chunks: Iterator[bytes]) -> Iterator[Item]:
        """The items of all members, one End at last."""
        for name, member in self._members(chunks):
            if self._meter.refused:
                break
            yield from self._member(name, member)
        if not self._ends and not self._findings.errors:
            self._findings.add(faults.NO_FILES.at())
        yield self._end()

    def _members(self, chunks: Iterator[bytes]) -> Iterator[Member]:
        if self._syntax == "gzip":
            yield "", lambda: gunzipped(chunks, self._meter, self._findings)
            return
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) > ARCHIVE_BYTES_MAX:
                self._findings.add(faults.TOO_BIG.at(what="bytes", limit=ARCHIVE_BYTES_MAX))
                return
        try:
            archive, members = open_zip(bytes(data))
        except Refused as refused:
            self._findings.add(refused.finding)
            return
        data.clear()
        with archive:
            for each in members:
                if each.is_beside:
                    self._findings.add(faults.BESIDE.at(value=each.name))
                    continue
                yield (
                    each.name,
                    partial(unzipped, archive, each.info, self._meter, self._findings),
                )

    def _member(self, name: str, member: Callable[[], Iterator[bytes]]) -> Iterator[Item]:
        """One file of the archive, its documents numbered on, its findings named."""
        digest = hashlib.sha256()
        pieces = _digested(member(), digest)
        head = _head(pieces)
        if sniff(head).syntax in PACKED:
            self._findings.add(_named(faults.NESTED.at(), name))
            return
        current: Document | None = None
        for item in translate_text(chain((head,), pieces), self._partner):
            if isinstance(item, Document):
                self._documents += 1
                current = _renumbered(item, self._documents, name)
                yield current
            elif isinstance(item, Part):
                item.document = current or item.document
                item.findings = self._bounded(item.findings, name)
                yield item
            else:
                item.findings = self._bounded(item.findings, name)
                self._ends.append(item)
                told = item.interchange
                sha256, last = digest.hexdigest(), self._documents
                self._files.append(FileFacts(name, told.sender, told.reference, sha256, last))

    def _bounded(self, findings: list[Finding], name: str) -> list[Finding]:
        """So many findings as a file may have; the others are counted."""
        kept = findings[: max(0, FINDINGS_PER_FILE_MAX - self._kept)]
        self._kept += len(kept)
        return [_named(finding, name) for finding in kept] if name else kept

    def _end(self) -> ArchiveEnd:
        interchange = self._interchange()
        own = self._bounded(list(self._findings), "")
        ends = self._ends
        names = {end.format for end in ends if end.documents}
        strange = [end for end in ends if end.interchange.syntax in _STRANGE]
        errors = self._findings.errors
        return ArchiveEnd(
            interchange,
            [finding for end in ends for finding in end.findings] + own,
            sum(end.total for end in ends) + self._findings.total,
            sum(end.errors for end in ends) + errors,
            sum(end.envelope_errors for end in ends if end not in strange) + errors,
            self._documents,
            names.pop() if len(names) == 1 else None,
            ends[0].reports if len(ends) == 1 else (),
            tuple(self._files),
        )

    def _interchange(self) -> Interchange:
        """The envelope of the only file, else what the files have in common."""
        every = [end.interchange for end in self._ends]
        if len(every) == 1:
            every[0].complete &= not self._findings.errors
            return every[0]
        read = [each for each in every if each.syntax not in _STRANGE]
        tests = {each.test for each in read}
        if len(tests) > 1:
            self._findings.add(MIXED_TEST.at())

        def shared(name: str) -> str | None:
            values = {getattr(each, name) for each in read}
            return values.pop() if len(values) == 1 else None

        return Interchange(
            self._syntax,
            shared("sender"),
            shared("receiver"),
            encoding=shared("encoding"),
            complete=bool(read)
            and all(each.complete for each in read)
            and not self._findings.errors,
            test=tests == {True},
            acknowledgement_requested=any(each.acknowledgement_requested for each in read),
            messages=sum(each.messages for each in read),
        )


def _head(chunks: Iterator[bytes]) -> bytes:
    """Enough of a file to tell what it is, in however small pieces it comes."""
    head = b""
    while len(head) < HEAD_BYTES and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head


def _digested(chunks: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    """The bytes of a file, counted into its digest as they are read.

    Where reading stops before the end the file has errors, and a digest of less hides nothing.
    """
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _renumbered(document: Document, ordinal: int, member: str) -> Document:
    values = {each.name: getattr(document, each.name) for each in fields(Document)}
    return MemberDocument(**{**values, "ordinal": ordinal}, member=member)


def _named(finding: Finding, member: str) -> Finding:
    return replace(finding, place=finding.place._replace(file=member)) if member else finding
