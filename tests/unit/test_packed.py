"""R-26: packed uploads are read under limits; bombs are refused with little memory and time."""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from gateway.adapters.parsers.wire import END, FLUSH, frame
from gateway.cli.app import run
from gateway.limits import ARCHIVE_BYTES_MAX, ARCHIVE_MEMBERS_MAX, ARCHIVE_RATIO_MAX
from gateway.pipeline.packed import translate_file
from gateway.pipeline.rows import Translated
from gateway.pipeline.staging import from_line, staged, to_lines
from gateway.pipeline.translation import Document, End, Part

SAMPLES = Path(__file__).parents[2] / "schemas" / "samples"
FLAT = (SAMPLES / "manifest" / "ifcsum-flat.txt").read_bytes()
COPARN = (SAMPLES / "booking" / "coparn.edi").read_bytes()
BOOKS = (SAMPLES / "booking" / "table.xlsx").read_bytes()
MIB = 1024 * 1024
SECONDS_MAX = 3.0
MEMORY_MAX = 32 * MIB
CHILD_KB_MAX = 256 * 1024


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def info(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def read(data: bytes, size: int = 256 * 1024):
    items = list(translate_file(data[i : i + size] for i in range(0, max(1, len(data)), size)))
    documents = [item for item in items if isinstance(item, Document)]
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    return documents, findings, items[-1]


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def overlapping() -> bytes:
    """Many members that all point to one piece of data (60 kB that unpack to gigabytes)."""
    data = packed(("a.txt", bytes(10 * MIB)))
    begin = data.index(b"PK\x01\x02")
    entry, end = data[begin : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    entries = b"".join(entry.replace(b"a.txt", b"%05d" % n) for n in range(900))
    tail = end[:8] + struct.pack("<HHL", 900, 900, len(entries)) + end[16:]
    return data[:begin] + entries + tail


def wrong_size() -> bytes:
    """A member that says it has 10 bytes and holds a million."""
    data = packed(("a.txt", FLAT * 400))
    size = struct.pack("<L", len(FLAT) * 400)
    return patched(data, size, struct.pack("<L", 10))


def encrypted() -> bytes:
    data = bytearray(packed(("a.txt", FLAT)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def gbk_name() -> bytes:
    name = "舱单.txt".encode("gb18030")
    data = packed(("x" * len(name), FLAT))
    return data.replace(b"x" * len(name), name)


def many(count: int) -> bytes:
    return packed(*((f"{n}.txt", b"") for n in range(count)))


BOMB = gzip.compress(b"00:IFCSUM:" + bytes(64 * MIB), 9)
REFUSED = {
    "42.zip": (packed(*((f"{n}.zip", packed(("a", bytes(MIB)))) for n in range(16))), "PACK-007"),
    "gzip in a zip": (packed(("a.gz", gzip.compress(FLAT))), "PACK-007"),
    "zip in a gzip": (gzip.compress(packed(("a", FLAT))), "PACK-007"),
    "gzip in a gzip": (gzip.compress(gzip.compress(FLAT)), "PACK-007"),
    "overlap": (overlapping(), "PACK-001"),
    "1,001 members": (many(ARCHIVE_MEMBERS_MAX + 1), "PACK-003"),
    "20,000 members": (many(20_000), "PACK-003"),
    "ratio": (packed(("a.txt", b"00:IFCSUM:" + bytes(60 * MIB))), "PACK-004"),
    "ratio of a gzip": (BOMB, "PACK-004"),
    "upwards": (packed(("../a.txt", FLAT)), "PACK-005"),
    "upwards inside": (packed(("a/../../b.txt", FLAT)), "PACK-005"),
    "absolute": (packed(("/etc/a.txt", FLAT)), "PACK-005"),
    "drive": (packed(("C:a.txt", FLAT)), "PACK-005"),
    "backslash": (patched(packed(("a#b.txt", FLAT)), b"a#b", b"a\\b"), "PACK-005"),
    "NUL": (patched(packed(("a#b.txt", FLAT)), b"a#b", b"a\x00b"), "PACK-005"),
    "control character": (packed(("a\nb.txt", FLAT)), "PACK-005"),
    "long name": (packed(("a" * 300, FLAT)), "PACK-005"),
    "blank name": (patched(packed(("#", FLAT)), b"#", b" "), ""),
    "symlink": (packed((info("a.txt", 0o120777), b"/etc/hostname")), "PACK-008"),
    "device": (packed((info("a.txt", 0o020666), b"")), "PACK-008"),
    "twice": (patched(packed(("a1.txt", FLAT), ("a2.txt", FLAT)), b"a2", b"a1"), "PACK-006"),
    "twice by case": (packed(("a.txt", FLAT), ("A.TXT", FLAT)), "PACK-006"),
    "wrong size": (wrong_size(), "PACK-010"),
    "wrong checksum": (
        patched(packed(("a.txt", FLAT)), struct.pack("<L", zlib.crc32(FLAT)), b"\1\2\3\4"),
        "PACK-010",
    ),
    "encrypted": (encrypted(), "PACK-002"),
    "bzip2": (packed(("a.txt", FLAT), method=zipfile.ZIP_BZIP2), "PACK-009"),
    "lzma": (packed(("a.txt", FLAT), method=zipfile.ZIP_LZMA), "PACK-009"),
    "cut": (packed(("a.txt", FLAT))[:-30], "INCOMPLETE"),
    "cut in front": (packed(("a.txt", FLAT))[30:], "FILE-UNKNOWN"),
    "nothing in it": (packed(), "PACK-011"),
    "folders alone": (packed(("a/", b"")), "PACK-011"),
    "cut gzip": (gzip.compress(FLAT)[:-4], "INCOMPLETE"),
    "damaged gzip": (gzip.compress(FLAT)[:40] + b"\xff" * 400, "PACK-010"),
    "gzip with a wrong checksum": (gzip.compress(FLAT)[:-8] + bytes(8), "PACK-010"),
    "10,000 gzips in one": (gzip.compress(b"") * 10_000, "PACK-003"),
    "test and live": (
        packed(
            ("a.edi", COPARN),
            ("b.edi", patched(COPARN, b"I2611200001'\nUNH", b"I2611200001++++++1'\nUNH")),
        ),
        "PACK-013",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    data, expected = REFUSED[name]
    began = time.perf_counter()
    _documents, findings, end = read(data)
    assert time.perf_counter() - began < SECONDS_MAX
    codes = {finding.code for finding in findings}
    assert expected in codes or not expected, codes
    if expected:
        assert end.errors
        assert end.envelope_errors


@pytest.mark.parametrize("name", ["ratio", "ratio of a gzip", "overlap", "42.zip"])
def test_a_bomb_takes_little_memory(name):
    data = REFUSED[name][0]
    tracemalloc.start()
    read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data) * 2 + MEMORY_MAX


def test_an_archive_that_is_too_big_is_not_gathered():
    def chunks():
        yield packed(("a.txt", FLAT))
        for _ in range(ARCHIVE_BYTES_MAX // MIB + 10):
            yield bytes(MIB)

    end = list(translate_file(chunks()))[-1]
    assert [finding.code for finding in end.findings] == ["PACK-003"]


def test_the_ratio_is_that_of_r_26():
    assert ARCHIVE_RATIO_MAX <= 100
    assert ARCHIVE_MEMBERS_MAX <= 1_000


@pytest.mark.parametrize("size", [1, 100, 256 * 1024])
@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda data: packed(("a.txt", data))], ids=["gzip", "zip"]
)
def test_one_file_reads_as_if_it_had_come_alone(pack, size):
    bare, told, alone = read(FLAT)
    documents, findings, end = read(pack(FLAT), size)
    assert [d.header.json() for d in documents] == [d.header.json() for d in bare]
    assert [f.code for f in findings] == [f.code for f in told]
    assert end.interchange == alone.interchange
    assert (end.documents, end.format, end.errors) == (alone.documents, alone.format, 0)


def test_joined_gzips_are_one_file():
    half = len(FLAT) // 2
    _documents, _findings, end = read(gzip.compress(FLAT[:half]) + gzip.compress(FLAT[half:]))
    assert end.interchange.complete
    assert end.documents == 1


def test_several_files_are_one_interchange():
    bad = COPARN.replace(b"UNT+", b"UNT+9", 1)
    data = packed(("a/舱单.txt", FLAT), ("b.edi", bad), ("c.xlsx", BOOKS), ("__MACOSX/._b", b"x"))
    documents, findings, end = read(data)
    assert [d.ordinal for d in documents] == [1, 2, 3]
    assert [d.member for d in documents] == ["a/舱单.txt", "b.edi", "c.xlsx"]
    assert [d.format.document.name for d in documents] == ["manifest", "booking", "booking"]
    assert end.interchange.syntax == "zip"
    assert end.interchange.sender is None
    assert {f.place.file for f in findings if f.severity == "error"} == {"b.edi"}
    assert end.documents == 3
    assert end.reports == ()


def test_a_file_of_no_kind_spoils_no_other():
    _documents, findings, end = read(packed(("a.txt", FLAT), ("readme.txt", b"hello")))
    assert [(f.code, f.place.file) for f in findings if f.severity == "error"] == [
        ("FILE-UNKNOWN", "readme.txt")
    ]
    assert end.interchange.complete
    assert (end.errors, end.envelope_errors) == (1, 0)


def test_a_file_that_is_cut_spoils_the_archive():
    end = read(packed(("a.txt", FLAT), ("b.edi", COPARN[:-9])))[2]
    assert not end.interchange.complete


def test_names_of_windows_programs():
    documents, _findings, _end = read(gbk_name())
    assert documents[0].member == "舱单.txt"


def test_findings_keep_their_file_on_the_way_from_a_parser():
    data = packed(("a.txt", FLAT), ("b.edi", COPARN.replace(b"UNT+", b"UNT+9", 1)))
    rows = [from_line(line) for line in to_lines(staged(translate_file([data])))]
    parts = [part for row in rows[:-1] for _document, part in row.parts]
    told = [finding for part in parts for finding in json.loads(part.findings)]
    assert {finding.get("member") for finding in told if finding["severity"] == "error"} == {
        "b.edi"
    }


@pytest.mark.parametrize("name", ["ratio", "ratio of a gzip", "overlap", "wrong size"])
def test_a_parser_child_outlives_a_bomb(name):
    """One child reads a bomb, then a good archive; its peak stays far below its limit."""
    good = packed(("a.txt", FLAT), ("c.xlsx", BOOKS))
    files = b"".join(
        frame(b"{}") + b"".join(frame(data[i : i + MIB]) for i in range(0, len(data), MIB)) + END
        for data in (REFUSED[name][0], good)
    )
    command = [sys.executable, "-m", "gateway.adapters.parsers.child"]
    ends = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(files + FLUSH)
        child.stdin.flush()
        while len(ends) < 2:
            row = from_line(child.stdout.readline())
            ends += [row] if isinstance(row, Translated) else []
        status = Path(f"/proc/{child.pid}/status").read_text("ascii")
        child.stdin.close()
        assert child.wait(timeout=10) == 0
    assert [end.documents for end in ends] == [0, 2]
    assert ends[0].errors_total
    assert not ends[1].errors_total
    assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) < CHILD_KB_MAX


def test_convert_and_check_name_the_file(capsys, tmp_path):
    file = tmp_path / "upload.zip"
    file.write_bytes(packed(("a.txt", FLAT), ("b.edi", COPARN.replace(b"UNT+", b"UNT+9", 1))))
    assert run(["convert", str(file), "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line.get("member") for line in lines[:-1]} == {"a.txt", "b.edi"}
    assert lines[-1]["interchange"]["syntax"] == "zip"
    assert run(["check", str(file)]) == 1
    assert "b.edi" in capsys.readouterr().out
