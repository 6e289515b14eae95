"""Delivery into a folder of this machine: `.part`, fsync, size check, rename, fsync.

All work is done beneath one directory descriptor and no link is ever followed: whoever may write
into the folder must not be able to make us write somewhere else (S-11).
"""

import asyncio
import errno
import hashlib
import hmac
import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway import limits
from gateway.adapters.push_result import PushResult
from gateway.adapters.sftp_client.remote_name import BadName, checked_name
from gateway.pipeline.crash_points import crash_point

_THREADS = ThreadPoolExecutor(limits.PUSH_FOLDER_THREADS, thread_name_prefix="push-folder")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: a FIFO in a file's place must not hold the thread.
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FILE_MODE = 0o640


class _Refused(Exception):
    """Trying again cannot help; the text says why."""


async def push_folder(
    folder: Path, file_name: str, body: bytes | Iterable[bytes], size: int
) -> PushResult:
    """Put `body`, `size` bytes, as `file_name` into `folder`.

    A file of that name with the same bytes counts as sent; one with other bytes is never touched
    (`refused`).  What the file system refuses is `retry`: disks fill and mounts come back.  What
    reading `body` raises other than OSError passes through.
    """
    chunks = (body,) if isinstance(body, bytes) else body
    work = asyncio.get_running_loop().run_in_executor(
        _THREADS, write_into_folder, folder, file_name, chunks, size
    )
    try:
        async with asyncio.timeout(limits.PUSH_FOLDER_SECONDS):
            return await work
    except TimeoutError:
        return PushResult("retry", "folder: not done in time")


def write_into_folder(
    folder: Path, file_name: str, chunks: Iterable[bytes], size: int
) -> PushResult:
    """See push_folder; in the calling thread."""
    try:
        checked_name(file_name.encode("utf-8", "surrogatepass"))
        with _opened(folder) as directory:
            return _write(directory, file_name, chunks, size)
    except (_Refused, BadName) as error:
        return PushResult("refused", f"folder: {error}")
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "error")
        if code in ("ELOOP", "ENOTDIR"):
            return PushResult("refused", "folder: it is a link or no folder")
        return PushResult("retry", f"folder: {code}")


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield directory
    finally:
        os.close(directory)


def _write(directory: int, name: str, chunks: Iterable[bytes], size: int) -> PushResult:
    part = f"{name}.part"
    # A stale part is ours from a crash, or a trap; either way a new file takes its place, because
    # truncating would reach through a hard link.
    with suppress(FileNotFoundError):
        os.unlink(part, dir_fd=directory)
    try:
        written, digest = _write_part(directory, part, chunks)
        if written != size:
            return PushResult("retry", f"folder: {written} bytes were written of {size}")
        crash_point("deliver.folder.part_written")
        there = _digest_of(directory, name)
        if there is None:
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
        elif not hmac.compare_digest(there, digest):
            raise _Refused("the name exists with other bytes")
        os.fsync(directory)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=directory)
    return PushResult("sent", f"folder: {size} bytes")


def _write_part(directory: int, part: str, chunks: Iterable[bytes]) -> tuple[int, bytes]:
    """Write a new, synced file; its size on disk and sha256."""
    digest = hashlib.sha256()
    descriptor = os.open(part, _NEW, _FILE_MODE, dir_fd=directory)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size, digest.digest()


def _digest_of(directory: int, name: str) -> bytes | None:
    """Hash a regular file, None if the name is free; raises _Refused for anything else."""
    try:
        descriptor = os.open(name, _OLD, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _Refused("the name is taken by a link or a special file") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Refused("the name is taken by something that is no file")
        return hashlib.file_digest(file, "sha256").digest()
