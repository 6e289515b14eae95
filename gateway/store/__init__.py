"""STORE: the database, the only truth: SQLite on one machine, PostgreSQL on many (house.md 5)."""

from __future__ import annotations

from gateway.pipeline.ports import Archive, Clock, Store
from gateway.store.backup import backup, restore
from gateway.store.schema_version import (
    SchemaMismatch,
    database_url,
    migrate,
    require_current,
    schema_state,
    sqlite_path,
)
from gateway.store.sqlite import SqliteStore, SqliteTerms

__all__ = [
    "SchemaMismatch",
    "SqliteStore",
    "SqliteTerms",
    "backup",
    "migrate",
    "open_archive",
    "open_store",
    "require_current",
    "restore",
    "schema_state",
    "sqlite_path",
]


def open_store(
    url: str,
    archive: Archive,
    clock: Clock,
    owner: str,
    terms: SqliteTerms | None = None,
) -> Store:
    """The store of this URL; raises SchemaMismatch for a schema that is behind or ahead.

    owner: the name of this process, for audit rows, health rows and the database's own listings.
    """
    require_current(url)
    path = sqlite_path(url)
    if path is not None:
        return SqliteStore(path, archive, clock, owner, terms or SqliteTerms())
    # Imported where it is wanted: one machine starts without the driver of PostgreSQL.
    from gateway.store.postgres import PostgresStore  # noqa: PLC0415

    address = database_url(url).render_as_string(hide_password=False)
    return PostgresStore(address, archive, clock, owner)


def open_archive(url: str, clock: Clock) -> Archive | None:
    """The archive inside PostgreSQL; None for SQLite, whose archive is a folder beside it."""
    if sqlite_path(url) is not None:
        return None
    from gateway.store.archive_chunks import ChunkArchive  # noqa: PLC0415

    return ChunkArchive(database_url(url).render_as_string(hide_password=False), clock)
