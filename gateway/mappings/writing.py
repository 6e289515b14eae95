"""Every format that is written, in one explicit list.  A new one is a module and its line here."""

from __future__ import annotations

from gateway.mappings.contract import Writer

WRITERS: tuple[Writer, ...] = ()


def writer_named(name: str) -> Writer | None:
    """The writer of that format ("manifest/ifcsum-flat"), None where nobody writes it."""
    return next((writer for writer in WRITERS if writer.name == name), None)
