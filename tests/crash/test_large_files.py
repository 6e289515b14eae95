"""R-21: large files through a parser child: memory bounded, the event loop free, nothing missing.

20 MB each in CI, the sizes of reliability.md in `make reliability`.  What was seen is kept as
properties: how fast it goes is judged by `make bench`, not here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.adapters.parsers.pool import ParserPool
from gateway.limits import CHUNK_BYTES
from gateway.pipeline.rows import Translated
from tests.bench import coparn, ifcsum, load_plan_csv, manifest_xml
from tests.services import sized

pytestmark = [pytest.mark.reliability, pytest.mark.timeout(600)]
MB = 1_000_000
RSS_KIB_MAX = 256 * 1024
# The 200 ms of R-21, times three on a machine that does other things, too.
STALL_SECONDS_MAX = 0.2 * 3
_TICK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Large:
    """make: its pieces, by size in bytes; mark: what each part has once and nothing else."""

    make: Callable[[int], Iterator[bytes]]
    mark: bytes
    megabytes: int

    def parts(self) -> int:
        """How many there are."""
        return sum(piece.count(self.mark) for piece in self.make(self.megabytes * MB))


FILES = {
    "manifests": Large(ifcsum.interchange, b"CNI+", sized(20, 120)),
    "fifty thousand messages": Large(coparn.interchange, b"UNH+", sized(20, 28)),
    "XML": Large(manifest_xml.manifest, b"<Consignment>", sized(20, 100)),
    "csv": Large(load_plan_csv.load_plan, b",TST", sized(20, 23)),
}


@dataclass(slots=True)
class Seen:
    """What a file did to us: rows by kind, the end, the longest wait of the event loop."""

    documents: int = 0
    parts: int = 0
    end: Translated | None = None
    stall_seconds: float = 0.0


def chunks_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks as the archive hands them out."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) >= CHUNK_BYTES:
            yield bytes(rest[:CHUNK_BYTES])
            del rest[:CHUNK_BYTES]
    yield bytes(rest)


def peak_kib(pid: int) -> int:
    """The most memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1))


async def watch(seen: Seen) -> None:
    """The longest time that the loop did not come round."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(_TICK_SECONDS)
        late = time.monotonic() - before - _TICK_SECONDS
        seen.stall_seconds = max(seen.stall_seconds, late)


async def through(pool: ParserPool, pieces: Iterator[bytes], size: int) -> Seen:
    """Read a file in a child, as the step does."""
    seen = Seen()
    watching = asyncio.create_task(watch(seen))
    try:
        async for row in pool.read(chunks_of(pieces), size, None):
            if isinstance(row, Translated):
                seen.end = row
            else:
                seen.documents += len(row.documents)
                seen.parts += len(row.parts)
    finally:
        watching.cancel()
    return seen


@pytest.mark.parametrize("kind", FILES)
async def test_a_large_file_takes_bounded_memory_and_leaves_the_loop_free(kind, record_property):
    large = FILES[kind]
    size = large.megabytes * MB
    pool = ParserPool(None, 1, 10, 60.0)  # type: ignore[arg-type]  # no archive: a pipe feeds it
    await pool.start()
    try:
        (child,) = pool._all
        began = time.monotonic()
        seen = await through(pool, large.make(size), size)
        figures = {
            "MB/s": round(large.megabytes / (time.monotonic() - began), 1),
            "longest stall ms": round(seen.stall_seconds * 1000),
            "peak KiB": peak_kib(child.pid),
        }
    finally:
        await pool.close()
    for name, value in figures.items():
        record_property(name, value)
        print(f"{name:20} {value}")
    assert seen.end is not None
    assert (seen.end.complete, seen.end.errors_total) == (True, 0), seen.end.findings[:3]
    assert seen.end.documents == seen.documents
    assert seen.parts == large.parts()
    assert figures["peak KiB"] <= RSS_KIB_MAX
    assert seen.stall_seconds <= STALL_SECONDS_MAX
