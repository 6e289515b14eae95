"""The layout files: every one of them loads and is sound; broken ones are refused with a reason."""

from __future__ import annotations

import tomllib

import pytest

from gateway.mappings import registry
from gateway.mappings.acknowledgement.receipt_flat import LAYOUT as RECEIPT
from gateway.mappings.table import Node
from gateway.resources import names, read_text
from gateway.syntax.flat.layout import FOLDER, BadLayout, load, parse
from gateway.syntax.flat.quirk import QUIRKS
from gateway.syntax.record import Record

LAYOUTS = [name.removesuffix(".toml") for name in names(FOLDER, ".toml")]
FLAT = [format_ for format_ in registry.FORMATS if format_.syntax == "flat"]

MINIMAL = """
name = "x"
version = "1"
title_zh = "x"
title_en = "x"
[records.00]
zh = "头"
en = "head"
fields = "2 message_type X(6) M E 报文类型"
"""

REQUIRED_WITHOUT_LAYOUT = """title_en = "x"
[[required]]
record = "55"
scope = "part"
severity = "error"
"""


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_file_is_sound(name):
    layout = load(name)
    assert layout.name == name
    assert {"00", "99"} <= set(layout.records)
    assert layout.parts <= set(layout.records)
    for label, record in layout.records.items():
        assert len(label) == 2
        assert label.isdigit()
        assert set(record.quirks) <= set(QUIRKS)
        assert record.zh
        assert record.en
    # A text record has a number and a text, or a text alone: the reader makes it so.
    widths = {"numbered": 3, "plain": 2}
    for record in layout.records.values():
        assert layout.width(record.label) == widths.get(record.text, layout.width(record.label))


@pytest.mark.parametrize("format_", FLAT, ids=lambda f: f.name)
def test_format_and_layout_agree_about_parts(format_):
    assert load(format_.layout).parts == format_.group_labels


def rows_of(node: Node):
    yield from node.rows
    for child in node.children:
        yield from rows_of(child)


def test_every_row_of_a_table_finds_its_field_in_some_layout():
    """A row that no layout carries is a misspelt one ("surplus" is the name of none)."""
    layouts = [load(format_.layout) for format_ in FLAT]
    rows = [r for f in FLAT for table in (f.header, f.part) for r in rows_of(table.root)]
    for row in rows:
        found = any(layout.index(row.label, row.field) is not None for layout in layouts)
        assert found or row.field == "surplus", (row.label, row.field)


@pytest.mark.parametrize("format_", FLAT, ids=lambda f: f.name)
def test_every_record_of_a_layout_is_read_or_kept(format_):
    """No record may vanish: what no row reads is unknown to its table and goes to the extras."""
    read = {row.label for t in (format_.header, format_.part) for row in rows_of(t.root)}
    assert set(load(format_.layout).records) - {"99"} <= read


def test_index_by_name_and_by_position():
    layout = load("ifcsum-v1")
    assert layout.index("12", "bill_number") == 1
    assert layout.index("12", 2) == 1
    assert layout.index("12", 99) is None
    assert layout.index("12", (1, 2)) is None
    assert layout.index("98", "x") is None
    assert layout.width("98") == 0
    assert layout.fields("98") == []


def test_place_counts_fields_from_one_with_the_record_id_first():
    place = load("ifcsum-v1").place(Record("12", ["12", "B"], 4, 100, 3), 1)
    assert (place.record, place.tag, place.field, place.line, place.offset) == (4, "12", 2, 3, 100)


def test_length_is_known_only_where_it_is_exact():
    fields = {f.name: f.length for f in load("ifcsum-v1").records["10"].fields}
    assert fields["vessel_name"] == 35
    assert fields["spare_14"] is None
    assert {f.name: f.length for f in load("ifcsum-v1").records["00"].fields}["created_at"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("2 message_type X(6) M E", "3 message_type X(6) M E"), "run from 2"),
        (("X(6) M E", "Y(6) M E"), "type, flag or confidence"),
        (("X(6) M E", "X(6) Q E"), "type, flag or confidence"),
        (("X(6) M E", "X(6) M Z"), "type, flag or confidence"),
        (("X(6) M E 报文类型", "X(6) M"), "six columns"),
        (('en = "head"', 'en = "head"\ntext = "rhymed"'), "text mode"),
        (('title_en = "x"', 'title_en = "x"\nsize_types = ["00.nothing"]'), "no field"),
        (('title_en = "x"', REQUIRED_WITHOUT_LAYOUT), "has no layout"),
    ],
)
def test_broken_layout_is_refused(change, reason):
    with pytest.raises(BadLayout, match=reason):
        parse(tomllib.loads(MINIMAL.replace(*change)))


def test_unknown_layout():
    with pytest.raises(FileNotFoundError):
        load("no-such-layout")


def test_receipt_layout_is_shipped():
    assert RECEIPT in LAYOUTS
    assert "回执" in read_text(f"{FOLDER}/{RECEIPT}.toml")
