"""Files in UTF-16, as Windows saves "Unicode": read like the same text in any other encoding."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from gateway.canonical.partner import Agreement, Partner
from gateway.pipeline.order import kind_told
from gateway.pipeline.packed import translate_file
from gateway.pipeline.translation import End, Part
from gateway.syntax.charset import encode

SAMPLES = Path(__file__).parents[2] / "schemas" / "samples"
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
NAMES = [
    "manifest/ifcsum-flat.txt",
    "booking/iftmbf-flat-3.1.txt",
    "container_list/ncl-fixed.txt",
    "booking/coparn.edi",
    "booking/canonical-json.json",
    "verified_gross_mass/ctnvgm-flat.txt",
]


def text(name: str) -> str:
    data = (SAMPLES / name).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def read(data: bytes, size: int = 1 << 18, partner: Partner | None = None):
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    items = list(translate_file(pieces, partner))
    parts = [item for item in items if isinstance(item, Part)]
    return parts, [f for item in (*parts, items[-1]) for f in item.findings], items[-1]


def bare(findings) -> list:
    return [(f.code, f.place._replace(offset=None)) for f in findings]


@pytest.mark.parametrize("size", [3, 1 << 18])
@pytest.mark.parametrize("codec", MARKS)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_as_the_same_document(name, codec, size):
    expected, found_there, _ = read(text(name).encode())
    data = MARKS[codec] + text(name).encode(codec)
    parts, found, end = read(data, size)
    assert (end.interchange.encoding, end.interchange.complete) == ("utf-16", True)
    assert [part.draft.model for part in parts] == [part.draft.model for part in expected]
    assert bare(found) == bare(found_there)
    assert all(finding.place.offset is None for finding in found)
    assert kind_told(data).name == kind_told(text(name).encode()).name != ""


def test_a_mark_says_more_than_an_agreement():
    agreement = Agreement(document="manifest", encoding="gbk")
    partner = Partner(code="TJAGENT01", name="A", agreements=(agreement,))
    data = codecs.BOM_UTF16_LE + text(NAMES[0]).encode("utf-16-le")
    parts, _, end = read(data, partner=partner)
    assert [part.draft.model for part in parts] == [
        part.draft.model for part in read(text(NAMES[0]).encode("gb18030"), partner=partner)[0]
    ]
    assert not end.errors


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_is_told(name):
    data = codecs.BOM_UTF16_LE + text(name).encode("utf-16-le")
    for broken in (data[:-1], data[:120] + b"\x00\xd8" + data[120:]):
        _, found, end = read(broken, 100)
        assert not end.interchange.complete
        assert "FILE-UTF-16" in {finding.code for finding in found}


def test_no_prefix_is_taken_for_the_whole():
    data = codecs.BOM_UTF16_LE + text(NAMES[0]).rstrip().encode("utf-16-le")
    for length in range(1, len(data), 7):
        *_, end = translate_file([data[:length]])
        assert isinstance(end, End)
        assert not end.interchange.complete, length


def test_it_is_answered_in_kind():
    assert encode("回执", "utf-16").decode("utf-16") == "回执"
