"""SFTP servers for tests: the real OpenSSH sshd, and asyncssh made hostile."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import stat
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.sftp import SFTPAttrs, SFTPName, SFTPNoSuchFile, SFTPServer

HOST = "127.0.0.1"
PASSWORD = "correct-horse"
KEY_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "ed25519": ("ssh-ed25519", {}),
    "ecdsa": ("ecdsa-sha2-nistp256", {}),
    "rsa": ("ssh-rsa", {"key_size": 3072}),
}


@cache
def key_of(kind: str, number: int) -> asyncssh.SSHKey:
    """A key pair, the same for the whole run; `number` tells keys of one kind apart."""
    algorithm, arguments = KEY_TYPES[kind]
    return asyncssh.generate_private_key(algorithm, **arguments)


def public_line(kind: str, number: int = 0) -> str:
    """The OpenSSH public key line of `key_of`."""
    return key_of(kind, number).export_public_key().decode().strip()


def private_text(kind: str, number: int = 0) -> str:
    """The OpenSSH private key of `key_of`."""
    return key_of(kind, number).export_private_key().decode()


# --- the real one ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenSsh:
    """A running sshd that serves SFTP to the current user with the client key number 9."""

    port: int
    root: Path
    user: str = field(default_factory=lambda: pwd.getpwuid(os.geteuid()).pw_name)

    @property
    def client_key(self) -> str:
        return private_text("ed25519", 9)


def _configuration(folder: Path, port: int) -> Path:
    lines = [
        f"Port {port}",
        f"ListenAddress {HOST}",
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        "Subsystem sftp internal-sftp",
        "ForceCommand internal-sftp",
    ]
    for kind in KEY_TYPES:
        path = folder / f"host_{kind}"
        path.write_text(private_text(kind))
        path.chmod(0o600)
        lines.append(f"HostKey {path}")
    (folder / "authorized_keys").write_text(public_line("ed25519", 9) + "\n")
    configuration = folder / "sshd_config"
    configuration.write_text("\n".join(lines) + "\n")
    return configuration


@contextmanager
def openssh(program: Path, folder: Path, port: int) -> Iterator[OpenSsh]:
    """A sshd on a loopback port, ended with the block."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [str(program), "-D", "-e", "-f", str(_configuration(folder, port))]
    log = (folder / "sshd.log").open("wb")
    with log, subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log) as process:
        try:
            _wait_for(port, process, folder / "sshd.log")
            root = folder / "home"
            root.mkdir()
            yield OpenSsh(port, root)
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"sshd does not answer: {log.read_text()}")


# --- the hostile one ------------------------------------------------------------------------------


@dataclass
class Behaviour:
    """What the hostile server does wrong, and what it saw."""

    stall_at: str = ""
    listed: list[bytes] = field(default_factory=list)
    endless_listing: bool = False
    size_error: int = 0
    endless_file: bool = False
    short_blocks: bool = False
    drip_seconds: float = 0.0
    fail_writes_from: int = 1 << 62
    lost_rename: bool = False
    files: dict[bytes, bytearray] = field(default_factory=dict)
    auth_attempts: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self, name: str) -> None:
        if name == self.stall_at:
            await self.released.wait()


class _Server(asyncssh.SSHServer):
    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def begin_auth(self, username: str) -> bool:
        self._behaviour.auth_attempts += 1
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        await self._behaviour.step("auth")
        return password == PASSWORD


