r"""Bytes → text for the flat family, record by record (formats.md 1.2 and 10.5).

The order that fits all writers: declared by the partner's profile → BOM → strict UTF-8 → GB18030
(a superset of GBK).  On a stream the choice is made by the first record that is not ASCII: valid
UTF-8 decides for UTF-8, anything else for GB18030.  A later record that contradicts is decoded by
the other one, and said so.  No byte is ever dropped: what neither can decode stays visible as
`\xNN`, with its offset.

A record may be cut out of the bytes before decoding: the bytes of `'`, `:`, `?` and `+` never occur
inside a GB18030 character.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from gateway.limits import FLAT_UNDECODABLE_PER_RECORD_MAX

UTF8_BOM = codecs.BOM_UTF8
ASCII, UTF8, GB18030 = "ascii", "utf-8", "gb18030"
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHINESE_NAMES = frozenset({"gb18030", "gbk", "gb2312", "cp936", "ms936", "hz"})


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Bytes that no text stands for; `start` counts from the beginning of the piece decoded."""

    start: int
    raw: bytes

    @property
    def shown(self) -> str:
        """The bytes as they appear in the text instead."""
        return "".join(f"\\x{byte:02x}" for byte in self.raw)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A piece that is not in the encoding of the pieces before it, or does not look like it."""

    expected: str
    found: str


Trouble = Undecodable | Contradiction


def wide_codec(head: bytes) -> str | None:
    """The codec of a text in UTF-16, told by its byte order mark (two bytes)."""
    return next((codec for mark, codec in _WIDE if head.startswith(mark)), None)


def narrowed_head(head: bytes) -> bytes:
    """The first bytes of a file as its reader will see them: UTF-16 as UTF-8."""
    codec = wide_codec(head)
    return head if codec is None else head[2:].decode(codec, "ignore").encode("utf-8", "ignore")


def canonical_name(declared: str | None) -> str | None:
    """Our name of a declared encoding: GBK and its kin are read as GB18030; None where unknown."""
    if not declared:
        return None
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    if name in _CHINESE_NAMES:
        return GB18030
    return UTF8 if name in ("utf-8", "utf-8-sig") else name


class StreamDecoder:
    """Decodes piece after piece of one file; `troubles` holds what went wrong with the last one.

    declared: IANA name from the partner's profile; it wins over detection.  A name that Python
    does not know is treated as not declared (`partners check` refuses it before).
    """

    def __init__(self, declared: str | None = None) -> None:
        self._decided = canonical_name(declared)
        if self._decided == ASCII:
            self._decided = None
        self._declared = self._decided is not None
        self._doubted = False
        self.encoding = self._decided or ASCII
        self.troubles: list[Trouble] = []

    def saw_bom(self) -> None:
        """A UTF-8 BOM stood at the beginning of the file: it decides, unless the profile did."""
        if self._decided is None:
            self._decide(UTF8)

    def decode(self, piece: bytes) -> str:
        """The text of a piece; look at `troubles` afterwards."""
        if piece.isascii():
            return piece.decode(ASCII)
        return self._decode_high(piece)

    def decode_many(self, pieces: bytes) -> str | None:
        """The text of several pieces at once, where each by itself would come to the same.

        Line ends part them: no character of these encodings has one inside.
        """
        if pieces.isascii():
            return pieces.decode(ASCII)
        return _strict(pieces, self._decided) if self._decided in (UTF8, GB18030) else None

    def _decide(self, encoding: str) -> None:
        self._decided = encoding
        self.encoding = encoding

    def _decode_high(self, piece: bytes) -> str:
        if self._decided is None:
            self._decide(UTF8 if _strict(piece, UTF8) is not None else GB18030)
        expected = self._decided or GB18030
        text = _strict(piece, expected)
        if text is None:
            return self._rescue(piece, expected)
        if self._declared and not self._doubted and expected == GB18030:
            # What was declared holds, but UTF-8 taken for GB18030 is rubbish, and nobody would say.
            self._doubted = _strict(piece, UTF8) is not None
            if self._doubted:
                self.troubles.append(Contradiction(expected, UTF8))
        return text

    def _rescue(self, piece: bytes, expected: str) -> str:
        """A piece that the decided encoding refuses: the other one of the two, else escapes."""
        other = GB18030 if expected == UTF8 else UTF8
        text = None if self._declared else _strict(piece, other)
        if text is not None:
            self.troubles.append(Contradiction(expected, other))
            return text
        text, undecodable = _visible(piece, expected)
        self.troubles.extend(undecodable)
        return text


def _strict(piece: bytes, encoding: str) -> str | None:
    try:
        return piece.decode(encoding)
    except UnicodeDecodeError:
        return None


def _visible(piece: bytes, encoding: str) -> tuple[str, list[Undecodable]]:
    r"""Decode what can be decoded; the rest becomes `\xNN`."""
    parts: list[str] = []
    bad: list[Undecodable] = []
    start = 0
    while start < len(piece):
        if len(bad) == FLAT_UNDECODABLE_PER_RECORD_MAX:
            # Shown, but no longer told: finding each would take the square of the length.
            parts.append(piece[start:].decode(encoding, errors="backslashreplace"))
            break
        try:
            parts.append(piece[start:].decode(encoding))
            break
        except UnicodeDecodeError as error:
            at, end = start + error.start, start + max(error.end, error.start + 1)
            # A lead byte may claim a delimiter as its trail; only the lead is at fault.
            end = next((i for i in range(at + 1, end) if piece[i] < 0x80), end)
            parts.append(piece[start:at].decode(encoding))
            bad.append(Undecodable(at, piece[at:end]))
            parts.append(bad[-1].shown)
            start = end
    return "".join(parts), bad


def encode(text: str, encoding: str | None) -> bytes:
    """Text → bytes in a sender's encoding; ASCII senders get GB18030, which ASCII text also is.

    GB18030 and UTF-8 carry every character; a lone surrogate (never produced by decoding) and,
    for other declared encodings, a foreign character become `?`.
    """
    name = canonical_name(encoding)
    if name is None or name == ASCII:
        name = GB18030
    return text.encode(name, errors="replace")
