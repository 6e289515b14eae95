"""SOURCE: one input file of a command, by path or from stdin."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.limits import CHUNK_BYTES, MIB

STDIN = "-"
# Input from a pipe beyond this lies in an unnamed file while it is looked at twice.
_SPOOL_BYTES = 4 * MIB


@dataclass(frozen=True, slots=True)
class Source:
    """One file; `name` is how it was named on the command line, or found below a folder."""

    name: str

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The bytes, seekable; raises OSError."""
        if self.name == STDIN:
            with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
                while chunk := sys.stdin.buffer.read(CHUNK_BYTES):
                    spool.write(chunk)
                spool.seek(0)
                yield spool
            return
        with Path(self.name).open("rb") as file:
            yield file


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of the file in pieces of a bounded size."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def expand(names: Sequence[str]) -> list[Source]:
    """Files as named; folders become the files below them, in order of their names."""
    found: list[Source] = []
    for name in names:
        if name != STDIN and Path(name).is_dir():
            found += map(Source, _below(name))
        else:
            found.append(Source(name))
    return found


def _below(folder: str) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            yield str(Path(path, file))
