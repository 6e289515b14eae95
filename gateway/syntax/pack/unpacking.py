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
    unpacker, joined = zlib.decompressobj(_GZIP), 1
    try:
        for chunk in chunks:
            meter.packed += len(chunk)
            rest = chunk
            while rest:
                if unpacker.eof:
                    unpacker, joined = zlib.decompressobj(_GZIP), joined + 1
                piece = unpacker.decompress(rest, CHUNK_BYTES)
                rest = unpacker.unconsumed_tail or unpacker.unused_data.lstrip(b"\x00")
                if joined > ARCHIVE_MEMBERS_MAX:
                    findings.add(faults.TOO_BIG.at(what="members", limit=ARCHIVE_MEMBERS_MAX))
                    return
                if not meter.takes(len(piece), findings):
                    return
                yield piece
    except zlib.error as error:
        findings.add(faults.DAMAGED.at(what=str(error)[:80]))
        return
    if not unpacker.eof:
        findings.add(faults.INCOMPLETE.at())
