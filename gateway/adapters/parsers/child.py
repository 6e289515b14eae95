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
from typing import BinaryIO

from gateway import interpreter
from gateway.adapters.parsers.wire import frames, read_frame
from gateway.canonical.partner import Partner
from gateway.limits import PARSER_MEMORY_BYTES_MAX
from gateway.pipeline.packed import translate_file
from gateway.pipeline.staging import staged, to_lines


def main() -> None:
    """Serve files until the parent closes the pipe."""
    nice = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if nice:
        os.nice(nice)
    resource.setrlimit(resource.RLIMIT_AS, (PARSER_MEMORY_BYTES_MAX, PARSER_MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    interpreter.prepare()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        while (head := read_frame(source)) is not None:
            serve(head, source, sink)
    except BrokenPipeError:
        # The gateway has died: nobody is left to be told, and its next start begins anew.
        os._exit(1)


def serve(head: bytes, source: BinaryIO, sink: BinaryIO) -> None:
    """One file: its rows, line by line; what translation left unread is skipped."""
    terms = json.loads(head)
    partner = Partner.model_validate_json(head) if terms else None
    chunks = _Chunks(frames(source))
    sink.writelines(to_lines(staged(translate_file(chunks, partner))))
    sink.flush()
    for _ in chunks:
        pass


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
