"""What a file is, told from its first bytes (formats.md 1.8).  Pure; looks, never reads on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gateway.syntax.charset import UTF8_BOM
from gateway.syntax.xml.decoding import decide
from gateway.syntax.xml.prolog import examine

SyntaxName = Literal[
    "flat", "edifact", "xml", "json", "fixed", "table", "zip", "gzip", "unknown", "empty"
]
# Enough for a BOM, a habit of leading blank lines, and the first record.
HEAD_BYTES = 4096

_BLANKS = b" \t\r\n\x00\x1a\x0b\x0c"
_FLAT = re.compile(rb"00[ \t]*:[ \t]*([A-Za-z0-9_.-]{1,20})[ \t]*(?=[:'\r\n]|$)")
_FLAT_NAMELESS = re.compile(rb"00[ \t]*[:']")
_NCL_HEAD = re.compile(rb"00NCLCONTAINER LIST", re.IGNORECASE)
_NCL_LINE = re.compile(rb"51[^:\r\n]{11,}(?:\r?\n|$)")
_EDIFACT = re.compile(rb"UNA.{6}|UN[BGH].", re.DOTALL)
_XML = re.compile(rb"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])")
# With a byte order mark; without one UTF-16 is not read.
_WIDE_XML = (b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_JSON = re.compile(rb"[{\[]\s*[\"{\[\]}0-9tfn-]")
_DOCUMENT = re.compile(rb"""\{\s*"document"\s*:\s*"([a-z_]{1,40})\"""")
_FIXED = re.compile(rb"[^:\r\n]{6}[IE][^:\r\n]*(?:\r?\n|$)")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The syntax of a file and the message that its head names ("IFCSUM"; XML: by the root)."""

    syntax: SyntaxName
    name: str = ""


def sniff(head: bytes) -> Sniffed:
    """The syntax that the first bytes (HEAD_BYTES are enough) announce."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Sniffed("zip")
    if head.startswith(b"\x1f\x8b"):
        return Sniffed("gzip")
    if head.startswith(_WIDE_XML):
        return Sniffed("xml", _xml_name(head))
    text = head.removeprefix(UTF8_BOM).lstrip(_BLANKS)
    if not text:
        return Sniffed("empty")
    return _by_text(text) or _by_lines(text) or Sniffed("unknown")


def _by_text(text: bytes) -> Sniffed | None:
    """Formats that say in their first characters what they are."""
    if found := _FLAT.match(text):
        return Sniffed("flat", found[1].decode("ascii").upper())
    if _FLAT_NAMELESS.match(text):
        return Sniffed("flat")
    if _EDIFACT.match(text):
        return Sniffed("edifact")
    if _XML.match(text) or text[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return Sniffed("xml", _xml_name(text))
    if _JSON.match(text):
        named = _DOCUMENT.match(text)
        return Sniffed("json", named[1].decode("ascii") if named else "")
    return None


def _xml_name(head: bytes) -> str:
    """The message that the root element names, "" where the head does not reach so far."""
    decided = decide(head)
    if decided.refused:
        return ""
    text = head[decided.mark :].decode(decided.codec, "ignore")
    root = examine(text.lstrip()).root
    return root.name if root else ""


def _by_lines(text: bytes) -> Sniffed | None:
    """Formats that only the shape of their lines tells: NCL and fixed width, last a table."""
    if _NCL_HEAD.search(text[:500]) or _NCL_LINE.match(text):
        return Sniffed("fixed", "NCL")
    first = text.split(b"\n", 1)[0].rstrip(b"\r")
    if _FIXED.match(text):
        return Sniffed("fixed", "HG")
    if first.count(b",") >= 2 or first.count(b";") >= 2 or first.count(b"\t") >= 2:
        return Sniffed("table")
    return None
