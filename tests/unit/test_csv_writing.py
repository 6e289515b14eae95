"""csv files: rows of lists, headings, formulas made harmless, facts that have no column."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from gateway.canonical.container_list import ListedContainer, ListHeader
from gateway.canonical.manifest import Bill, ManifestHeader
from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.contract import Unwritable
from gateway.mappings.csv_writing import csv_writer
from gateway.mappings.writing import WRITERS, writer_named
from gateway.pipeline.translation import translate
from gateway.resources import names
from gateway.syntax.table.csv_writer import csv_row, harmless
from gateway.syntax.table.layout import WRITTEN_FOLDER, all_layouts, load, parse
from tests.property.documents import written

HEADER = ManifestHeader(message_type="X", voyage="081E", vessel={"name": "BO HAI XING 6"})


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+86 22", "'+86 22"),
        ("-18", "-18"),
        ("+5.0", "+5.0"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("-2+3", "'-2+3"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        ("\n=1", "'\n=1"),
        ("a=b", "a=b"),
        ("N/M", "N/M"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text, expected):
    assert harmless(text) == expected


def test_a_row_is_read_back_by_any_csv_reader():
    cells = ['A "B"', "x,y", "two\nlines", " blank ", Decimal("1E+2"), 7, None, "油漆"]
    (row,) = csv.reader(io.StringIO(csv_row(cells), newline=""))
    assert row == ['A "B"', "x,y", "two\nlines", " blank ", "100", "7", "", "油漆"]


def test_a_bill_has_a_row_for_each_box_with_its_goods_beside_them():
    bill = Bill(
        number="B1",
        goods=[{"sequence": "1", "description": ["PAINT", "=cmd"]}],
        containers=[
            {"number": "TEMU3010013", "seals": [{"number": "S1"}, {"number": "S2"}]},
            {"number": "TEMU3010029", "vgm_kg": Decimal("3900.5")},
        ],
        parties=[{"role": "consignee", "lines": ["=1+1"]}],
    )
    writer = writer_named("manifest/csv")
    first, second = rows_of(written(writer, HEADER, [bill]))
    assert [row["提单号 B/L No."] for row in (first, second)] == ["B1", "B1"]
    assert [row["箱号 Container No."] for row in (first, second)] == ["TEMU3010013", "TEMU3010029"]
    assert (first["货名 Goods"], second["货名 Goods"]) == ("PAINT\n=cmd", "")
    assert first["铅封号 Seals"] == "S1\nS2"
    assert second["核实总重 kg VGM kg"] == "3900.5"
    assert first["收货人 Consignee"] == "'=1+1"
    assert first["航次 Voyage"] == second["航次 Voyage"] == "081E"


def test_a_bill_without_boxes_has_a_row_of_its_own():
    (row,) = rows_of(written(writer_named("manifest/csv"), HEADER, [Bill(number="B2")]))
    assert row["提单号 B/L No."] == "B2"


def test_a_fact_that_must_not_be_lost_needs_a_column():
    layout = parse(
        {
            "name": "x", "version": "1", "title_zh": "x", "title_en": "x",
            "columns": "number | P | part.number | container | C | 箱号 | Container |",
        }
    )  # fmt: skip
    writer = csv_writer(VERIFIED_GROSS_MASS, layout)
    assert "part.vgm_kg" in writer.leaves_out
    model = VERIFIED_GROSS_MASS.part(number="TEMU3010013", vgm_kg=Decimal(3900))
    header = VERIFIED_GROSS_MASS.header(message_type="X")
    with pytest.raises(Unwritable) as refused:
        written(writer, header, [model])
    assert [finding.code for finding in refused.value.findings] == ["WRITE-NO-PLACE"]


@pytest.mark.parametrize("name", ["vessel_schedule/csv", "vessel_schedule/table"])
def test_a_ship_that_has_no_name_makes_no_table(name):
    """Its own reader would refuse every row."""
    header = VESSEL_SCHEDULE.header(message_type="X")
    part = VESSEL_SCHEDULE.part(port={"code": "CNTXG"})
    with pytest.raises(Unwritable) as refused:
        written(writer_named(name), header, [part])
    assert [finding.code for finding in refused.value.findings] == ["WRITE-MISSING"]
    named = VESSEL_SCHEDULE.header(message_type="X", vessel={"imo": "9811000"})
    assert written(writer_named(name), named, [part])


def test_an_encoding_that_lacks_a_character_refuses():
    writer = writer_named("container_list/csv")
    part = ListedContainer(number="TEMU3010013", goods="𠮷")
    with pytest.raises(Unwritable) as refused:
        written(writer, ListHeader(message_type="X"), [part], encoding="gb2312")
    assert "WRITE-ENCODING" in str(refused.value)


@pytest.mark.parametrize("layout", all_layouts(WRITTEN_FOLDER), ids=lambda each: each.name)
def test_what_is_only_written_is_refused_by_its_name(layout):
    """Most of its headings are known to a load plan, too, as which it must not be taken."""
    headings = csv_row([f"{column.zh[0]} {column.en[0]}" for column in layout.columns])
    row = csv_row([column.example or "1" for column in layout.columns])
    *parts, end = translate([f"{headings}{row}".encode()])
    assert not parts
    assert [(f.code, f.place.line) for f in end.findings] == [("TABLE-023", 1)]
    assert layout.title_zh in end.findings[0].zh
    assert layout.title_en in end.findings[0].en


def test_every_layout_is_written():
    layouts = {name.removesuffix(".toml") for name in names(WRITTEN_FOLDER, ".toml")}
    assert layouts <= {w.name.partition("/")[0] for w in WRITERS if w.suffix == ".csv"}
    for name in layouts:
        assert load(name, WRITTEN_FOLDER).name == name
