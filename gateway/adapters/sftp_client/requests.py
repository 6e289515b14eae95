"""SFTP requests over paramiko: several under way at once, each answer checked.

paramiko's own pipelined writing never looks at the last hundred answers: a disk that is full for a
moment leaves a hole in a file of the right size.  And its listing reads on for ever.
"""

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import paramiko
from paramiko.message import Message
from paramiko.sftp import (
    CMD_ATTRS,
    CMD_CLOSE,
    CMD_DATA,
    CMD_FSTAT,
    CMD_HANDLE,
    CMD_LSTAT,
    CMD_NAME,
    CMD_OPEN,
    CMD_OPENDIR,
    CMD_READ,
    CMD_READDIR,
    CMD_STATUS,
    CMD_WRITE,
    SFTP_EOF,
    SFTP_FLAG_CREATE,
    SFTP_FLAG_READ,
    SFTP_FLAG_TRUNC,
    SFTP_FLAG_WRITE,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    int64,
)

from gateway import limits
from gateway.adapters.sftp_client.contract import SftpMissing, SftpUnavailable
from gateway.adapters.sftp_client.packets import Answer, BadPacket, Reader
from gateway.adapters.sftp_client.session import Attributes, Entry

_BLOCK = limits.SFTP_CLIENT_REQUEST_BYTES


class Requests(paramiko.SFTPClient):
    """paramiko's client with suspicion: own reading of what a hostile server may shape."""

    def _convert_status(self, message: Message) -> None:
        """Serve the calls that stay paramiko's (rename, remove, mkdir).

        The server's text, which may be in any encoding, is not read.
        """
        _check_status(Reader(message.get_remainder()))

    def _read_packet(self) -> tuple[int, bytes]:
        (size,) = struct.unpack(">I", self._read_exactly(4))
        if not 0 < size <= limits.SFTP_CLIENT_PACKET_BYTES_MAX:
            raise BadPacket("packet size")
        data = self._read_exactly(size)
        return data[0], data[1:]

    def _read_exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            received = self.sock.recv(count - len(data))
            if not received:
                raise EOFError("the server closed the channel")
            data += received
        return bytes(data)

    def entries(self, folder: bytes, limit: int) -> list[Entry]:
        """At most `limit` entries of a folder, in the server's order."""
        handle = self._handle(CMD_OPENDIR, folder)
        entries: list[Entry] = []
        while len(entries) < limit:
            answer = self._ask(CMD_READDIR, handle)
            if _is_end(answer):
                break
            entries += _expected(answer, CMD_NAME).entries()
        self._forget(handle)
        return entries[:limit]

    def attributes(self, path: bytes) -> Attributes | None:
        """What lstat says, None where nothing is."""
        try:
            return _expected(self._ask(CMD_LSTAT, path), CMD_ATTRS).attributes()
        except SftpMissing:
            return None

    def read(self, path: bytes, sink: Callable[[bytes], object]) -> None:
        """The whole file to `sink`, in order."""
        handle = self._handle(CMD_OPEN, path, SFTP_FLAG_READ, 0)
        try:
            offset, is_end = 0, False
            while not is_end:
                offset, is_end = self._read_run(handle, offset, sink)
        finally:
            self._forget(handle)

    def _read_run(
        self, handle: bytes, start: int, sink: Callable[[bytes], object]
    ) -> tuple[int, bool]:
        """Read on with a growing window until the end or a short block; the next offset.

        A short block is no end (RFC draft 02, 6.4), but what was asked for behind it is in the
        wrong place: it is dropped and asked for again.
        """
        run, asked, offset = _Run(self), start, start
        window = 1
        while True:
            while len(run) < window:
                run.ask(CMD_READ, handle, int64(asked), _BLOCK)
                asked += _BLOCK
            answer = run.take()
            if _is_end(answer):
                run.drain()
                return offset, True
            data = _expected(answer, CMD_DATA).string()
            if not 0 < len(data) <= _BLOCK:
                raise BadPacket("more or less than was asked for")
            sink(data)
            offset += len(data)
            if len(data) < _BLOCK:
                run.drain()
                return offset, False
            window = min(window * 2, limits.SFTP_CLIENT_REQUESTS_MAX)

    def write(self, path: bytes, chunks: Iterable[bytes]) -> int | None:
        """Create or truncate and write; the size by FSTAT, None where the server has none."""
        flags = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE | SFTP_FLAG_TRUNC
        handle = self._handle(CMD_OPEN, path, flags, 0)
        try:
            run, offset = _Run(self), 0
            for block in _blocks(chunks):
                run.ask(CMD_WRITE, handle, int64(offset), block)
                offset += len(block)
                if len(run) >= limits.SFTP_CLIENT_REQUESTS_MAX:
                    run.take_ok()
            while len(run):
                run.take_ok()
            size = self._size_of(handle)
        except BaseException:
            self._forget(handle)
            raise
        _check_status(_expected(self._ask(CMD_CLOSE, handle), CMD_STATUS))
        return size

    def _size_of(self, handle: bytes) -> int | None:
        try:
            return _expected(self._ask(CMD_FSTAT, handle), CMD_ATTRS).attributes().size
        except SftpUnavailable:
            return None

    def _handle(self, kind: int, *arguments: object) -> bytes:
        return _expected(self._ask(kind, *arguments), CMD_HANDLE).string()

    def _forget(self, handle: bytes) -> None:
        """Close a handle whose answer does not matter."""
        self.ask(type(None), CMD_CLOSE, handle)

    def ask(self, receiver: object, kind: int, *arguments: object) -> int:
        """Send one request whose answer goes to `receiver`; its number."""
        request = cast("Any", super())._async_request  # noqa: SLF001 (public ones block)
        return cast("int", request(receiver, kind, *arguments))

    def pump(self) -> None:
        """Wait for one answer and hand it on."""
        cast("Any", super())._read_response()  # noqa: SLF001

    def _ask(self, kind: int, *arguments: object) -> Answer:
        run = _Run(self)
        run.ask(kind, *arguments)
        return run.take()


