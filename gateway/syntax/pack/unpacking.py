"""Packed bytes → plain ones in pieces, counted by ourselves: what a header says is not believed."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.findings import Findings
from gateway.limits import (
    ARCHIVE_MEMBERS_MAX,
    ARCHIVE_RATIO_FREE_BYTES,
    ARCHIVE_RATIO_MAX,
    ARCHIVE_UNPACKED_BYTES_MAX,
    CHUNK_BYTES,
)
from gateway.syntax.pack import faults

_GZIP = 31
_READ_BYTES = 64 * 1024


@dataclass(slots=True)
class Meter:
    """Counts the bytes of one archive, packed and unpacked; `refused` once it holds too much."""

    packed: int = 0
    unpacked: int = 0
    limit: int = ARCHIVE_UNPACKED_BYTES_MAX
    refused: bool = False

    def takes(self, size: int, findings: Findings) -> bool:
        """Count unpacked bytes; False, with a finding, where they are too many."""
        self.unpacked += size
        if self.unpacked > self.limit:
            findings.add(faults.TOO_BIG.at(what="unpacked bytes", limit=self.limit))
            self.refused = True
        elif self.unpacked > ARCHIVE_RATIO_FREE_BYTES + ARCHIVE_RATIO_MAX * self.packed:
            findings.add(faults.RATIO.at(limit=ARCHIVE_RATIO_MAX))
            self.refused = True
        return not self.refused


def unzipped(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter, findings: Findings
) -> Iterator[bytes]:
    """One member of a zip; ends at the first fault, which is told."""
    meter.packed += info.compress_size
    try:
        with archive.open(info) as member:
            while piece := member.read(_READ_BYTES):
                if not meter.takes(len(piece), findings):
                    return
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        findings.add(faults.DAMAGED.at(what=str(error)[:80] or type(error).__name__))


def gunzipped(chunks: Iterator[bytes], meter: Meter, findings: Findings) -> Iterator[bytes]:
    """A gzip file, also one of several joined ones; INCOMPLETE where it does not end."""
    unpacking = _Gunzip(meter, findings)
    try:
        for chunk in chunks:
            yield from unpacking.pieces(chunk)
            if unpacking.refused:
                return
    except zlib.error as error:
        findings.add(faults.DAMAGED.at(what=str(error)[:80]))
        return
    if not unpacking.ended:
        findings.add(faults.INCOMPLETE.at())


class _Gunzip:
    """One gzip file in progress."""

    def __init__(self, meter: Meter, findings: Findings) -> None:
        self._meter = meter
        self._findings = findings
        self._unpacker = zlib.decompressobj(_GZIP)
        self._joined = 1
        self.refused = False

    @property
    def ended(self) -> bool:
        """Whether the file has come to the end of a gzip."""
        return self._unpacker.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What a chunk unpacks to; raises zlib.error."""
        self._meter.packed += len(chunk)
        rest = chunk
        while rest and not self.refused:
            if self._unpacker.eof:
                self._unpacker = zlib.decompressobj(_GZIP)
                self._joined += 1
            piece = self._unpacker.decompress(rest, CHUNK_BYTES)
            rest = self._unpacker.unconsumed_tail or self._unpacker.unused_data.lstrip(b"\x00")
            self.refused = not self._takes(len(piece))
            if piece and not self.refused:
                yield piece

    def _takes(self, size: int) -> bool:
        if self._joined > ARCHIVE_MEMBERS_MAX:
            self._findings.add(faults.TOO_BIG.at(what="members", limit=ARCHIVE_MEMBERS_MAX))
            return False
        return self._meter.takes(size, self._findings)
