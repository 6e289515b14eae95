"""Files of fixed columns: layouts, bytes and characters, limits."""

from __future__ import annotations

import tomllib

import pytest

from gateway.mappings import registry
from gateway.mappings.manifest.hg_fixed import implied
from gateway.pipeline.translation import End, Part, translate
from gateway.resources import names
from gateway.syntax.fixed import lines as lines_module
from gateway.syntax.fixed.layout import FOLDER, BadColumns, load, parse
from gateway.syntax.fixed.lines import lines_of

LAYOUTS = [name.removesuffix(".toml") for name in names(FOLDER, ".toml")]
FIXED = [format_ for format_ in registry.FORMATS if format_.syntax == "fixed"]
BOX = b"51TEMU3010013"
HEAD = b"00NCLCONTAINER LIST\n"
MINIMAL = """
name = "x"
version = "1"
title_zh = "x"
title_en = "x"
[records.51]
zh = "箱"
en = "box"
select = "1=51"
columns = "number 3 13 P 箱号"
"""


def parts_of(data: bytes) -> tuple[list[Part], End]:
    *items, end = translate([data])
    return [item for item in items if isinstance(item, Part)], end


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_file_is_sound(name):
    layout = load(name)
    assert layout.name == name
    assert layout.head <= set(layout.records)
    for label in layout.records:
        assert layout.width(label) == len(layout.fields(label))
    assert layout.width("98") == 0
    assert list(layout.fields("98")) == []


@pytest.mark.parametrize("format_", FIXED, ids=lambda f: f.name)
def test_every_row_finds_its_column(format_):
    layout = load(format_.layout)

    def rows(node):
        yield from node.rows
        for child in node.children:
            yield from rows(child)

    for table in (format_.header, format_.part):
        for row in rows(table.root):
            assert layout.index(row.label, row.field) is not None, (row.label, row.field)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("3 13 P", "13 3 P"), "turned round"),
        (("3 13 P", "3 13 Q"), "confidence"),
        (('title_en = "x"', 'title_en = "x"\n[needed]\n"51.nothing" = "error"'), "no field"),
        (
            ('title_en = "x"', 'title_en = "x"\n[[required]]\nrecord = "9"\nseverity = "error"'),
            "has no layout",
        ),
    ],
)
def test_broken_layout_is_refused(change, reason):
    with pytest.raises(BadColumns, match=reason):
        parse(tomllib.loads(MINIMAL.replace(*change)))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_columns_count_bytes_of_gb18030(encoding):
    goods = "冷冻虾冷冻虾冷冻虾冷冻虾冷冻虾" + "REST"
    data = HEAD + BOX + b"\n" + ("53TEMU3010013" + goods).encode(encoding) + b"\n"
    (part,), end = parts_of(data)
    assert part.draft.model.goods == goods[:15]
    assert [e.value for e in part.draft.model.extras] == ["REST"]
    assert end.interchange.encoding == encoding


def test_half_a_character_is_left_out_and_told():
    data = HEAD + BOX + b"\n" + ("53TEMU3010013" + "X" + "货" * 15).encode("gbk") + b"\n"
    (part,), _ = parts_of(data)
    assert part.draft.model.goods == "X" + "货" * 14
    assert "FIXED-006" in [f.code for f in part.findings]


def test_the_same_box_takes_the_goods_that_name_it():
    other = b"TEMU3010029"
    text = [BOX, b"51" + other, b"53" + other + b"GLOVES", b"53TEMU3010013PAINT"]
    parts, _ = parts_of(HEAD + b"\n".join(text) + b"\n")
    assert [part.draft.model.goods for part in parts] == ["PAINT", "GLOVES"]


def test_a_long_line_and_a_long_file_have_limits(monkeypatch):
    monkeypatch.setattr(lines_module, "SEGMENT_BYTES_MAX", 100)
    found = list(lines_of(iter([b"A" * 1000, b"\n", b"B\n"])))
    assert next(line.long for line in found if line.raw.startswith(b"A"))
    assert found[-1].raw == b"B"
    monkeypatch.setattr("gateway.syntax.fixed.reader.RECORDS_PER_GROUP_MAX", 3)
    parts, end = parts_of(HEAD + (BOX + b"\n") * 9)
    assert len(parts) == 2
    assert not end.interchange.complete


@pytest.mark.parametrize(
    ("written", "value"), [("00001624000", "16240.00"), ("16240.5", "16240.5"), ("", "None")]
)
def test_implied_decimals(written, value):
    assert str(implied(written)) == value
