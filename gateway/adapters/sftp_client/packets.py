"""SFTP version 3 packets that a server sends, read with suspicion.

paramiko's own reader pads what is missing with zeros, so a packet of 20 bytes that announces four
thousand million names would keep it busy for an hour; here a short packet is an error.
"""

import struct
from typing import NamedTuple

from gateway.adapters.sftp_client.session import Attributes, Entry

_SIZE, _OWNER, _MODE, _TIMES, _EXTENDED = 0x1, 0x2, 0x4, 0x8, 0x80000000


class BadPacket(Exception):
    """The server does not speak the protocol."""


class Reader:
    """Fields of one packet, front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        end = self._position + count
        if end > len(self._data):
            raise BadPacket("short packet")
        self._position, start = end, self._position
        return self._data[start:end]

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        return self.take(self.number())

    def attributes(self) -> Attributes:
        flags = self.number()
        size = int(struct.unpack(">Q", self.take(8))[0]) if flags & _SIZE else None
        if flags & _OWNER:
            self.take(8)
        mode = self.number() if flags & _MODE else None
        mtime = struct.unpack(">II", self.take(8))[1] if flags & _TIMES else None
        for _ in range(2 * self.number() if flags & _EXTENDED else 0):
            self.string()
        return Attributes(size, mode, mtime)

    def entries(self) -> list[Entry]:
        """The names of one READDIR answer; an empty answer is none (it would never end)."""
        count = self.number()
        if count == 0:
            raise BadPacket("no names")
        entries = []
        for _ in range(count):
            raw = self.string()
            self.string()  # the line of `ls -l`, for people of another age
            entries.append(Entry(raw, self.attributes()))
        return entries


class Answer(NamedTuple):
    """One answer: its SFTP type and its fields."""

    kind: int
    fields: Reader
