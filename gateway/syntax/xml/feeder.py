"""Bytes → lxml: decoded, looked through for what is never read, fed in small pieces.

Flags of the parser keep entities, DTDs and the network out a second time; no flag is relied on
alone (packages.md: they still accept a DOCTYPE).
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from gateway.findings import Finding, Place
from gateway.limits import XML_PIECE_CHARACTERS, XML_PROLOG_CHARACTERS_MAX, XML_RUN_CHARACTERS_MAX
from gateway.syntax.xml import faults
from gateway.syntax.xml.decoding import Decided, StrictDecoder, decide
from gateway.syntax.xml.prolog import Root, examine

_HEAD_BYTES = 512


class Refused(Exception):
    """The file is not read any further; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def new_parser(tag: str) -> etree.XMLPullParser:
    """A parser that reaches for nothing and tells the ends of one element."""
    return etree.XMLPullParser(
        events=("end",),
        tag="{*}" + tag,
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


class Source:
    """The text of a file in pieces, after its prolog was found harmless."""

    def __init__(self, chunks: Iterator[bytes], profile_encoding: str | None) -> None:
        self._chunks = chunks
        self._profile_encoding = profile_encoding
        self._run = 0
        self._bad: Finding | None = None
        self.decided = Decided()
        self.cut = False

    def open(self) -> tuple[Root, Iterator[str]]:
        """The root as it is written, and the pieces of text from the beginning on.

        Raises Refused; iterating raises it too, after all text that could be read.
        """
        texts = self._texts()
        text = next(texts, "")
        prolog = examine(text)
        while prolog.state == "more":
            if len(text) > XML_PROLOG_CHARACTERS_MAX:
                raise Refused(faults.RUN_TOO_LONG.at(limit=XML_PROLOG_CHARACTERS_MAX))
            more = next(texts, None)
            if more is None:
                raise Refused(self._bad or faults.INCOMPLETE.at())
            text += more
            prolog = examine(text)
        place = Place(line=1 + text.count("\n", 0, prolog.at))
        if prolog.state == "doctype":
            raise Refused(faults.DOCTYPE.at(place))
        if prolog.state == "declaration":
            raise Refused(faults.BAD_DECLARATION.at(place, text[: prolog.declaration]))
        if prolog.root is None:
            what = "no root element"
            raise Refused(faults.NOT_WELL_FORMED.at(place, line=place.line, column=1, what=what))
        # Newlines of the declaration stay, so that line numbers are those of the file.
        start = "\n" * text.count("\n", 0, prolog.declaration) + text[prolog.declaration :]
        return prolog.root, self._pieces(start, texts)

    def _texts(self) -> Iterator[str]:
        """Decoded chunks; ends at the first byte that cannot be decoded."""
        head = b""
        for chunk in self._chunks:
            head += chunk
            if len(head) >= _HEAD_BYTES:
                break
        if blank := len(head) - len(head.lstrip(b" \t\r\n")):
            # Blank lines before the declaration are a habit of writers, and no XML.
            head = b"" if blank == len(head) else head
        self.decided = decide(head.lstrip(b" \t\r\n"), self._profile_encoding)
        if self.decided.refused:
            raise Refused(faults.ENCODING.at(Place(line=1), self.decided.refused))
        decoder = StrictDecoder(self.decided)
        yield self._checked(decoder, head).lstrip(" \t\r\n")
        for chunk in self._chunks:
            if decoder.bad is not None:
                return
            yield self._checked(decoder, chunk)
        if decoder.bad is None:
            yield self._checked(decoder, b"", final=True)

    def _checked(self, decoder: StrictDecoder, chunk: bytes, final: bool = False) -> str:
        text = decoder.decode(chunk, final)
        if decoder.bad is not None:
            offset, raw = decoder.bad
            if decoder.cut:
                self._bad = faults.INCOMPLETE.at(Place(offset=offset))
            else:
                shown = "".join(f"\\x{byte:02x}" for byte in raw)
                self._bad = faults.UNDECODABLE.at(
                    Place(offset=offset), shown, encoding=self.decided.name
                )
        return text

    def _pieces(self, start: str, texts: Iterator[str]) -> Iterator[str]:
        yield from self._cut(start)
        for text in texts:
            yield from self._cut(text)
        if self._bad is not None:
            raise Refused(self._bad)

    def _cut(self, text: str) -> Iterator[str]:
        """Pieces in which no run without "<" can hide; Refused where one is too long."""
        for at in range(0, len(text), XML_PIECE_CHARACTERS):
            piece = text[at : at + XML_PIECE_CHARACTERS]
            first = piece.find("<")
            self._run += len(piece) if first < 0 else first
            if self._run > XML_RUN_CHARACTERS_MAX:
                raise Refused(faults.RUN_TOO_LONG.at(limit=XML_RUN_CHARACTERS_MAX))
            if first >= 0:
                self._run = len(piece) - piece.rfind("<")
            yield piece


def fed(parser: etree.XMLPullParser, piece: str) -> Refused | None:
    """Feed a piece; what is wrong with it is told after the parts that ended before it.

    An unknown entity or prefix does not stop the parser, only its log has it.
    """
    try:
        parser.feed(piece.encode("utf-8", "replace"))
    except etree.XMLSyntaxError as error:
        return _refusal(error.msg or "", error.lineno or 1, error.offset or 1)
    for entry in parser.feed_error_log:
        return _refusal(entry.message, entry.line or 1, entry.column or 1)
    return None


def ended(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    """Elements of the parser's name that have ended since it was last asked."""
    for _event, element in parser.read_events():
        if etree.iselement(element):
            yield element


def closed(parser: etree.XMLPullParser) -> etree._Element:
    """The root of a whole file; all that was wrong was told by `fed`, so an error is a cut."""
    try:
        root: etree._Element = parser.close()
    except etree.XMLSyntaxError as error:
        raise Refused(faults.INCOMPLETE.at(Place(line=error.lineno or 1))) from None
    return root


def _refusal(message: str, line: int, column: int) -> Refused:
    what = message.partition(", line ")[0].strip()[:120]
    place = Place(line=line)
    return Refused(faults.NOT_WELL_FORMED.at(place, line=line, column=column, what=what))
