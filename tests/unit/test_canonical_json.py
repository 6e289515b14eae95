"""Canonical JSON: what is delivered is read as the same document; anything else is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.mappings import registry
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.routing.payload import PayloadHead, canonical_payload
from gateway.syntax.json.positions import lines_of, pointer
from gateway.syntax.json.value import BadJson, parse

REPO = Path(__file__).resolve().parents[2]
SAMPLES = sorted(
    path
    for path in (REPO / "schemas" / "samples").rglob("*.*")
    if path.is_file() and path.stem != "canonical-json"
)
GOOD = (
    '{"document":"manifest","header":{"message_type":"IFCSUM","voyage":"108W"},'
    '"parts":[{"number":"SMPLTXG2503001","total_gross_weight_kg":"8400.5"}]}'
)


def read(data: bytes, size: int = 1 << 18) -> tuple[list[Document], list[Part], End]:
    items = list(translate([data[i : i + size] for i in range(0, len(data), size)]))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Part)], items[-1]


def errors(data: bytes) -> set[str]:
    _, parts, end = read(data)
    found = [f for item in (*parts, end) for f in item.findings]
    return {finding.code for finding in found if finding.severity == "error"}


def delivered(documents: list[Document], parts: list[Part]) -> bytes:
    """The payload of the first document, as a route writes it."""
    first = documents[0]
    mine = [part for part in parts if part.document is first]
    header = json.loads(first.header.json(whole=True))
    name = first.format.document.name
    head = PayloadHead("1", name, first.format.name, "A", "9", mine[0].key(), header, {"a": []})
    return b"".join(
        canonical_payload(head, ((part.ordinal, part.draft.json(whole=True)) for part in mine))
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_what_is_delivered_is_read_as_the_same_document(path):
    documents, parts, _ = read(path.read_bytes())
    again, same, end = read(delivered(documents, parts))
    assert end.interchange.complete
    assert not end.errors, end.findings
    assert [d.format.document.name for d in again] == [documents[0].format.document.name]
    assert again[0].header.model == documents[0].header.model
    mine = [part for part in parts if part.document is documents[0]]
    assert [part.draft.model for part in same] == [part.draft.model for part in mine]
    assert [part.key() for part in same] == [part.key() for part in mine]


def test_every_document_type_is_read():
    named = {f.name for f in registry.FORMATS if f.layout == "canonical"}
    assert named == {f"{name}/canonical-json" for name in DOCUMENT_TYPES}


def with_part(part: str) -> str:
    return GOOD.replace('{"number":"SMPLTXG2503001","total_gross_weight_kg":"8400.5"}', part)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD + " x", "JSON-001"),
        (GOOD.replace('"108W"', '"108W","voyage":"109W"'), "JSON-001"),
        (GOOD.replace('"parts"', '"header":{},"parts"'), "JSON-001"),
        (with_part('{"number":"A001","number":"A002"}'), "JSON-001"),
        (with_part('{"number":"A001","total_gross_weight_kg":NaN}'), "JSON-001"),
        (with_part('{"number":"A001","total_gross_weight_kg":-Infinity}'), "JSON-001"),
        (with_part('{"number":"A001","total_gross_weight_kg":1e999}'), "JSON-001"),
        (with_part(f'{{"number":"A001","total_gross_weight_kg":{"9" * 5000}}}'), "JSON-001"),
        (with_part('{"number":"A001","total_gross_weight_kg":"1e999"}'), "JSON-VALUE"),
        (with_part('{"number":"A001","total_gross_weight_kg":"NaN"}'), "JSON-VALUE"),
        (with_part('{"number":"A001","total_gross_weight_kg":"-1"}'), "JSON-VALUE"),
        (with_part('{"number":1}'), "JSON-VALUE"),
        (with_part('{"number":"A001","weight":"1"}'), "JSON-VALUE"),
        (with_part('{"number":"A001","load_port":5}'), "JSON-VALUE"),
        (with_part('{"number":"A001","containers":{"number":"B"}}'), "JSON-VALUE"),
        (with_part('{"number":"\\ud800A"}'), "JSON-001"),
        (with_part('{"number":"\\u0000A"}'), "JSON-001"),
        (with_part("[]"), "JSON-004"),
        (with_part("{} {}"), "JSON-001"),
        (with_part('{"number":"A001"},'), "JSON-001"),
        (with_part('{"number":' + "[" * 100_000), "JSON-003"),
        (with_part('{"number":"' + "a" * (17 << 20) + '"}'), "JSON-003"),
        (with_part(""), "DOCUMENT-EMPTY"),
        (GOOD.replace('"108W"', "{}"), "JSON-VALUE"),
        (GOOD.replace('"manifest"', '"timetable"'), "MESSAGE-UNKNOWN"),
        (GOOD.replace('"manifest"', "5"), "JSON-004"),
        (GOOD.replace('"document":"manifest",', ""), "JSON-004"),
        ('{"document":"manifest","parts":[],"header":{}}', "JSON-004"),
        ('{"document":"manifest","header":{}}', "JSON-004"),
        ('{"document":"manifest","header":[]}', "JSON-004"),
        ("[1,2]", "JSON-004"),
        ('{"a":1}', "JSON-004"),
        ("{}", "JSON-001"),
        ('{"a":1,}', "JSON-001"),
        ("{'a':1}", "FILE-UNKNOWN"),
        (GOOD.replace("SMPL", "\x01"), "JSON-001"),
    ],
    ids=range(36),
)
def test_refused_by_name(text, code):
    found = errors(text.encode())
    assert code in found
    assert "INCOMPLETE" not in found


def test_not_utf8():
    assert errors(GOOD.replace("108W", "东").encode("gb18030")) == {"JSON-002"}


def test_good_is_good_in_any_pieces():
    data = ("\ufeff" + GOOD.replace("108W", "东1")).encode()
    expected = [part.draft.json() for part in read(data)[1]]
    assert len(expected) == 1
    for size in range(16, 30):
        _, parts, end = read(data, size)
        assert end.interchange.complete
        assert [part.draft.json() for part in parts] == expected


def test_no_prefix_is_complete():
    data = GOOD.encode()
    for length in range(2, len(data)):
        _, _, end = read(data[:length])
        assert not end.interchange.complete, length
        found = errors(data[:length])
        assert "INCOMPLETE" in found, (length, found)


@pytest.mark.parametrize("size", [60, 1 << 18])
def test_bytes_that_are_no_utf8_are_told_where_they_stand(size):
    data = GOOD.replace('"parts"', '\n\n"parts"').encode().replace(b"SMPL", b"\xa3")
    _, _, end = read(data, size)
    assert next((f.code, f.place.line) for f in end.findings) == ("JSON-002", 3)


@pytest.mark.parametrize(
    "wall",
    [
        "2024-13-01",
        "２０２４-01-01",
        "2023-02-29",
        "1900-02-29",
        "2024-04-31",
        "2024-11-21T24:01",
        "2024-11-21T9:00",
    ],
)
def test_a_time_that_is_none_is_refused(wall):
    header = f'{{"message_type":"IFCSUM","voyage":"108W","sailing":{{"wall":"{wall}"}}}}'
    data = f'{{"document":"manifest","header":{header},"parts":[{{"number":"A1"}}]}}'
    assert errors(data.encode()) == {"JSON-VALUE"}
    assert errors(data.replace(wall, "2024-02-29T24:00").encode()) == set()


def test_where_the_values_of_a_text_stand():
    text = '{"a": 1,\r\n "b\\"{": [true,\n  {"c~/d": "x, ]"},\n\n  "e"],\n "f": {}}'
    assert lines_of(text, 10) == {
        (): 10,
        ("a",): 10,
        ('b"{',): 11,
        ('b"{', 0): 11,
        ('b"{', 1): 12,
        ('b"{', 1, "c~/d"): 12,
        ('b"{', 2): 14,
        ("f",): 15,
    }
    assert pointer("parts", 0, "c~/d") == "/parts/0/c~0~1d"


@pytest.mark.parametrize("rest", ['\x12"b":1}', "}}}} {", '"b', "b:1", "]", '"\\u12":1}', ""])
def test_what_is_refused_is_told_whatever_stands_behind_it(rest):
    with pytest.raises(BadJson) as refused:
        parse('{"a":\n{"x":1,\n"x":2},' + rest)
    assert refused.value.line == 3


def test_a_part_of_many_values_is_told_by_the_nearest_above():
    many = ",\n".join('{"number":"TEMU3010013"}' for _ in range(20_000))
    found = read(
        with_part(f'{{"number":"A001",\n"containers":[{many},\n{{"number":7}}]}}').encode()
    )
    (finding,) = found[1][0].findings
    assert (finding.place.tag, finding.place.line) == ("/parts/0/containers/20000/number", 2)


def test_long_names_and_values_are_shortened():
    name = "x" * 100_000
    found = read(with_part(f'{{"number":"A001","{name}":"{name}"}}').encode())
    (finding,) = found[1][0].findings
    assert len(json.dumps(finding.as_json())) < 2_000


def test_what_is_refused_is_not_missing_too():
    text = '{"document":"slot_pool","header":{"message_type":"P","terminal":"TERM1"},"parts":[{}]}'
    part = '{"start":{"wall":"2026-11-29T08:00"},"direction":"集港","quota":5}'
    found = read(text.replace("{}", part).encode())
    assert [finding.place.tag for finding in found[1][0].findings] == ["/parts/0/direction"]
    assert found[1][0].draft.values["quota"] == 5
