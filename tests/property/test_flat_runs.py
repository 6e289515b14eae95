"""Parts read at once beside parts read record by record: the same documents and findings."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from gateway.findings import Findings
from gateway.limits import FLAT_RUN_RECORDS_MAX
from gateway.mappings import registry, straight
from gateway.pipeline.drafting import tables_for
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.syntax.flat import cutter, run
from gateway.syntax.flat.layout import load
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.flat.run import Run
from gateway.syntax.profile import Profile
from gateway.syntax.record import Group, MessageEnd
from tests.property.test_flat_fuzz import mutate
from tests.services import sized

HERE = Path(__file__).parent.parent / "samples"
SAMPLES = [
    path
    for kind in ("manifest/ifc*-flat", "load_discharge_report/*-flat", "verified_*/*-flat")
    for path in sorted(HERE.glob(f"{kind}/*.txt"))
]
BODY = re.compile(rb"(?<=')[\r\n]*(?=12:|50:)")

# A box that points to goods.
POINTER = re.compile(rb"(?<=\n)51:0*[1-9]")


def chunked(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def repeated(data: bytes, rng: random.Random, broken: bool = False) -> bytes:
    """The parts of a file several times in any order, some of them with a broken link."""
    head, *parts = BODY.split(data)
    if len(parts) < 2:
        return data
    end = re.search(rb"(?<=')[\r\n]*99:", parts[-1])
    tail = parts[-1][end.start() :] if end else b""
    parts[-1] = parts[-1][: end.start()] if end else parts[-1]
    parts += [POINTER.sub(rb"\g<0>7", parts[0])] if broken else []
    return b"\r\n".join([head, *rng.choices(parts, k=rng.randint(2, 12))]) + tail


def told(chunks: list[bytes]) -> list[object]:
    """All that comes of a file."""
    found: list[object] = []
    for item in translate(chunks):
        if isinstance(item, Document):
            found.append((item.ordinal, item.layout, item.header.json(whole=True)))
        elif isinstance(item, Part):
            told = [finding.as_json() for finding in item.findings]
            found.append((item.ordinal, item.draft.json(), item.key(), item.errors, told))
        else:
            assert isinstance(item, End)
            told = [finding.as_json() for finding in item.findings]
            found.append((item.interchange, told, item.total, item.errors, item.format))
    return found


@pytest.mark.reliability
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_parts_read_at_once_are_what_their_records_are(path, monkeypatch):
    rng = random.Random(path.name)
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 2)
    for turn in range(sized(15, 1000)):
        data = repeated(path.read_bytes(), rng, broken=turn % 2 > 0)
        data = mutate(data, rng) if turn % 3 else data
        size = rng.choice([len(data), len(data), 900, 333])
        monkeypatch.setattr(cutter, "FLAT_READ_BYTES", size)
        monkeypatch.setattr(run, "FLAT_RUN_RECORDS_MAX", FLAT_RUN_RECORDS_MAX)
        at_once = told(chunked(data, size))
        monkeypatch.setattr(run, "FLAT_RUN_RECORDS_MAX", 0)
        assert at_once == told([data]), data


def test_good_parts_come_at_once_and_know_their_places():
    path = HERE / "manifest/ifcsum-flat/good-export-gbk-crlf.txt"
    data = repeated(path.read_bytes(), random.Random(1))
    layout = load("ifcsum-v1")
    format_ = registry.named("manifest/ifcsum-flat")
    assert format_ is not None

    def grammar(kind):
        tables = tables_for(format_, kind, Profile())
        assert tables is not None
        return format_.grammar(layout)

    groups = [
        event.records
        for event in FlatReader(iter([data]), grammar, Profile(), Findings())
        if isinstance(event, Group)
    ]
    assert groups
    assert all(isinstance(each, Run) for each in groups)
    for records in groups:
        for record in records:
            assert data[record.offset :].startswith(record.label.encode())
            assert record.line == data.count(b"\n", 0, record.offset) + 1
            assert data[: record.offset].count(b"'\r\n") == record.ordinal - 1


def test_the_last_record_of_a_message_stands_in_no_part():
    data = (HERE / "manifest/ifcsum-flat/good-export-gbk-crlf.txt").read_bytes()
    layout = load("ifcsum-v1")
    format_ = registry.named("manifest/ifcsum-flat")
    assert format_ is not None
    reader = FlatReader(iter([data * 2]), lambda _: format_.grammar(layout), Profile(), Findings())
    ends = [event for event in reader if isinstance(event, MessageEnd)]
    assert [[record.label for record in end.records] for end in ends] == [["99"], ["99"]]
