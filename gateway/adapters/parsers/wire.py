"""What goes to a child: frames of 4 bytes of length and that many bytes; an empty one ends a file.

The first frame of a file is the partner as JSON (empty object: unknown), the others are its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_LENGTH = struct.Struct(">I")
FRAME_BYTES_MAX = 8 * 1024 * 1024
END = _LENGTH.pack(0)


def frame(data: bytes) -> bytes:
    """One frame; `data` must not be empty."""
    return _LENGTH.pack(len(data)) + data


def read_frame(source: BinaryIO) -> bytes | None:
    """The next frame, b"" at the end of a file, None when the parent has gone."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > FRAME_BYTES_MAX:
        return None
    data = source.read(length)
    return data if len(data) == length else None


def frames(source: BinaryIO) -> Iterator[bytes]:
    """The frames of one file, up to its end."""
    while data := read_frame(source):
        yield data
