"""R-21: large files through parser children: memory bounded, the event loop free, nothing missing.

Two of a kind side by side, 20 MB each in CI, the sizes of reliability.md in `make reliability`.
What was seen is kept as properties: how fast it goes is judged by `make bench`, not here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.adapters.archive import FolderArchive
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
# As many as a gateway has; each reads a file, and none is kept free for small ones.
CHILDREN = 2
NOT_BULK = 0


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


def chunks_of(file: Path) -> Iterator[bytes]:
    """The bytes in chunks as the archive hands them out."""
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


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


async def through(pool: ParserPool, file: Path) -> Seen:
    """Read a file in a child, as the step does."""
    seen = Seen()
    watching = asyncio.create_task(watch(seen))
    try:
        async for row in pool.read(chunks_of(file), NOT_BULK, None):
            if isinstance(row, Translated):
                seen.end = row
            else:
                seen.documents += len(row.documents)
                seen.parts += len(row.parts)
    finally:
        watching.cancel()
    return seen


@pytest.mark.parametrize("kind", FILES)
async def test_large_files_take_bounded_memory_and_leave_the_loop_free(
    kind, tmp_path, record_property
):
    large = FILES[kind]
    file, first = tmp_path / "large", tmp_path / "first"
    for path, size in ((file, large.megabytes * MB), (first, 10_000)):
        with path.open("wb") as target:
            target.writelines(large.make(size))
    pool = ParserPool(FolderArchive(tmp_path / "archive"), CHILDREN, 10, 60.0)
    await pool.start()
    try:
        # A gateway's children were started long ago.
        await asyncio.gather(*(through(pool, first) for _ in range(CHILDREN)))
        began = time.monotonic()
        both = await asyncio.gather(*(through(pool, file) for _ in range(CHILDREN)))
        seconds = time.monotonic() - began
        figures = {
            "MB/s": round(CHILDREN * large.megabytes / seconds, 1),
            "longest stall ms": round(max(seen.stall_seconds for seen in both) * 1000),
            "peak KiB": max(peak_kib(child.pid) for child in pool._all),
        }
    finally:
        await pool.close()
    for name, value in figures.items():
        record_property(name, value)
        print(f"{name:20} {value}")
    for seen in both:
        assert seen.end is not None
        assert (seen.end.complete, seen.end.errors_total) == (True, 0), seen.end.findings[:3]
        assert seen.end.documents == seen.documents
        assert seen.parts == large.parts()
        assert seen.stall_seconds <= STALL_SECONDS_MAX
    assert figures["peak KiB"] <= RSS_KIB_MAX
