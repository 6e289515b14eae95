"""The two folders that an account sees; there is no file system behind them (S-10).

    /          /inbox          /inbox/<name>          /outbox          /outbox/<name>

A path is taken apart here and never joined to anything: what is not one of these does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gateway import limits

TEMPORARY_SUFFIXES = (b".part", b".tmp", b".filepart")


class Folder(Enum):
    """Where a path leads."""

    ROOT = b"/"
    INBOX = b"/inbox"
    OUTBOX = b"/outbox"
    NOWHERE = b""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or a file of that name in it."""

    folder: Folder
    name: bytes | None = None


NOWHERE = Place(Folder.NOWHERE)


def place_of(path: bytes) -> Place:
    """Where a path leads; `..` is resolved by words alone, and nothing lies above the root."""
    return _placed(_parts(path))


def place_to_change(path: bytes) -> Place:
    """As `place_of`, for operations that change something: a path with `..` leads nowhere."""
    parts = path.split(b"/")
    return NOWHERE if b".." in parts else place_of(path)


def absolute(path: bytes) -> bytes:
    """The path as `realpath` answers it: absolute and without detours."""
    return b"/" + b"/".join(_parts(path) or ())


def is_temporary(name: bytes) -> bool:
    """Whether a client means to rename this file when it is complete."""
    return name.startswith(b".") or name.lower().endswith(TEMPORARY_SUFFIXES)


def _parts(path: bytes) -> list[bytes] | None:
    if len(path) > limits.SFTP_PATH_BYTES_MAX or b"\0" in path:
        return None
    parts: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            del parts[-1:]
        elif part not in (b"", b"."):
            parts.append(part)
    return parts


def _placed(parts: list[bytes] | None) -> Place:
    if parts is None or len(parts) > 2:
        return NOWHERE
    if not parts:
        return Place(Folder.ROOT)
    folder = {b"inbox": Folder.INBOX, b"outbox": Folder.OUTBOX}.get(parts[0])
    if folder is None:
        return NOWHERE
    return Place(folder, parts[1] if len(parts) == 2 else None)
