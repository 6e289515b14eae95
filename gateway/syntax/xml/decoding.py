"""Bytes → text of an XML file: byte order mark, then what the file declares, from a short list.

The parser below is never told an encoding of the sender's choice: an unusual one (UTF-7, EBCDIC)
shows bytes to a filter and other characters to the parser.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_ADMITTED = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
}
_DECLARED = re.compile(
    rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']\s*([^"'<>]{0,40})["']""", re.IGNORECASE
)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BARE_WIDE = (b"<\x00", b"\x00<", b"\x00\x00\x00<", b"<\x00\x00\x00")


@dataclass(frozen=True, slots=True)
class Decided:
    """The codec of a file and the byte order mark to leave out; `refused` where it is not read."""

    codec: str = ""
    mark: int = 0
    refused: str = ""

    @property
    def name(self) -> str:
        """As `interchange.encoding` shows it."""
        return "utf-16" if self.codec.startswith("utf-16") else self.codec


def decide(head: bytes, profile: str | None = None) -> Decided:
    """The encoding that the first bytes tell; `profile` counts where the file declares none."""
    if head.startswith(_UTF32):
        return Decided(refused="UTF-32")
    if head.startswith(codecs.BOM_UTF16_LE):
        return Decided("utf-16-le", 2)
    if head.startswith(codecs.BOM_UTF16_BE):
        return Decided("utf-16-be", 2)
    if head.startswith(_BARE_WIDE):
        return Decided(refused="UTF-16/UTF-32")
    marked = head.startswith(codecs.BOM_UTF8)
    found = _DECLARED.search(head[:512])
    declared = found[1].decode("ascii", "backslashreplace").strip() if found else profile or "utf-8"
    codec = _ADMITTED.get(declared.lower().replace("_", "-"))
    if codec is None or (marked and codec != "utf-8"):
        return Decided(refused=declared or "?")
    return Decided(codec, 3 if marked else 0)


class StrictDecoder:
    """Decodes chunk after chunk; stops at the first byte that is not in the encoding.

    `bad`: (byte offset, bytes) of that place; what stands before it has been decoded.
    """

    def __init__(self, decided: Decided) -> None:
        self._decoder = codecs.getincrementaldecoder(decided.codec)("strict")
        self._skip = decided.mark
        self._taken = 0
        self.bad: tuple[int, bytes] | None = None
        self.cut = False

    def decode(self, chunk: bytes, final: bool = False) -> str:
        """The text of a chunk; look at `bad` and, after the final one, at `cut`."""
        if self._skip:
            skipped = min(self._skip, len(chunk))
            self._skip -= skipped
            self._taken += skipped
            chunk = chunk[skipped:]
        self._taken += len(chunk)
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            whole: bytes = error.object
            self.cut = final and error.end >= len(whole)
            self.bad = (self._taken - len(whole) + error.start, whole[error.start : error.end])
            return whole[: error.start].decode(error.encoding, "strict")
