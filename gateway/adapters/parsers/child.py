"""The child: reads files from its parent, writes rows back.

Started as `python -m gateway.adapters.parsers.child`.  It opens nothing itself, so that a hostile
file meets a process with nothing to take.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from gateway import interpreter
from gateway.adapters.parsers.wire import frames, read_frame
from gateway.canonical.partner import Partner
from gateway.limits import PARSER_MEMORY_BYTES_MAX
from gateway.pipeline.packed import translate_file
from gateway.pipeline.staging import staged, to_lines

# Rows of so many bytes go out without being asked for.
OUTPUT_BYTES = 64 * 1024
PARTNERS_KEPT = 16


def main() -> None:
    """Serve files until the parent closes the pipe."""
    nice = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if nice:
        os.nice(nice)
    resource.setrlimit(resource.RLIMIT_AS, (PARSER_MEMORY_BYTES_MAX, PARSER_MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    interpreter.prepare()
    source = sys.stdin.buffer
    try:
        with os.fdopen(sys.stdout.fileno(), "wb", OUTPUT_BYTES, closefd=False) as sink:
            while (head := read_frame(source)) is not None:
                if head:
                    serve(head, source, sink)
                else:
                    sink.flush()
    except BrokenPipeError:
        # The gateway has died: nobody is left to be told, and its next start begins anew.
        os._exit(1)


def serve(head: bytes, source: BinaryIO, sink: BinaryIO) -> None:
    """One file: its rows, line by line; what translation left unread is skipped."""
    chunks = _Chunks(frames(source))
    sink.writelines(to_lines(staged(translate_file(chunks, _partner(head)))))
    for _ in chunks:
        pass


@lru_cache(PARTNERS_KEPT)
def _partner(head: bytes) -> Partner | None:
    """The sender; many files in a row come from the same few."""
    return Partner.model_validate_json(head) if json.loads(head) else None


class _Chunks:
    """The frames of one file as an iterator that can be gone on with."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._source)


if __name__ == "__main__":
    main()