class _Files(SFTPServer):
    """Files in memory; the names are the whole paths."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], behaviour: Behaviour) -> None:
        super().__init__(channel)
        self._behaviour = behaviour
        if behaviour.stall_at == "session":
            behaviour.ended.wait(10)

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        await self._behaviour.step("list")
        attributes = SFTPAttrs(size=3, permissions=stat.S_IFREG | 0o644, atime=1, mtime=1)
        for name in self._behaviour.listed:
            yield SFTPName(name, b"", attributes)
        number = 0
        while self._behaviour.endless_listing:
            yield SFTPName(b"file%d" % number, b"", attributes)
            number += 1

    async def lstat(self, path: bytes) -> SFTPAttrs:
        await self._behaviour.step("stat")
        if path not in self._behaviour.files:
            if path.endswith(b"archive"):
                return SFTPAttrs(permissions=stat.S_IFDIR | 0o755)
            raise SFTPNoSuchFile("\N{ESCAPE}[31mgone")
        size = len(self._behaviour.files[path]) + self._behaviour.size_error
        return SFTPAttrs(size=size, permissions=stat.S_IFREG | 0o644, atime=1, mtime=1)

    stat = lstat

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> bytes:
        await self._behaviour.step("open")
        if pflags & asyncssh.FXF_TRUNC:
            self._behaviour.files[path] = bytearray()
        return path

    async def fstat(self, file_obj: bytes) -> SFTPAttrs:  # type: ignore[override]
        return await self.lstat(file_obj)

    async def read(  # type: ignore[override]
        self, file_obj: bytes, offset: int, size: int
    ) -> bytes:
        await self._behaviour.step("read")
        if self._behaviour.drip_seconds:
            await asyncio.sleep(self._behaviour.drip_seconds)
            return b"x"
        if self._behaviour.endless_file:
            return b"x" * size
        if self._behaviour.short_blocks:
            size = (size + 1) // 2
        return bytes(self._behaviour.files[file_obj][offset : offset + size])

    async def write(  # type: ignore[override]
        self, file_obj: bytes, offset: int, data: bytes
    ) -> int:
        await self._behaviour.step("write")
        if offset >= self._behaviour.fail_writes_from:
            raise asyncssh.SFTPFailure("disk full, 磁盘已满")
        content = self._behaviour.files[file_obj]
        content[offset : offset + len(data)] = data
        return len(data)

    async def close(self, file_obj: bytes) -> None:  # type: ignore[override]
        await self._behaviour.step("close")

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._behaviour.step("rename")
        self._behaviour.files[newpath] = self._behaviour.files.pop(oldpath)
        if self._behaviour.lost_rename:
            raise asyncssh.SFTPFailure("and yet it was renamed")

    async def remove(self, path: bytes) -> None:
        self._behaviour.files.pop(path, None)


@contextmanager
def hostile(
    behaviour: Behaviour, host_key: str = "ed25519", **options: object
) -> Iterator[tuple[Behaviour, int]]:
    """An asyncssh server with that behaviour in a thread; (what it saw, its port)."""
    loop = asyncio.new_event_loop()
    # Requests that are cut off at the end of a test fail, and nobody asks for them.
    loop.set_exception_handler(lambda _loop, _context: None)
    thread = threading.Thread(target=loop.run_forever, name="hostile-sftp")
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        behaviour.released = asyncio.Event()
        return await asyncssh.listen(
            HOST,
            0,
            server_host_keys=[key_of(host_key, 0)],
            server_factory=lambda: _Server(behaviour),
            sftp_factory=lambda channel: _Files(channel, behaviour),
            session_factory=None,
            **options,
        )

    async def stop(acceptor: asyncssh.SSHAcceptor) -> None:
        behaviour.released.set()
        behaviour.endless_listing = False
        acceptor.close()
        await acceptor.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if others:
            _, pending = await asyncio.wait(others, timeout=2)
            for task in pending:
                task.cancel()

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield behaviour, acceptor.get_port()
    finally:
        behaviour.ended.set()
        asyncio.run_coroutine_threadsafe(stop(acceptor), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def mute(kind: str) -> Iterator[int]:
    """A port that stalls before SSH: `connect` (nobody picks up), `banner` (picks up and is
    silent), `drip` (a greeting that never ends), `kex` (a greeting and nothing more)."""
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen(0 if kind == "connect" else 5)
    port = int(listener.getsockname()[1])
    opened: list[socket.socket] = []
    stopped = threading.Event()
    if kind == "connect":
        for _ in range(3):  # fill the queue: the kernel drops what comes next
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            opened.append(filler)
    thread = threading.Thread(target=_greet, args=(listener, kind, stopped, opened))
    if kind in ("drip", "kex"):
        thread.start()
    try:
        yield port
    finally:
        stopped.set()
        if thread.is_alive():
            thread.join(5)
        for connection in (listener, *opened):
            connection.close()


def _greet(
    listener: socket.socket, kind: str, stopped: threading.Event, opened: list[socket.socket]
) -> None:
    listener.settimeout(5)
    with suppress(OSError):
        connection, _ = listener.accept()
        opened.append(connection)
        if kind == "kex":
            connection.sendall(b"SSH-2.0-Quiet_1.0\r\n")
        while not stopped.wait(0.05):
            if kind == "drip":
                connection.sendall(b"x")
