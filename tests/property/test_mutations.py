"""R-23: a hundred thousand mutated files of every format, and each of them has its answer.

In CI, where all servers are demanded, at the row's size; a developer's run is shorter.  Workbooks
and packed files, which cost more, have a test of their own (test_file_fuzz.py).
"""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path

import pytest

from gateway.pipeline.packed import translate_file
from gateway.pipeline.translation import End
from tests import services
from tests.property.test_file_fuzz import PIECES, mutated

REPO = Path(__file__).parents[2]
SAMPLES = sorted(
    path
    for path in (REPO / "schemas" / "samples").rglob("*")
    if path.is_file() and path.suffix != ".xlsx" and path.stat().st_size <= 6_000
)
MORE = [
    b"'",
    b"+",
    b":",
    b"?",
    b"UNH+",
    b"UNT+",
    b"UNZ+",
    b"00:",
    b"99:",
    b"51:",
    "舱".encode("gbk"),
]
SHARDS = 4
# A file's own second, times three for a machine that does other things.
SECONDS_MAX = 3.0
MEGABYTES_MAX = 64


def files() -> int:
    """Of one shard."""
    if services.full_size():
        return 2_000_000 // SHARDS
    return (100_000 if services.required() else 2_000) // SHARDS


@pytest.mark.reliability
@pytest.mark.timeout(40_000 if services.full_size() else 900)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_mutated_file_has_its_answer(shard: int):
    assert len(SAMPLES) >= 40
    chance = random.Random(f"20261122 {shard}")
    contents = [path.read_bytes() for path in SAMPLES]
    peak = 0
    for number in range(files()):
        which = (number + shard) % len(contents)
        data = bytearray(mutated(contents[which], chance))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(data) + 1)
            data[at:at] = chance.choice(chance.choice((MORE, PIECES)))
        began = time.perf_counter()
        try:
            items = list(translate_file([bytes(data)] if data else []))
        except Exception as error:
            raise AssertionError(
                f"{SAMPLES[which].name}, shard {shard}, number {number}"
            ) from error
        assert time.perf_counter() - began < SECONDS_MAX, SAMPLES[which].name
        assert isinstance(items[-1], End)
        if number == len(contents):
            # Every format has been loaded: from here on memory is the files' own.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown <= MEGABYTES_MAX * 1024
