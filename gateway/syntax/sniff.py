"""What a file is, told from its first bytes (formats.md 1.8).  Pure; looks, never reads on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gateway.limits import TABLE_HEADINGS_MIN
from gateway.syntax.charset import UTF8_BOM, narrowed_head
from gateway.syntax.json.dialect import dialect_of
from gateway.syntax.table.csv_rows import separator_of
from gateway.syntax.table.headings import recognise
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
# What a workbook may begin with; a member of any other name makes it an archive.
_WORKBOOK = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Titles stand above the headings of a table.
_TABLE_LINES = 20
_MEMBER = re.compile(rb"""\"([A-Za-z]{1,40})\"\s*:""")
_FIXED = re.compile(rb"[^:\r\n]{6}[IE][^:\r\n]*(?:\r?\n|$)")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The syntax of a file and the message that its head names ("IFCSUM"; XML: by the root)."""

    syntax: SyntaxName
    name: str = ""


def sniff(head: bytes) -> Sniffed:
    """The syntax that the first bytes (HEAD_BYTES are enough) announce."""
    if packed := _by_magic(head):
        return packed
    text = narrowed_head(head).removeprefix(UTF8_BOM).lstrip(_BLANKS)
    if not text:
        return Sniffed("empty")
    return _by_text(text) or _by_lines(text) or Sniffed("unknown")


def _by_magic(head: bytes) -> Sniffed | None:
    """Formats that are no text, and XML in UTF-16."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Sniffed("table" if head[30:].startswith(_WORKBOOK) else "zip")
    if head.startswith(_OLE):
        return Sniffed("table")
    if head.startswith(b"\x1f\x8b"):
        return Sniffed("gzip")
    return Sniffed("xml", _xml_name(head)) if head.startswith(_WIDE_XML) else None


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
        return Sniffed("json", _json_name(text))
    return None


def _json_name(text: bytes) -> str:
    """The document of canonical JSON, or the standard whose members stand in the head."""
    if named := _DOCUMENT.match(text):
        return named[1].decode("ascii")
    found = {name.decode("ascii"): None for name in _MEMBER.findall(text[: 4 * HEAD_BYTES])}
    dialect = dialect_of(found)
    return dialect.name if dialect else ""


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
    if _FIXED.match(text):
        return Sniffed("fixed", "HG")
    return _table(text)


def _table(text: bytes) -> Sniffed | None:
    """A table by its headings, which tell what it holds; else by separators in the first line."""
    lines = text[: 4 * HEAD_BYTES].split(b"\n")[:_TABLE_LINES]
    separator = separator_of(text[: 4 * HEAD_BYTES]).encode("ascii")
    for line in lines:
        if line.count(separator) >= TABLE_HEADINGS_MIN - 1:
            layout = recognise(_decoded(line).split(separator.decode("ascii")))
            if layout is not None:
                return Sniffed("table", layout.name)
    return Sniffed("table") if lines[0].count(separator) >= TABLE_HEADINGS_MIN - 1 else None


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8").replace('"', "")
    except UnicodeDecodeError:
        return line.decode("gb18030", "ignore").replace('"', "")
