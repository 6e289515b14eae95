"""R-23 for the flat family: mutated samples end in findings, never in an exception."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gateway.pipeline.translation import End, translate
from tests.services import sized

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*/*flat*/*.txt"))
TOKENS = [
    b"'",
    b":",
    b"?",
    b"?'",
    b"?:",
    b"\n",
    b"\r\n",
    b"\x00",
    b"\x1a",
    b"00:",
    b"12:",
    b"99:",
    b"51:",
    b"47:",
    b"\xff",
    b"\x81",
    b"\x81\x30",
    "油".encode(),
    "漆".encode("gbk"),
    b"\xef\xbb\xbf",
    b"9" * 40,
    b"-",
    b"1E9",
    b"0" * 13,
    b"NaN",
    b"Infinity",
    b" ",
    b"'" * 50,
    b"?" * 51,
    b":" * 1200,
]


def mutate(data: bytes, rng: random.Random) -> bytes:
    """A few edits: insert a token, delete, repeat or swap a stretch, flip a byte."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        size = rng.choice((1, 1, 2, 5, 30))
        match rng.randrange(5):
            case 0:
                out[at:at] = rng.choice(TOKENS)
            case 1:
                del out[at : at + size]
            case 2:
                out[at:at] = out[at : at + size]
            case 3:
                out[at : at + size] = rng.choice(TOKENS)
            case _:
                out[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(out)


@pytest.mark.reliability
@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_mutated_samples(path):
    rng = random.Random(path.name)
    data = path.read_bytes()
    for _ in range(sized(40, 5000)):
        mutated = mutate(data, rng)
        items = list(translate([mutated]))
        assert isinstance(items[-1], End), mutated
        assert items[-1].interchange.complete in (True, False)
