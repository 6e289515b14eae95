"""The parent's side: a fixed number of children, handed out one file at a time.

A child that dies, falls silent or writes nonsense is killed and replaced; the file that did it is
counted by the caller (ParserDied).  Bulk files never take the last child, so that a small booking
does not wait behind two manifests.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence

from gateway.adapters.parsers.wire import END, FLUSH, file_frames, frame, terms_of
from gateway.canonical.partner import Partner
from gateway.limits import BULK_BYTES_MIN, CHUNK_BYTES, PARSER_LINE_BYTES_MAX
from gateway.pipeline.ports import Archive, ParserDied
from gateway.pipeline.rows import Batch, InterchangeRow, Translated
from gateway.pipeline.staging import from_line
from gateway.telemetry.events import emit


class ParserPool:
    """Implements `ports.Parsers`."""

    def __init__(self, archive: Archive, children: int, nice: int, silence_seconds: float) -> None:
        self._archive = archive
        self._nice = nice
        self._silence_seconds = silence_seconds
        self._slots = asyncio.Semaphore(children)
        self._bulk = asyncio.Semaphore(max(1, children - 1))
        self._idle: list[Process] = []
        self._all: set[Process] = set()

    async def start(self) -> None:
        """Spawn one child ahead, so that the first file does not wait for imports."""
        self._idle.append(await self._spawn())

    async def parse(
        self, row: InterchangeRow, partner: Partner | None
    ) -> AsyncIterator[Batch | Translated]:
        """Rows as the child finds them; raises ParserDied."""
        inline, reference = row.inline, row.archive_ref or ""
        chunks = _inline(inline) if inline is not None else self._archive.read(reference)
        async for each in self.read(chunks, row.size, partner):
            yield each

    async def read(
        self, chunks: Iterator[bytes], size: int, partner: Partner | None
    ) -> AsyncIterator[Batch | Translated]:
        """As `parse`, for bytes that are no interchange (a check)."""
        bulk = self._bulk if size >= BULK_BYTES_MIN else contextlib.nullcontext()
        async with bulk, self._child() as child:
            feeder: asyncio.Task[None] | None = None
            try:
                if self._begin(child, chunks, partner):
                    feeder = asyncio.create_task(self._feed(child, chunks))
                async for each in self._rows(child):
                    yield each
                if feeder is not None:
                    await feeder
            finally:
                if feeder is not None:
                    feeder.cancel()
                    with contextlib.suppress(asyncio.CancelledError, OSError):
                        await feeder

    async def parse_small(
        self, files: Sequence[tuple[InterchangeRow, Partner | None]]
    ) -> list[tuple[list[Batch], Translated]]:
        """All rows of each file, whose bytes stand in its row; raises ParserDied for all of them.

        Many files in one trip: a trip costs both sides more than reading a small file.
        """
        senders = {id(partner): partner for _row, partner in files}
        terms = {key: terms_of(partner) for key, partner in senders.items()}
        said = [file_frames(terms[id(partner)], row.inline or b"") for row, partner in files]
        found: list[tuple[list[Batch], Translated]] = []
        batches: list[Batch] = []
        async with self._child() as child:
            assert child.stdin is not None
            child.stdin.write(b"".join(said) + FLUSH)
            async for each in self._rows(child, len(files)):
                if isinstance(each, Translated):
                    found.append((batches, each))
                    batches = []
                else:
                    batches.append(each)
        return found

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[Process]:
        """A child for a while; what goes wrong with it becomes ParserDied, and its end."""
        async with self._slots:
            child = self._idle.pop() if self._idle else await self._spawn()
            healthy = False
            try:
                yield child
                healthy = True
            except (OSError, ValueError, TimeoutError) as error:
                raise ParserDied(f"{type(error).__name__} with a child") from error
            finally:
                await self._give_back(child, healthy)

    async def _rows(self, child: Process, files: int = 1) -> AsyncIterator[Batch | Translated]:
        """The rows of so many files."""
        assert child.stdout is not None
        rest: list[bytes] = []
        while files > 0:
            # Many lines at a time: waiting for each costs more than what most of them say.
            async with asyncio.timeout(self._silence_seconds):
                data = await child.stdout.read(CHUNK_BYTES)
            if not data:
                raise ParserDied(f"the child ended with {child.returncode}")
            for line in _lines(rest, data):
                row = from_line(line)
                yield row
                if isinstance(row, Translated):
                    files -= 1

    def _begin(self, child: Process, chunks: Iterator[bytes], partner: Partner | None) -> bool:
        """Write the terms and the first chunk, which is at hand; whether more may come."""
        assert child.stdin is not None
        chunk = next(chunks, b"")
        more = len(chunk) >= CHUNK_BYTES
        if more:
            child.stdin.write(frame(terms_of(partner)) + frame(chunk))
        else:
            child.stdin.write(file_frames(terms_of(partner), chunk) + FLUSH)
        return more

    async def _feed(self, child: Process, chunks: Iterator[bytes]) -> None:
        """Write the rest to the child; the pipe itself slows a parent that is too fast."""
        assert child.stdin is not None
        while True:
            await child.stdin.drain()
            # It is read from the disk.
            chunk = await asyncio.to_thread(next, chunks, b"")
            if chunk:
                child.stdin.write(frame(chunk))
            if len(chunk) < CHUNK_BYTES:
                break
        child.stdin.write(END + FLUSH)
        await child.stdin.drain()

    async def _spawn(self) -> Process:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.adapters.parsers.child",
            str(self._nice),
            stdin=PIPE,
            stdout=PIPE,
            limit=CHUNK_BYTES,
        )
        self._all.add(child)
        return child

    async def _give_back(self, child: Process, healthy: bool) -> None:
        if healthy and child.returncode is None:
            self._idle.append(child)
            return
        emit("parser_child_replaced", "warning", code=child.returncode)
        await self._end(child)

    async def _end(self, child: Process) -> None:
        self._all.discard(child)
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()

    async def close(self) -> None:
        """End every child."""
        self._idle.clear()
        for child in list(self._all):
            await self._end(child)


def _lines(rest: list[bytes], data: bytes) -> list[bytes]:
    """The lines that `data` ends; the pieces of the last one stay in `rest`.

    Raises ValueError for a line that is longer than any child writes.
    """
    *ended, last = data.split(b"\n")
    if ended:
        ended[0] = b"".join((*rest, ended[0]))
        rest.clear()
    rest.append(last)
    if sum(map(len, rest)) > PARSER_LINE_BYTES_MAX:
        raise ValueError("a line without end")
    return ended


def _inline(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK_BYTES):
        yield body[start : start + CHUNK_BYTES]
