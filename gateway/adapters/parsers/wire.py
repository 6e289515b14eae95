"""What goes to a child: frames of 4 bytes of length and that many bytes; an empty one ends a file.

The first frame of a file is the partner as JSON (empty object: unknown), the others are its bytes.
An empty frame where a file could begin asks for the rows that the child has not yet written out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from gateway.canonical.partner import Partner

_LENGTH = struct.Struct(">I")
FRAME_BYTES_MAX = 8 * 1024 * 1024
END = _LENGTH.pack(0)
FLUSH = END


def frame(data: bytes) -> bytes:
    """One frame; `data` must not be empty."""
    return _LENGTH.pack(len(data)) + data


def file_frames(terms: bytes, data: bytes) -> bytes:
    """A whole file that fits into one frame."""
    return frame(terms) + (frame(data) if data else b"") + END


def terms_of(partner: Partner | None) -> bytes:
    """What a child is told about the sender: the agreements, and nothing that could be taken."""
    if partner is None:
        return b"{}"
    bare = {"accounts": (), "routes": (), "polls": ()}
    return partner.model_copy(update=bare).model_dump_json().encode()


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