class _Run:
    """Requests under way, answered in any order, taken in the order they were asked."""

    def __init__(self, client: Requests) -> None:
        self._client = client
        self._numbers: deque[int] = deque()
        self._arrived: dict[int, Answer] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def ask(self, kind: int, *arguments: object) -> None:
        self._numbers.append(self._client.ask(self, kind, *arguments))

    def take(self) -> Answer:
        number = self._numbers.popleft()
        while number not in self._arrived:
            self._client.pump()
        return self._arrived.pop(number)

    def take_ok(self) -> None:
        _check_status(_expected(self.take(), CMD_STATUS))

    def drain(self) -> None:
        while self._numbers:
            self.take()

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        """Keep one answer; paramiko calls this for each answer."""
        self._arrived[number] = Answer(kind, Reader(message.get_remainder()))


def _expected(answer: Answer, kind: int) -> Reader:
    if answer.kind == kind:
        return answer.fields
    if answer.kind == CMD_STATUS:
        _check_status(answer.fields)
    raise BadPacket("another answer than expected")


def _check_status(fields: Reader) -> None:
    code = fields.number()
    if code == SFTP_NO_SUCH_FILE:
        raise SftpMissing("no such file or folder")
    if code != SFTP_OK:
        raise SftpUnavailable(f"the server says no (SFTP status {code})")


def _is_end(answer: Answer) -> bool:
    if answer.kind != CMD_STATUS:
        return False
    code = answer.fields.number()
    if code == SFTP_EOF:
        return True
    _check_status(Reader(struct.pack(">I", code)))
    raise BadPacket("OK where data was asked for")


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _BLOCK):
            yield chunk[start : start + _BLOCK]
