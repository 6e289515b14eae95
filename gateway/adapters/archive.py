"""ARCHIVE: large bodies in a folder beside the database, each under the SHA-256 of its content.

The folder `work` holds what is being written, `objects/ab/abcd…` what is durable: fsync, rename,
fsync of the folder, in this order, before `commit` returns.  A lock file keeps a sweep from
taking an old object in the moment in which a new arrival comes to refer to it.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from gateway.limits import CHUNK_BYTES
from gateway.pipeline.crash_points import crash_point

_LOOK_SECONDS: Final = 0.2
_REFERENCE: Final = re.compile(r"[0-9a-f]{64}")


class FolderArchive:
    """The port `Archive`: one folder on one file system, for all processes of one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._work = folder / "work"
        self._objects = folder / "objects"
        self._looked_at = -_LOOK_SECONDS
        self._free_share = 1.0
        for each in (folder, self._work, self._objects):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self) -> FolderWriter:
        """A new object in the making; raises OSError."""
        return FolderWriter(self, self._work / f"{uuid.uuid4().hex}.part")

    def read(self, ref: str) -> Iterator[bytes]:
        """See the port; the object is opened before the first chunk is asked for."""
        return _chunks(self._path(ref).open("rb"))

    def sweep(self, known: Callable[[str], bool], older_than: datetime) -> int:
        """See the port; files that nobody finished are orphans too."""
        before = older_than.timestamp()
        unfinished = [path for path in self._work.glob("*.part") if _older(path, before)]
        for path in unfinished:
            path.unlink(missing_ok=True)
        orphans = [
            path
            for path in self._objects.glob("*/*")
            if _older(path, before) and not known(path.name)
        ]
        return len(unfinished) + sum(self._remove(path, known, before) for path in orphans)

    def _remove(self, path: Path, known: Callable[[str], bool], before: float) -> bool:
        with self.locked():
            # Once more, now that nobody can come to refer to it.
            if not _older(path, before) or known(path.name):
                return False
            crash_point("archive.before_sweep")
            path.unlink(missing_ok=True)
            return True

    def free_share(self) -> float:
        """See the port: what a process without privileges may still write."""
        now = time.monotonic()
        # Asked for every upload; a disk does not fill up within this.
        if now - self._looked_at >= _LOOK_SECONDS:
            disk = os.statvfs(self._folder)
            self._free_share = disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0
            self._looked_at = now
        return self._free_share

    def place(self, work: Path, ref: str) -> None:
        """Give a durable working file its name; an object of the same content is replaced by it."""
        target = self._path(ref)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self._objects)
        with self.locked():
            work.rename(target)
            crash_point("archive.renamed")
            _sync_folder(target.parent)
        crash_point("archive.folder_fsynced")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among the processes of this machine, for a moment."""
        with (self._folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _path(self, ref: str) -> Path:
        """A reference comes from our own rows; all the same it names nothing outside."""
        if not _REFERENCE.fullmatch(ref):
            raise FileNotFoundError(f"no archive object {ref!r}")
        return self._objects / ref[:2] / ref


class FolderWriter:
    """The port `ArchiveWriter`."""

    def __init__(self, archive: FolderArchive, work: Path) -> None:
        self._archive = archive
        self._work = work
        self._file: BinaryIO = os.fdopen(
            os.open(work, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb"
        )

    def write(self, chunk: bytes) -> None:
        """Add bytes; raises OSError, for instance on a full disk."""
        self._file.write(chunk)
        crash_point("archive.chunk_written")

    def commit(self, sha256: str) -> str:
        """See the port; raises OSError, after which the object does not exist."""
        crash_point("archive.before_fsync")
        try:
            self._file.flush()
            # A failed sync is never tried again: what it was about may be gone (reliability R-07).
            os.fsync(self._file.fileno())
            self._file.close()
            crash_point("archive.fsynced")
            self._archive.place(self._work, sha256)
        except OSError:
            self.abort()
            raise
        return sha256

    def abort(self) -> None:
        """Forget it; after `commit` nothing happens."""
        try:
            self._file.close()
        finally:
            # Closing flushes, which fails on a full disk; the file goes all the same.
            self._work.unlink(missing_ok=True)


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    with source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


def _older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
