"""BACKUP: a copy of a running gateway's database and archive, and the way back.

A backup is a folder: `gateway.db`, `archive/<reference>` and, written last, `backup.json`, without
which it is no backup.  The database comes first, then every object that it refers to: what arrives
meanwhile is not in it, what is in it is whole.  PostgreSQL has tools of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.limits import CHUNK_BYTES
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Archive, Clock
from gateway.store.schema_version import schema_state, sqlite_path

_DATABASE: Final = "gateway.db"
_ARCHIVE: Final = "archive"
_MANIFEST: Final = "backup.json"
_REFERENCES: Final = (
    "SELECT archive_ref FROM interchange WHERE archive_ref IS NOT NULL"
    " UNION SELECT archive_ref FROM customs_attachment WHERE archive_ref IS NOT NULL ORDER BY 1"
)


class BackupRefused(Exception):  # it says what happened
    """Why nothing was copied."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds."""

    folder: Path
    database_bytes: int
    objects: int


def backup(url: str, archive: Archive, target: Path, clock: Clock) -> BackupReport:
    """Copy while the gateway runs.  Raises BackupRefused, OSError, sqlite3.Error."""
    source = _sqlite(url)
    if target.exists():
        raise BackupRefused(f"{target} exists; a backup never overwrites")
    if not source.is_file():
        raise BackupRefused(f"there is no database {source}")
    working = target.with_name(f"{target.name}.part")
    # What a killed backup has left.
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(mode=0o700, parents=True)
    crash_point("backup.begun")
    _copy_database(source, working / _DATABASE)
    crash_point("backup.database_copied")
    objects = _copy_objects(working, archive)
    manifest = {
        "at": clock.now().isoformat(),
        "database_sha256": _sha256_of(working / _DATABASE),
        "objects": objects,
    }
    _write(working / _MANIFEST, json.dumps(manifest, indent=2).encode())
    crash_point("backup.before_rename")
    working.rename(target)
    _sync_folder(target.parent)
    return BackupReport(target, (target / _DATABASE).stat().st_size, objects)


def restore(folder: Path, url: str, archive: Archive) -> BackupReport:
    """Put a backup back where nothing is; raises BackupRefused for a doubtful or occupied place."""
    target = _sqlite(url)
    if target.exists():
        raise BackupRefused(f"{target} exists; a restore never overwrites")
    manifest = _manifest(folder)
    crash_point("restore.begun")
    for reference in _references(folder / _DATABASE):
        _put_back(_object(folder, reference), reference, archive)
    target.parent.mkdir(parents=True, exist_ok=True)
    working = target.with_name(f"{target.name}.part")
    working.unlink(missing_ok=True)
    _copy_database(folder / _DATABASE, working)
    crash_point("restore.before_rename")
    working.rename(target)
    _sync_folder(target.parent)
    if (state := schema_state(url)) == "ahead":
        raise BackupRefused(f"the restored database is {state}: it is of a newer release")
    return BackupReport(target.parent, target.stat().st_size, int(manifest["objects"]))


def _put_back(path: Path, reference: str, archive: Archive) -> None:
    if _sha256_of(path) != reference:
        raise BackupRefused(f"{path} was changed after the backup")
    writer = archive.begin()
    for chunk in _chunks(path):
        writer.write(chunk)
    writer.commit(reference)


def _sqlite(url: str) -> Path:
    path = sqlite_path(url)
    if path is None:
        raise BackupRefused("PostgreSQL is backed up with pg_dump, restored with pg_restore")
    return path


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy of one consistent state, synced and checked."""
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    uri = f"{source.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
        # One file: a copy has no WAL beside it.
        writer.execute("PRAGMA journal_mode=DELETE").fetchall()
        said = writer.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        raise BackupRefused(f"the copy of {source} is damaged: {said}")
    with target.open("rb") as copied:
        os.fsync(copied.fileno())


def _copy_objects(working: Path, archive: Archive) -> int:
    (working / _ARCHIVE).mkdir()
    references = _references(working / _DATABASE)
    for reference in references:
        path = _object(working, reference)
        with path.open("xb") as copy:
            for chunk in archive.read(reference):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        if _sha256_of(path) != reference:
            raise BackupRefused(f"the archive object {reference} is damaged")
    _sync_folder(working / _ARCHIVE)
    return len(references)


def _references(database: Path) -> list[str]:
    uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        return [str(row[0]) for row in connection.execute(_REFERENCES)]


def _object(folder: Path, reference: str) -> Path:
    return folder / _ARCHIVE / reference


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is no whole backup: {_MANIFEST} is missing") from None
    if _sha256_of(folder / _DATABASE) != manifest["database_sha256"]:
        raise BackupRefused(f"{folder / _DATABASE} was changed after the backup")
    return dict(manifest)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
