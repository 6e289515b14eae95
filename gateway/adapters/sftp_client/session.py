"""The promises of the contract, kept once for both drivers, over the few calls of a `Wire`."""

import builtins
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from gateway import limits
from gateway.adapters.sftp_client import remote_name
from gateway.adapters.sftp_client.contract import (
    RemoteFile,
    SftpConflict,
    SftpMissing,
    SftpOversize,
    SftpRefused,
    SftpUnavailable,
)
from gateway.pipeline.crash_points import crash_point


class Attributes(NamedTuple):
    """What a server says of a file; None where it says nothing."""

    size: int | None
    mode: int | None
    mtime: int | None

    @property
    def is_regular(self) -> bool:
        return self.mode is None or stat.S_ISREG(self.mode)


class Entry(NamedTuple):
    """One line of a listing, unchecked."""

    raw: bytes
    attributes: Attributes


class Wire(Protocol):
    """What a driver does.  Paths are bytes; links are never followed.

    All raise SftpMissing, SftpUnavailable or SftpRefused, within the endpoint's time bounds.
    """

    def entries(self, folder: bytes, limit: int) -> list[Entry]:
        """At most `limit` entries."""

    def attributes(self, path: bytes) -> Attributes | None: ...

    def read(self, path: bytes, sink: Callable[[bytes], object]) -> None: ...

    def write(self, path: bytes, chunks: Iterable[bytes]) -> int | None:
        """Create or truncate, write, and check every answer; the size by the open handle."""

    def rename(self, old: bytes, new: bytes) -> None: ...

    def remove(self, path: bytes) -> None: ...

    def mkdir(self, path: bytes) -> None: ...

    def close(self) -> None: ...


class CheckedSession:
    """An SftpSession over any wire: names checked, counts bounded, nothing overwritten."""

    def __init__(self, wire: Wire) -> None:
        self.refused: builtins.list[str] = []
        self.truncated = False
        self._wire = wire
        self._raw_names: dict[tuple[bytes, str], bytes] = {}

    def list(self, folder: str) -> builtins.list[RemoteFile]:
        """See SftpSession.list.  Of two names that read alike the second is refused."""
        path = _folder(folder)
        most = limits.SFTP_CLIENT_LIST_ENTRIES_MAX
        entries = self._wire.entries(path, most + 1)
        self.refused, self.truncated = [], len(entries) > most
        self._raw_names = {}
        return [file for entry in entries[:most] if (file := self._listed(path, entry))]

    def _listed(self, folder: bytes, entry: Entry) -> RemoteFile | None:
        raw, attributes = entry
        if raw in (b".", b"..") or not attributes.is_regular:
            return None
        try:
            name = remote_name.checked_name(raw)
        except remote_name.BadName:
            name = ""
        if not name or attributes.size is None or (folder, name) in self._raw_names:
            self._refuse(raw)
            return None
        self._raw_names[folder, name] = raw
        is_utf8 = name.encode("utf-8", "surrogatepass") == raw
        return RemoteFile(name, None if is_utf8 else raw, attributes.size, attributes.mtime or 0)

    def _refuse(self, raw: bytes) -> None:
        if len(self.refused) < limits.SFTP_CLIENT_REFUSED_NAMES_MAX:
            self.refused.append(remote_name.escaped(raw))

    def read_into(
        self, folder: str, name: str | bytes, sink: Callable[[bytes], object], max_bytes: int
    ) -> int:
        """See SftpSession.read_into."""
        count = 0

        def bounded(data: bytes) -> None:
            nonlocal count
            if count + len(data) > max_bytes:
                raise SftpOversize(f"read: the file is longer than {max_bytes} bytes")
            count += len(data)
            with _callers_own():
                sink(data)

        with _callers_out():
            self._wire.read(self._path(folder, name), bounded)
        return count

    def write(self, folder: str, name: str | bytes, chunks: Iterable[bytes], size: int) -> None:
        """See SftpSession.write."""
        final = self._path(folder, name)
        part = final + remote_name.PART_SUFFIX
        if self._is_done(final, size):
            return
        counted = _Counted(chunks)
        with _callers_out():
            by_handle = self._wire.write(part, counted)
        found = self._wire.attributes(part)
        written = by_handle if found is None else found.size
        if not counted.count == written == size:
            self._discard(part)
            raise SftpUnavailable(f"write: {written} bytes arrived of {size}")
        crash_point("deliver.sftp.part_written")
        try:
            self._wire.rename(part, final)
        except SftpUnavailable:
            # The answer may be what was lost, or somebody else came first.
            if not self._is_done(final, size):
                raise

    def _is_done(self, final: bytes, size: int) -> bool:
        found = self._wire.attributes(final)
        if found is None:
            return False
        if found.is_regular and found.size == size:
            return True
        raise SftpConflict("write: the name exists with another size")

    def _discard(self, path: bytes) -> None:
        try:
            self._wire.remove(path)
        except SftpUnavailable:
            # The next attempt truncates it; the size that differs is what the caller must hear.
            return

    def stat(self, folder: str, name: str | bytes) -> int | None:
        """See SftpSession.stat."""
        found = self._wire.attributes(self._path(folder, name))
        return found.size if found and found.is_regular else None

    def move(self, folder: str, name: str | bytes, target_folder: str) -> str:
        """See SftpSession.move."""
        old = self._path(folder, name)
        if self._wire.attributes(old) is None:
            raise SftpMissing("move: the file is gone")
        target = _folder(target_folder)
        if self._wire.attributes(target) is None:
            self._wire.mkdir(target)
        raw = old.rpartition(b"/")[2]
        for attempt in range(limits.SFTP_CLIENT_MOVE_TRIES):
            suffix = b"." + secrets.token_hex(4).encode() if attempt else b""
            new = remote_name.joined(target, raw[: 250 - len(suffix)] + suffix)
            if self._wire.attributes(new) is None:
                self._wire.rename(old, new)
                return remote_name.decoded(new.rpartition(b"/")[2])
        raise SftpUnavailable("move: no free name in the target folder")

    def close(self) -> None:
        """See SftpSession.close."""
        self._wire.close()

    def _path(self, folder: str, name: str | bytes) -> bytes:
        """The path of a checked name; a listed name leads to the bytes that were listed."""
        directory = _folder(folder)
        if isinstance(name, str):
            name = self._raw_names.get((directory, name), name.encode("utf-8", "surrogatepass"))
        try:
            remote_name.checked_name(name)
        except remote_name.BadName as error:
            raise SftpRefused(f"file name: {error}") from error
        return remote_name.joined(directory, name)


class _Counted:
    """An iterable that counts the bytes it hands on."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.count = 0
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._chunks)
        while True:
            with _callers_own():
                chunk = next(chunks, None)
            if chunk is None:
                return
            self.count += len(chunk)
            yield chunk


class _CallersError(Exception):
    """Carries what the caller's own code raised past the drivers.

    They would take an OSError of a local disk for the partner's.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


@contextmanager
def _callers_own() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise _CallersError(error) from error


@contextmanager
def _callers_out() -> Iterator[None]:
    try:
        yield
    except _CallersError as carried:
        raise carried.error from None


def _folder(folder: str) -> bytes:
    try:
        return remote_name.checked_folder(folder)
    except remote_name.BadName as error:
        raise SftpRefused(f"folder: {error}") from error
