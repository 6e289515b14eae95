"""Rows → xlsx: the same rows give the same bytes, so that a delivery is the same at every attempt.

Written by hand: spreadsheet libraries put the time of writing into the file.  Texts stand in their
cells as typed strings, so that `=1+1` stays a text and is never computed (S-19).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape

from gateway.limits import CHUNK_BYTES
from gateway.syntax.table.layout import letter

Cell = str | int | Decimal | None
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The earliest day that a zip can tell: a file without a time of writing.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
# XML 1.0 has no place for these, escaped or not.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BOLD = 1
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def workbook(sheets: Sequence[tuple[str, Iterable[Sequence[Cell]]]]) -> Iterator[bytes]:
    """A workbook of sheets (name, rows); the first row of each stands in bold."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "[Content_Types].xml", [_content_types(len(sheets))])
        _put(archive, "_rels/.rels", [_relations({"rId1": ("officeDocument", "xl/workbook.xml")})])
        _put(archive, "xl/workbook.xml", [_book([name for name, _rows in sheets])])
        targets = {
            f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)
        }
        targets["rId0"] = ("styles", "styles.xml")
        _put(archive, "xl/_rels/workbook.xml.rels", [_relations(targets)])
        _put(archive, "xl/styles.xml", [_STYLES])
        for number, (_name, rows) in enumerate(sheets, 1):
            _put(archive, f"xl/worksheets/sheet{number}.xml", _sheet(rows))
    target.seek(0)
    while piece := target.read(CHUNK_BYTES):
        yield piece


def _put(archive: zipfile.ZipFile, name: str, pieces: Iterable[str]) -> None:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w") as member:
        member.write(_DECLARATION.encode())
        for piece in pieces:
            member.write(piece.encode("utf-8"))


def _content_types(sheets: int) -> str:
    def part(path: str, kind: str) -> str:
        return f'<Override PartName="/xl/{path}" ContentType="{_TYPE}.{kind}+xml"/>'

    each = "".join(part(f"worksheets/sheet{n}.xml", "worksheet") for n in range(1, sheets + 1))
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="{relations}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{part('workbook.xml', 'sheet.main')}{part('styles.xml', 'styles')}{each}</Types>"
    )


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{path}"/>'
        for name, (kind, path) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _book(names: Sequence[str]) -> str:
    each = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{each}</sheets></workbook>'


def _sheet(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    yield f'<worksheet xmlns="{_MAIN}"><sheetData>'
    for number, row in enumerate(rows, 1):
        style = f' s="{_BOLD}"' if number == 1 else ""
        cells = "".join(
            _cell(f"{letter(at)}{number}", value, style)
            for at, value in enumerate(row, 1)
            if value is not None and value != ""
        )
        yield f'<row r="{number}">{cells}</row>'
    yield "</sheetData></worksheet>"


def _cell(place: str, value: Cell, style: str) -> str:
    if isinstance(value, int | Decimal):
        return f'<c r="{place}"{style}><v>{value:f}</v></c>'
    text = escape(_IMPOSSIBLE.sub("?", str(value)), quote=False).replace("\r", "&#13;")
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
