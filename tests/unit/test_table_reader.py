"""Tables: what hostile and careless ones come to; templates are what their layouts say."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from gateway.findings import Findings
from gateway.limits import WORKBOOK_ROWS_MAX
from gateway.pipeline.translation import End, Part, translate
from gateway.resources import read_bytes
from gateway.syntax.profile import Profile
from gateway.syntax.sniff import sniff
from gateway.syntax.table.csv_rows import CsvSource
from gateway.syntax.table.headings import column_of, recognise
from gateway.syntax.table.layout import (
    WRITTEN_FOLDER,
    BadTable,
    all_layouts,
    letter,
    load,
    parse,
)
from gateway.syntax.table.template import template
from gateway.syntax.table.xlsx_writer import workbook

REPO = Path(__file__).parents[2]
LAYOUTS = {layout.name: layout for layout in all_layouts()}
HEADINGS = ["船名", "航次", "箱号", "VGM", "称重方法", "托运人", "授权签字"]
BOX = ["HAI YUN 8", "046E", "TEMU8123455", "18540", "1", "A", "B"]
SHEET = "xl/worksheets/sheet1.xml"
SECONDS_MAX = 3.0


def xlsx(rows=(HEADINGS, BOX)) -> bytes:
    return b"".join(workbook([("Sheet1", rows)]))


def changed(members: dict[str, bytes], drop: str = "") -> bytes:
    """The workbook with some members replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            if name not in members and name != drop:
                new.writestr(name, old.read(name))
        for name, data in members.items():
            new.writestr(name, data)
    return target.getvalue()


def sheet(cells: str, before: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    heads = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in HEADINGS)
    rows = f'<row r="1">{heads}</row>{cells}'
    return f'{before}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def codes(data: bytes) -> list[str]:
    items = list(translate([data]))
    return [f.code for item in items if isinstance(item, Part | End) for f in item.findings]


LAUGHS = '<!DOCTYPE a [<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)
HOSTILE = {
    "old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "TABLE-016"),
    "macros": (changed({"xl/vbaProject.bin": b"x"}), "TABLE-016"),
    "xlsm by type": (changed({"[Content_Types].xml": b"<Types>macroEnabled</Types>"}), "TABLE-016"),
    "no workbook": (changed({}, drop="xl/workbook.xml"), "TABLE-016"),
    "no sheet": (changed({}, drop=SHEET), "TABLE-001"),
    "laughs": (changed({SHEET: sheet("<c><v>&l9;</v></c>", LAUGHS + "]>")}), "TABLE-016"),
    "doctype in a text member": (changed({"xl/styles.xml": b"<!DOCTYPE a><a/>"}), "TABLE-016"),
    "utf-16 member": (changed({SHEET: sheet("").decode().encode("utf-16")}), "TABLE-016"),
    "utf-7 member": (
        changed({SHEET: b'<?xml version="1.0" encoding="UTF-7"?>' + sheet("")}),
        "TABLE-016",
    ),
    "not well-formed": (changed({SHEET: sheet("</row>")}), "TABLE-016"),
    "bad date": (changed({SHEET: sheet('<row r="2"><c t="d"><v>x</v></c></row>')}), "TABLE-016"),
    "column XFD": (
        changed({SHEET: sheet('<row r="2"><c r="XFD2"><v>1</v></c></row>')}),
        "TABLE-009",
    ),
    "80 MB of blanks": (changed({SHEET: sheet(" " * 80_000_000)}), "PACK-004"),
    "97 MB in all": (
        changed({f"xl/{n}.xml": bytes(range(32, 127)) * 100_000 for n in range(12)}),
        "PACK-004 PACK-003",
    ),
    "name upwards": (changed({"xl/../../../canary.xml": b"x"}), "PACK-005"),
    "name twice": (changed({"XL/Workbook.xml": b"x"}), "PACK-006"),
    "wrong shared text": (
        changed({SHEET: sheet('<row r="2"><c t="s"><v>99</v></c></row>')}),
        "TABLE-016",
    ),
    "cut": (xlsx()[:-40], "INCOMPLETE"),
    "cut short": (xlsx()[:200], "INCOMPLETE"),
    "columns without end": (
        (";".join([*HEADINGS, *["x"] * 300]) + "\n" + ";".join(BOX) + "\n").encode(),
        "TABLE-009",
    ),
    "a long cell": ((",".join([*HEADINGS, "x" * 40_000]) + "\n").encode(), "TABLE-010"),
    "a row of 9 MB": ((",".join(HEADINGS) + "\n" + "x" * 9_000_000).encode(), "TABLE-009"),
    "a quote that never ends": (
        (",".join(HEADINGS) + '\n"' + "x,\n" * 300_000).encode(),
        "TABLE-011 TABLE-009",
    ),
    "quotes by the thousand": (
        (",".join(HEADINGS) + "\n" + '","' * 20_000 + "\n").encode(),
        "TABLE-010 TABLE-011",
    ),
    "a million rows of nothing": (
        (",".join(HEADINGS) + "\n" + "x,\n" * 1_000_000).encode(),
        "TABLE-003",
    ),
    "headings alone": ((",".join(HEADINGS) + "\n").encode(), "TABLE-022"),
    "no headings": (b"a,b,c\n1,2,3\n", "TABLE-001"),
    "half a character": (",".join(HEADINGS).encode() + b"\n\xffA,b,c\n", "TABLE-014"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name):
    data, expected = HOSTILE[name]
    began = time.perf_counter()
    found = codes(data)
    assert time.perf_counter() - began < SECONDS_MAX
    assert set(found) & set(expected.split()), found


def test_a_workbook_bomb_takes_little_memory():
    data = HOSTILE["80 MB of blanks"][0]
    tracemalloc.start()
    codes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 1024 * 1024


def test_rows_beyond_the_limit_are_told():
    row = f'<row r="{WORKBOOK_ROWS_MAX + 5}"><c t="inlineStr"><is><t>x</t></is></c></row>'
    found = codes(changed({SHEET: sheet(row)}))
    assert "TABLE-009" in found or "TABLE-022" in found


def test_text_that_looks_like_a_formula_stays_text():
    """S-19: a typed cell is never computed, and reads back as it was."""
    data = xlsx([HEADINGS, [*BOX[:5], "=1+1", "@cmd"]])
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book["Sheet1"]["F2"].data_type == "s"
    parts = [item for item in translate([data]) if isinstance(item, Part)]
    assert parts[0].draft.model.shipper == "=1+1"


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_template_is_what_the_layout_says(name):
    """`GATEWAY_GOLDEN=write` writes the templates anew."""
    made = b"".join(template(LAYOUTS[name]))
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        (REPO / f"schemas/samples/{name}/table.xlsx").write_bytes(made)
    assert made == read_bytes(f"schemas/samples/{name}/table.xlsx")
    items = list(translate([made]))
    assert [item.document.format.name for item in items if isinstance(item, Part)] == [
        f"{name}/table"
    ]
    assert not items[-1].errors


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_heading_means_two_columns(name):
    layout = LAYOUTS[name]
    for index, column in enumerate(layout.columns):
        for heading in (*column.zh, *column.en):
            assert column_of(layout, heading) == index, heading


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_headings_of_one_language_tell_the_table(name, language):
    layout = LAYOUTS[name]
    headings = [getattr(column, language)[0] for column in layout.columns]
    assert recognise(headings) is layout
    assert sniff(",".join(headings).encode()).name == name
    assert sniff(";".join(headings).encode("gb18030")).name == name


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("毛重", "gross_weight"),
        ("毛重 (KG)", "gross_weight"),
        ("Gross Weight(kg)", "gross_weight"),
        ("毛重\nGross Weight", "gross_weight"),
        ("【毛重】", "gross_weight"),
        ("B/L No. (提单号)", "bill_number"),
        ("b/l no", "bill_number"),
        ("B/L 份数", None),
        ("ETA 更新时间", None),
        ("Ｇｏｏｄｓ", "goods"),
    ],
)
def test_headings(heading, name):
    layout = load("booking")
    index = column_of(layout, heading)
    assert (None if index is None else layout.columns[index].name) == name


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ")])
def test_letters(number, letters):
    assert letter(number) == letters


