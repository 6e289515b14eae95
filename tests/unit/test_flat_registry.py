"""Which format reads which message; and the fast path of every flat table equals the slow one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.findings import Findings
from gateway.mappings import registry
from gateway.mappings.convert import BadValue
from gateway.pipeline.drafting import tables_for
from gateway.pipeline.translation import translate
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Group, Message, MessageKind

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*/*flat*/*.txt"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (MessageKind("flat", "IFCSUM"), "manifest/ifcsum-flat"),
        (MessageKind("flat", "IFCTST", "1.0"), "manifest/ifctst-flat"),
        (MessageKind("flat", "IFTMBF", "3.1", "SI"), "booking/iftmbf-flat-3.1"),
        (MessageKind("flat", "IFTMBF"), "booking/iftmbf-flat-classic"),
        (MessageKind("flat", "IFTMBF", "feedback 3.1"), "booking/iftmbf-flat-feedback"),
        (MessageKind("flat", "IFTMBF", "2.0"), "booking/iftmbf-flat-classic"),
        (MessageKind("edifact", "COPARN", "D.95B"), "booking/coparn"),
        (MessageKind("edifact", "IFCSUM", "D.94B"), "manifest/ifcsum"),
        (MessageKind("edifact", "CUSCAR", "D.95B"), "manifest/cuscar"),
        (MessageKind("edifact", "IFTDGN", "D.95B"), None),
        (MessageKind("flat", "NCREQ"), None),
        (MessageKind("flat", ""), None),
    ],
)
def test_find(kind, name):
    found = registry.find(kind)
    assert (found.name if found else None) == name


def test_names_are_unique_and_found():
    names = [format_.name for format_ in registry.FORMATS]
    assert len(set(names)) == len(names)
    assert all(registry.named(name).name == name for name in names)
    assert registry.named("nothing") is None


def grammar(kind):
    format_ = registry.find(kind)
    return format_.grammar(tables_for(format_, kind, Profile()).layout)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_fast_path_equals_slow_path(path):
    reader = FlatReader(iter([path.read_bytes()]), grammar, Profile(), Findings())
    compiled = None
    seen = 0
    for event in reader:
        if isinstance(event, Message):
            format_ = registry.find(event.kind)
            layout = tables_for(format_, event.kind, Profile()).layout
            compiled = format_.part.compile(layout)
        elif isinstance(event, Group):
            seen += 1
            slow = compiled.interpret(event.records)
            if slow.findings:
                with pytest.raises(BadValue):
                    compiled.read(event.records)
            else:
                assert compiled.read(event.records) == slow.values
    assert seen or path.name.startswith("bad-")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"00:NCREQ:NCREQ:9:A:B:202411210930'\n99:2'\n", (1, "00", 1)),
        (
            b"UNB+UNOA:2+A+B+200101:0900+1'\nUNH+1+INVOIC:D:96A:UN'\nUNT+2+1'\nUNZ+1+1'\n",
            (2, "UNH", 2),
        ),
    ],
)
def test_a_message_that_nobody_reads_is_told_where_it_stands(data, place):
    *_, end = translate([data])
    (found,) = [f for f in end.findings if f.code == "MESSAGE-UNKNOWN"]
    assert (found.place.record, found.place.tag, found.place.line) == place
