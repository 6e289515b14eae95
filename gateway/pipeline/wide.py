"""Files in UTF-16: read as UTF-8, which the readers of flat files, EDIFACT and the like cut.

Windows calls it "Unicode" when a text is saved.  Only with its byte order mark; XML and tables see
to it themselves.  Places keep record and line; a byte offset would be that of another file.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from gateway.canonical.partner import Partner
from gateway.findings import Finding, FindingKind, Severity
from gateway.pipeline import translation
from gateway.pipeline.translation import End, Item, Part
from gateway.syntax.charset import wide_codec
from gateway.syntax.sniff import sniff

ENCODING = "utf-16"
HALF_CHARACTER = FindingKind(
    "FILE-UTF-16",
    Severity.ERROR,
    "有不属于 UTF-16 的字节，保留为“\\ud8..”或“\\x..”，文件可能不完整",
    "bytes that are no UTF-16, kept as “\\ud8..” or “\\x..”; the file may be cut off",
)
_THEMSELVES = frozenset({"xml", "table"})


def translate_text(chunks: Iterable[bytes], partner: Partner | None = None) -> Iterator[Item]:
    """As `translation.translate`, of a file that may be in UTF-16."""
    rest = iter(chunks)
    head = next(rest, b"")
    codec = wide_codec(head)
    if codec is None or sniff(head).syntax in _THEMSELVES:
        return translation.translate(chain((head,), rest), partner)
    narrowed = _Narrowed(codec, chain((head[2:],), rest))
    return _translated(narrowed, partner and _undeclared(partner))


def _undeclared(partner: Partner) -> Partner:
    """Whatever encoding was agreed: a byte order mark of UTF-16 says more."""
    agreements = [each.model_copy(update={"encoding": None}) for each in partner.agreements]
    return partner.model_copy(update={"agreements": tuple(agreements)})


class _Narrowed:
    """UTF-16 as UTF-8, piece by piece; what is neither stays visible."""

    def __init__(self, codec: str, chunks: Iterator[bytes]) -> None:
        self._decoder = codecs.getincrementaldecoder(codec)("backslashreplace")
        self._strict = codecs.getincrementaldecoder(codec)("strict")
        self._chunks = chunks
        self.whole = True

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            yield self._narrow(chunk, final=False)
        yield self._narrow(b"", final=True)

    def _narrow(self, chunk: bytes, *, final: bool) -> bytes:
        if self.whole:
            try:
                self._strict.decode(chunk, final)
            except UnicodeDecodeError:
                self.whole = False
        return self._decoder.decode(chunk, final).encode("utf-8", "backslashreplace")


def _translated(narrowed: _Narrowed, partner: Partner | None) -> Iterator[Item]:
    for item in translation.translate(narrowed, partner):
        if isinstance(item, Part | End):
            item.findings = [_nowhere(finding) for finding in item.findings]
        if isinstance(item, End):
            _finish(item, narrowed.whole)
        yield item


def _finish(end: End, whole: bool) -> None:
    end.interchange.encoding = ENCODING
    if not whole:
        end.interchange.complete = False
        end.findings.append(HALF_CHARACTER.at())
        end.total += 1
        end.errors += 1
        end.envelope_errors += 1


def _nowhere(finding: Finding) -> Finding:
    return replace(finding, place=finding.place._replace(offset=None))
