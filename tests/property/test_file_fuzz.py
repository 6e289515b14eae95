"""R-23 for tables, XML, JSON and packed files: whatever is changed in them, there is an answer."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.pipeline.packed import translate_file
from gateway.pipeline.translation import End
from tests.services import sized

REPO = Path(__file__).parents[2]
FILES = sorted(
    path
    for path in (
        *(REPO / "tests" / "samples").rglob("*"),
        *(REPO / "schemas" / "samples").rglob("*"),
    )
    if path.suffix in (".csv", ".xlsx", ".xml")
    or (path.suffix == ".json" and path.parent.name.startswith(("dcsa", "booking")))
)
SECONDS_MAX = 3.0
PIECES = [
    b'"', b",", b";", b"\t", b"\n", b"\x00", b"<", b">", b"&", b"]]>", b"<!DOCTYPE a>", b"{", b"[",
    b"}", b"\xff", b"\xef\xbb\xbf", b"PK\x03\x04", b"9" * 400, b"=1+1", b"-", "合计".encode(),
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to five changes: bytes turned, cut, doubled, moved, put in."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 1, 4, 40, 400)))
        kind = chance.randrange(5)
        if kind == 0 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif kind == 1:
            del changed[at:end]
        elif kind == 2:
            changed[at:at] = changed[at:end]
        elif kind == 3:
            piece = changed[at:end]
            del changed[at:end]
            to = chance.randrange(len(changed) + 1)
            changed[to:to] = piece
        else:
            changed[at:at] = chance.choice(PIECES)
    return bytes(changed)


def inside(data: bytes, chance: random.Random) -> bytes:
    """A member of a workbook mutated, and packed again with all its sums right."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", 8) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, mutated(body, chance) if name == chosen else body)
    return target.getvalue()


def packed(data: bytes, chance: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", 8) as archive:
        archive.writestr("a.dat", data)
        archive.writestr("b.dat", mutated(data, chance))
    return mutated(target.getvalue(), chance)


def answered(data: bytes) -> None:
    began = time.perf_counter()
    items = list(translate_file([data] if data else []))
    assert isinstance(items[-1], End)
    assert time.perf_counter() - began < SECONDS_MAX


@pytest.mark.reliability
@pytest.mark.parametrize("change", [mutated, inside, packed], ids=lambda change: change.__name__)
def test_every_change_gets_an_answer(change: Callable[[bytes, random.Random], bytes]):
    chance = random.Random(change.__name__)
    files = [path for path in FILES if change is not inside or path.suffix == ".xlsx"]
    for number in range(sized(400, 20_000)):
        path = files[number % len(files)]
        state = chance.getstate()
        data = change(path.read_bytes(), chance)
        try:
            answered(data)
        except Exception as error:
            raise AssertionError(f"{path.name}, change {number}: {state[1][:2]}") from error
