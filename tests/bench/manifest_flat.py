"""A GB18030 flat file to checked parts beside decoding and splitting it (performance.md 5: 6)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import peer
from tests.bench.row import Row
from tests.crash.files import manifest_chunks

CEILING = peer.Peer("decode and split", run="flat_split")


def manifest(size: int) -> Iterator[bytes]:
    """One manifest; about every fourth record has Chinese text."""
    return manifest_chunks(1, size)


def measure() -> list[Row]:
    """Models, rules and places included."""
    return peer.compare("flat IFCSUM, GB18030", manifest, {"whole": 0.30}, peer=CEILING)
