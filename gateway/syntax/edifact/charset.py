"""UNB syntax identifier → character set, and what real senders do to it.

UNOA and UNOB are ASCII; UNOC–UNOL are ISO 8859 parts, UNOW and UNOY UTF-8.  Whoever writes Chinese
under UNOA or UNOC means UTF-8 or GB18030: the first segment with such bytes decides, once per file.
"""

from __future__ import annotations

import re

DECLARED = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso-8859-1", "UNOD": "iso-8859-2",
    "UNOE": "iso-8859-5", "UNOF": "iso-8859-7", "UNOG": "iso-8859-3", "UNOH": "iso-8859-4",
    "UNOI": "iso-8859-6", "UNOJ": "iso-8859-8", "UNOK": "iso-8859-9", "UNOL": "iso-8859-15",
    "UNOW": "utf-8", "UNOX": "ascii", "UNOY": "utf-8",
}  # fmt: skip
_MULTIBYTE = frozenset({"utf-8", "gb18030", "gbk", "gb2312"})
_SYNTAX = re.compile(rb"UNB.([A-Z0-9]{4})", re.DOTALL)
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
# Two characters in a row; so many accents in a row are no word of any language.
_CHINESE_BYTES_MIN = 4
# ISO 9735: level A and level B, with the separators themselves.
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/=!\"%&*;<>'+:?\r\n"
_REPERTOIRES = {"UNOA": _UPPER.encode(), "UNOB": (_UPPER + _UPPER[:26].lower()).encode()}
# In canonical text placeholders stand for what was released.
_LEVELS = {
    syntax: re.compile(f"[^{re.escape(characters.decode())}\x01-\x10\x13]")
    for syntax, characters in _REPERTOIRES.items()
}


class Charset:
    """The codec of one file: given by the partner's profile, declared, or found out."""

    def __init__(self, head: bytes, given: str | None) -> None:
        found = _SYNTAX.search(head)
        self.syntax = found[1].decode() if found else ""
        self.declared = DECLARED.get(self.syntax, "ascii")
        self.codec = given or self.declared
        self.decided = given is not None
        self.level = _LEVELS.get(self.syntax)
        self._repertoire = _REPERTOIRES.get(self.syntax, b"")

    def beyond_level(self, data: bytes) -> bool:
        """Whether bytes hold a character that the declared level does not have."""
        return bool(data.translate(None, self._repertoire))

    @property
    def multibyte(self) -> bool:
        """Whether a character may be longer than a byte."""
        return self.codec.lower() in _MULTIBYTE

    def decide(self, sample: bytes) -> bool:
        """Settle the codec by the first segment that is not ASCII; True if not the declared one."""
        self.decided = True
        self.codec = self._codec_of(sample)
        return self.codec != self.declared

    def _codec_of(self, sample: bytes) -> str:
        if _decodes(sample, "utf-8"):
            return "utf-8"
        if self.declared.startswith("iso") and not _CONTROLS.search(sample):
            # Accents stand alone between letters, Chinese characters take two bytes each.
            chinese = self.declared == "iso-8859-1" and _in_pairs(sample)
            return "gb18030" if chinese else self.declared
        if _decodes(sample, "gb18030"):
            return "gb18030"
        return "utf-8" if self.declared == "utf-8" else "iso-8859-1"

    def width(self, text: str) -> int:
        """How many bytes a text took."""
        if text.isascii() or not self.multibyte:
            return len(text)
        return len(text.encode(self.codec, "surrogateescape"))

    def decode(self, block: bytes) -> tuple[str, bool]:
        """(text, whether every byte was right); wrong bytes are kept as surrogates."""
        try:
            return block.decode(self.codec), True
        except UnicodeDecodeError:
            return block.decode(self.codec, "surrogateescape"), False


def _in_pairs(sample: bytes) -> bool:
    lengths = [len(run) for run in _HIGH.findall(sample)]
    even = all(length % 2 == 0 for length in lengths)
    return even and max(lengths) >= _CHINESE_BYTES_MIN and _decodes(sample, "gb2312")


def _decodes(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
