"""The second driver: asyncssh, behind the same synchronous contract.

Each session has an event loop of its own, which runs in the caller's thread while a call lasts.
Nothing is read from ~/.ssh, no agent is asked, no configuration file counts.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

import asyncssh

from gateway import limits
from gateway.adapters.sftp_client import algorithms
from gateway.adapters.sftp_client.contract import (
    SftpEndpoint,
    SftpError,
    SftpMissing,
    SftpRefused,
    SftpUnavailable,
)
from gateway.adapters.sftp_client.dial import dial
from gateway.adapters.sftp_client.host_keys import PinnedKeys, pinned_keys
from gateway.adapters.sftp_client.private_key import openssh_text, private_key
from gateway.adapters.sftp_client.session import Attributes, CheckedSession, Entry

_T = TypeVar("_T")
_File = asyncssh.SFTPClientFile
# One parallel read or write: all requests that may be under way at once.
_RUN = limits.SFTP_CLIENT_REQUEST_BYTES * limits.SFTP_CLIENT_REQUESTS_MAX


_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[SftpError], str], ...] = (
    ((asyncssh.HostKeyNotVerifiable,), SftpRefused, "host key: not one of the pinned keys"),
    (
        (asyncssh.KeyExchangeFailed,),
        SftpRefused,
        "host key: no algorithm in common with the pinned keys",
    ),
    ((asyncssh.PermissionDenied,), SftpRefused, "the server refuses these credentials"),
    (
        (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath),
        SftpMissing,
        "no such file or folder",
    ),
    ((TimeoutError,), SftpUnavailable, "no answer in time"),
    ((asyncssh.SFTPConnectionLost,), SftpUnavailable, "the connection broke"),
    ((asyncssh.SFTPBadMessage,), SftpUnavailable, "the server breaks the protocol"),
)


class AsyncsshClient:
    """SftpClient over asyncssh."""

    def open(self, endpoint: SftpEndpoint) -> CheckedSession:
        """See SftpClient.open."""
        return CheckedSession(_AsyncsshWire(endpoint, _options(endpoint, pinned_keys(endpoint))))


def _options(endpoint: SftpEndpoint, pinned: PinnedKeys) -> dict[str, Any]:
    """Arguments of asyncssh.connect.  The lists are explicit: its defaults know SHA-1 and CBC."""
    key = private_key(endpoint)
    times = endpoint.timeouts
    known = {name.decode() for name in asyncssh.kex.get_kex_algs()}
    return {
        "username": endpoint.username,
        "password": endpoint.password.get_secret_value() if endpoint.password else None,
        "client_keys": [asyncssh.import_private_key(openssh_text(key))] if key else None,
        "known_hosts": (
            [asyncssh.public_key.decode_ssh_public_key(blob) for blob in pinned.blobs],
            [],
            [],
        ),
        "server_host_key_algs": pinned.signatures,
        "kex_algs": [name for name in algorithms.KEY_EXCHANGES if name in known],
        "encryption_algs": algorithms.CIPHERS,
        "mac_algs": algorithms.MACS,
        "signature_algs": algorithms.SIGNATURES,
        "compression_algs": ["none"],
        "preferred_auth": ["publickey", "keyboard-interactive", "password"],
        "login_timeout": times.banner + times.auth,
        "agent_path": None,
        "config": None,
        "gss_host": None,
        "x509_trusted_certs": None,
    }


class _AsyncsshWire:
    """Wire over asyncssh; making it connects, logs in and starts the SFTP subsystem."""

    def __init__(self, endpoint: SftpEndpoint, options: dict[str, Any]) -> None:
        times = endpoint.timeouts
        self._silence = times.channel
        self._ends = time.monotonic() + times.total
        self._connection: asyncssh.SSHClientConnection | None = None
        self._is_closed = False
        self._closing: set[asyncio.Future[None]] = set()
        socket = dial(endpoint.host, endpoint.port, min(times.connect, times.total))
        self._runner = asyncio.Runner()
        self._runner.get_loop().set_exception_handler(_ignore)
        try:
            login = asyncssh.connect(endpoint.host, endpoint.port, sock=socket, **options)
            with self._step("login"):
                self._connection = self._run(login, times.banner + times.auth)
            with self._step("subsystem"):
                self._sftp = self._run(
                    self._connection.start_sftp_client(path_encoding=None), times.channel
                )
        except BaseException:
            self.close()
            socket.close()
            raise

    def entries(self, folder: bytes, limit: int) -> list[Entry]:
        with self._step("list"):
            return self._run(self._entries(folder, limit))

    async def _entries(self, folder: bytes, limit: int) -> list[Entry]:
        entries: list[Entry] = []
        listing = cast("AsyncGenerator[asyncssh.SFTPName]", self._sftp.scandir(folder))
        while len(entries) < limit:
            name = await self._within(anext(listing, None))
            if name is None:
                break
            entries.append(Entry(_raw(name.filename), _attributes(name.attrs)))
        await self._within(listing.aclose())
        return entries

    def attributes(self, path: bytes) -> Attributes | None:
        with self._step("stat"):
            try:
                return _attributes(self._run(self._within(self._sftp.lstat(path))))
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None

    def read(self, path: bytes, sink: Callable[[bytes], object]) -> None:
        with self._step("read"):
            self._run(self._read(path, sink))

    async def _read(self, path: bytes, sink: Callable[[bytes], object]) -> None:
        file = await self._opened(path, "rb")
        try:
            while data := cast("bytes", await self._within(file.read(_RUN))):
                sink(data)
        finally:
            await self._closed(file)

    def write(self, path: bytes, chunks: Iterable[bytes]) -> int | None:
        with self._step("write"):
            return self._run(self._write(path, chunks))

    async def _write(self, path: bytes, chunks: Iterable[bytes]) -> int | None:
        file = await self._opened(path, "wb")
        try:
            for chunk in chunks:
                for start in range(0, len(chunk), _RUN):
                    await self._within(file.write(chunk[start : start + _RUN]))
            size = await self._size_of(file)
        except BaseException:
            await self._closed(file)
            raise
        await self._within(file.close())
        return size

    async def _opened(self, path: bytes, mode: str) -> _File:
        return await self._within(
            self._sftp.open(
                path,
                mode,
                encoding=None,
                block_size=limits.SFTP_CLIENT_REQUEST_BYTES,
                max_requests=limits.SFTP_CLIENT_REQUESTS_MAX,
            )
        )

    async def _size_of(self, file: _File) -> int | None:
        with suppress(asyncssh.SFTPError):
            return (await self._within(file.stat())).size
        return None

    async def _closed(self, file: _File) -> None:
        """Ask to close a file whose fate does not matter any more; the answer is not waited for."""
        task = asyncio.ensure_future(file.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        await asyncio.sleep(0)

    def rename(self, old: bytes, new: bytes) -> None:
        with self._step("rename"):
            self._run(self._within(self._sftp.rename(old, new)))

    def remove(self, path: bytes) -> None:
        with self._step("remove"):
            self._run(self._within(self._sftp.remove(path)))

    def mkdir(self, path: bytes) -> None:
        with self._step("mkdir"):
            self._run(self._within(self._sftp.mkdir(path, asyncssh.SFTPAttrs(permissions=0o750))))

    def close(self) -> None:
        connection, self._connection, self._is_closed = self._connection, None, True
        if connection is not None:
            connection.abort()
            with suppress(OSError, asyncssh.Error, RuntimeError):
                self._runner.run(asyncio.wait_for(connection.wait_closed(), timeout=1.0))
        self._runner.close()

    async def _within(self, call: Awaitable[_T]) -> _T:
        """One request and its answer: as long as a silence may be.

        A call that is late is cancelled and left behind: asyncssh would first wait for an answer to
        its own cleaning up.
        """
        task = asyncio.ensure_future(call)
        done, _ = await asyncio.wait({task}, timeout=self._silence)
        if not done:
            task.cancel()
            raise TimeoutError
        return task.result()

    def _run(self, call: Awaitable[_T], seconds: float | None = None) -> _T:
        """One call in the session's loop, within what is left of the session's time."""
        left = max(self._ends - time.monotonic(), 0.0)
        return self._runner.run(_bounded(call, left if seconds is None else min(seconds, left)))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Whatever goes wrong on the way becomes one of ours; the server's words stay outside."""
        if self._is_closed:
            raise SftpUnavailable(f"{name}: the session is closed")
        try:
            yield
        except (asyncssh.Error, OSError, EOFError) as error:
            raise _translated(name, error) from error


def _translated(name: str, error: Exception) -> SftpError:
    """Ours for theirs; the first row that fits."""
    for kinds, ours, text in _ERRORS:
        if isinstance(error, kinds):
            return ours(f"{name}: {text}")
    if isinstance(error, asyncssh.SFTPError):
        return SftpUnavailable(f"{name}: the server says no (SFTP status {error.code})")
    return SftpUnavailable(f"{name}: the connection broke")


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Let asyncssh's requests that were left behind fail in peace.

    Whoever waited has his answer; the default would log the server's words when garbage is
    collected.
    """


async def _bounded(call: Awaitable[_T], seconds: float) -> _T:
    async with asyncio.timeout(seconds):
        return await call


def _raw(name: bytes | str) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


def _attributes(attributes: asyncssh.SFTPAttrs) -> Attributes:
    return Attributes(attributes.size, attributes.permissions, attributes.mtime)
