"""SQLITE CONNECTION: how every connection is opened, and what its errors mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from gateway.limits import STORE_WAL_BYTES

# The disk, not the statement, is at fault: nothing that this connection says counts any more.
_DISK_ERRORS: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    }
)
_LOCK_ERRORS: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def connect(path: Path, busy_seconds: float, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an existing database; raises sqlite3.Error.

    Every commit is synced (WAL with synchronous=FULL).  No implicit transactions.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    try:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"journal_size_limit={STORE_WAL_BYTES}",
            "cache_size=-16384",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_disk_error(error: BaseException) -> bool:
    """Full, broken, gone: the connection is to be opened anew."""
    return isinstance(error, sqlite3.Error) and _primary(error) in _DISK_ERRORS


def is_lock_error(error: BaseException) -> bool:
    """Somebody else holds the lock: the same work may be tried again."""
    return isinstance(error, sqlite3.Error) and _primary(error) in _LOCK_ERRORS


def cause_of(error: BaseException) -> str:
    """Short words for health checks and logs."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return f"{name}: {error}"


def _primary(error: sqlite3.Error) -> int:
    """Extended codes carry their primary code in the low byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
