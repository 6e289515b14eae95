"""The reader of each syntax, in one explicit list."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.findings import Findings
from gateway.syntax.edifact import EdifactReader
from gateway.syntax.edifact import layout_for as edifact_layout
from gateway.syntax.fixed.layout import load as fixed_layout
from gateway.syntax.fixed.reader import FixedReader
from gateway.syntax.flat.layout import load as flat_layout
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.json.dialect import PathLayout, dialect_named
from gateway.syntax.json.layout import JsonLayout
from gateway.syntax.json.reader import JsonReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Layout, MessageKind, Reader
from gateway.syntax.table.layout import load as table_layout
from gateway.syntax.table.reader import TableReader
from gateway.syntax.xml.layout import load as xml_layout
from gateway.syntax.xml.reader import XmlReader

Grammars = Callable[[MessageKind], Grammar | None]
_Open = Callable[[Iterator[bytes], Grammars, Profile, Findings], Reader]

READERS: dict[str, _Open] = {
    "flat": FlatReader,
    "edifact": EdifactReader,
    "fixed": FixedReader,
    "xml": XmlReader,
    "json": JsonReader,
    "table": TableReader,
}


def open_reader(
    syntax: str,
    chunks: Iterator[bytes],
    grammars: Grammars,
    profile: Profile,
    findings: Findings,
) -> Reader | None:
    """A reader over the bytes of one file; None for a syntax that is not read."""
    opened = READERS.get(syntax)
    return opened(chunks, grammars, profile, findings) if opened else None


def layout_for(syntax: str, name: str, kind: MessageKind) -> Layout | None:
    """The layout of a message: by name, or by directory and message for EDIFACT."""
    if syntax == "edifact":
        return edifact_layout(kind)
    if syntax == "fixed":
        return fixed_layout(name)
    if syntax == "xml":
        return xml_layout(name)
    if syntax == "json":
        return PathLayout(name) if dialect_named(kind.name) else JsonLayout(name)
    if syntax == "table":
        return table_layout(name)
    return flat_layout(name)