@pytest.mark.parametrize(
    "line",
    [
        "a | D | part.a | text | C | 甲 | a",
        "a | X | p | text | C | 甲 | a |",
        "a | D | p | t | Q | 甲 | a |",
    ],
)
def test_a_bad_layout_is_ours_to_mend(line):
    with pytest.raises(BadTable):
        parse({"name": "x", "version": "1", "title_zh": "x", "title_en": "x", "columns": line})


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_csv_rows_are_the_same_however_they_arrive(size):
    text = '\ufeffa,b,c\r\n"1\n2",\'"x",3\r\n 5" box ,"a ""b""",c\n'.encode()
    chunks = [text[i : i + size] for i in range(0, len(text), size)]
    source = CsvSource(chunks[0], iter(chunks[1:]), Profile(), Findings())
    rows = [tuple(row) for one in source.sheets() for row in one.rows]
    whole = CsvSource(text, iter(()), Profile(), Findings())
    if size >= 7:
        assert rows == [tuple(row) for one in whole.sheets() for row in one.rows]
    assert rows[-1][1] == ['5" box', 'a "b"', "c"]


def test_a_sheet_that_is_never_read_stands_beside_one_that_is():
    listed = [c.zh[0] for c in load("gate_move", WRITTEN_FOLDER).columns]
    both = b"".join(workbook([("Gate", [listed]), ("VGM", [HEADINGS, BOX])]))
    *parts, end = translate([both])
    assert len([part for part in parts if isinstance(part, Part)]) == 1
    assert [(f.code, f.value) for f in end.findings] == [("TABLE-019", "Gate")]


def test_many_rows_take_no_more_memory_than_few():
    """R-21, in small: a csv is read row by row."""

    def peak(rows: int) -> int:
        def chunks():
            yield (",".join(HEADINGS) + "\n").encode()
            line = (",".join(BOX) + "\n").encode() * 100
            for _ in range(rows // 100):
                yield line

        tracemalloc.start()
        for _item in translate(chunks()):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    assert peak(5_000) < 2 * peak(500) + 1_000_000


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_an_unknown_column_is_kept_in_every_table(layout):
    """The correct example of a table, with a column that nobody knows."""
    rows = openpyxl.load_workbook(
        io.BytesIO(read_bytes(f"schemas/samples/{layout.name}/table.xlsx"))
    ).worksheets[0]
    told = [["" if cell is None else str(cell) for cell in row] for row in rows.values]
    told[0].append("Our Own Column")
    for row in told[1:]:
        row.append("kept 1")
    data = "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in told).encode()
    parts = [item for item in translate([data]) if isinstance(item, Part)]
    assert parts
    for part in parts:
        assert part.draft.model is not None, part.findings
        assert "kept 1" in [extra.value for extra in part.draft.model.extras]
