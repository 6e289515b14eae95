"""The one thing a channel may be: an SFTP session; no shell, no command, no SCP, no forwarding.

asyncssh closes a session's open handles when its connection breaks, through the same call as a
client's own CLOSE.  Here that would turn a torn upload into an accepted one, so the handler is a
subclass that forgets its handles first, and the session's end aborts what is left.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, cast

import asyncssh
from asyncssh import constants
from asyncssh.packet import PacketDecodeError, SSHPacket
from asyncssh.sftp import (
    MAX_SFTP_PACKET_LEN,
    MAX_SFTP_READ_LEN,
    MAX_SFTP_WRITE_LEN,
    SFTPLimits,
    SFTPServerHandler,
)
from asyncssh.stream import SSHServerStreamSession

from gateway import limits
from gateway.adapters.sftp_server import status
from gateway.adapters.sftp_server.files import AccountFiles
from gateway.adapters.sftp_server.paths import NOWHERE, place_of
from gateway.pipeline.ports import TransientError
from gateway.telemetry.events import emit, emit_seldom

_VERSION = 3
_Process = Callable[[Any, SSHPacket], Awaitable[Any]]
MakeFiles = Callable[["asyncssh.SSHServerChannel[bytes]"], AccountFiles]


class SftpSession(SSHServerStreamSession[bytes]):
    """A channel that serves SFTP and refuses every other request."""

    def __init__(self, make_files: MakeFiles, closed: Callable[[], None]) -> None:
        super().__init__(None)
        self._make_files = make_files
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone, with or without its connection."""
        super().connection_lost(exc)
        self._closed()

    def subsystem_requested(self, subsystem: str) -> bool:
        """Only sftp."""
        return subsystem == "sftp"

    def exception_received(self, exc: Exception) -> None:
        """Signals and breaks mean nothing to a file transfer."""

    def session_started(self) -> None:
        """Serve until the client goes."""
        connection = self._conn
        if self._chan is None or connection is None:
            raise RuntimeError("a session started without its channel")
        channel = cast("asyncssh.SSHServerChannel[bytes]", self._chan)
        reader = asyncssh.SSHReader(self, channel)
        writer = asyncssh.SSHWriter(self, channel)
        connection.create_task(_serve(self._make_files(channel), reader, writer))


async def _serve(
    files: AccountFiles, reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]
) -> None:
    handler = FilesHandler(files, reader, writer, _VERSION)
    try:
        await handler.run()
    finally:
        files.abandon()


def _guarded(process: _Process) -> _Process:
    """Nothing about the inside of the gateway leaves in a status message."""

    @functools.wraps(process)
    async def guarded(handler: Any, packet: SSHPacket) -> Any:  # noqa: ANN401 - asyncssh's own
        try:
            return await process(handler, packet)
        except (asyncssh.SFTPError, PacketDecodeError, NotImplementedError):
            raise
        except TransientError as error:
            emit_seldom("sftp_waits", cause=type(error).__name__)
            raise status.failed("UNAVAILABLE: try again later", "暂时不可用，请稍后重试") from error
        except Exception as error:
            emit("sftp_fault", "error", operation=process.__name__, error=type(error).__name__)
            raise status.failed("INTERNAL: fault of the gateway", "网关内部错误") from error

    return guarded


# Requests that are served, or refused in our own words; any other is unknown to this server.
_REQUESTS: tuple[int | bytes, ...] = (
    constants.FXP_OPEN,
    constants.FXP_CLOSE,
    constants.FXP_READ,
    constants.FXP_WRITE,
    constants.FXP_LSTAT,
    constants.FXP_FSTAT,
    constants.FXP_SETSTAT,
    constants.FXP_FSETSTAT,
    constants.FXP_READDIR,
    constants.FXP_REMOVE,
    constants.FXP_MKDIR,
    constants.FXP_RMDIR,
    constants.FXP_REALPATH,
    constants.FXP_STAT,
    constants.FXP_RENAME,
    constants.FXP_READLINK,
    constants.FXP_SYMLINK,
    b"posix-rename@openssh.com",
    b"hardlink@openssh.com",
    b"fsync@openssh.com",
    b"lsetstat@openssh.com",
)


def _handlers(own: dict[int | bytes, _Process]) -> dict[int | bytes, _Process]:
    """The table of requests; asyncssh has no public way to take some away."""
    theirs: dict[Any, Any] = SFTPServerHandler._packet_handlers  # noqa: SLF001
    kept: dict[int | bytes, _Process] = {kind: theirs[kind] for kind in _REQUESTS}
    return {kind: _guarded(process) for kind, process in (kept | own).items()}


class FilesHandler(SFTPServerHandler):
    """asyncssh's packet loop with fewer requests, bounded handles, and no accident at the end."""

    _extensions: list[tuple[bytes, bytes]] = [  # noqa: RUF012 - asyncssh declares it so
        (b"posix-rename@openssh.com", b"1"),
        (b"fsync@openssh.com", b"1"),
        (b"lsetstat@openssh.com", b"1"),
        (b"limits@openssh.com", b"1"),
    ]

    async def _cleanup(self, exc: Exception | None) -> None:
        self._file_handles.clear()
        self._dir_handles.clear()
        await super()._cleanup(exc)

    async def _process_opendir(self, packet: SSHPacket) -> bytes:
        """A folder that is not there is told at once, and open folders are bounded too."""
        path = packet.get_string()
        packet.check_end()
        place = place_of(path)
        if place == NOWHERE or place.name is not None:
            raise status.missing()
        if len(self._dir_handles) >= limits.SFTP_HANDLES_PER_SESSION_MAX:
            raise status.failed("too many open folders", "打开的文件夹过多")
        handle = self._get_next_handle()
        self._dir_handles[handle] = self._server.scandir(path)
        return handle

    async def _process_limits(self, packet: SSHPacket) -> SFTPLimits:
        """What clients may ask for in one request."""
        packet.check_end()
        return SFTPLimits(
            MAX_SFTP_PACKET_LEN,
            min(MAX_SFTP_READ_LEN, limits.SFTP_READ_BYTES_MAX),
            MAX_SFTP_WRITE_LEN,
            limits.SFTP_HANDLES_PER_SESSION_MAX,
        )

    _packet_handlers: dict[int | bytes, Any] = _handlers(
        {constants.FXP_OPENDIR: _process_opendir, b"limits@openssh.com": _process_limits}
    )
