"""xlsx → rows, through openpyxl, after its zip has been looked through and unpacked under limits.

openpyxl reads what is in the workbook and nothing beside it: no links to other files, no macros,
no pictures.  Its XML parser would follow a DOCTYPE, so members that have one, or that are not
UTF-8, are refused before.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from itertools import repeat
from typing import Any
from warnings import catch_warnings, simplefilter

from gateway.findings import Findings, Place
from gateway.limits import (
    TABLE_CELL_CHARACTERS_MAX,
    TABLE_COLUMNS_MAX,
    WORKBOOK_BYTES_MAX,
    WORKBOOK_ROWS_MAX,
    WORKBOOK_UNPACKED_BYTES_MAX,
)
from gateway.syntax.pack.directory import Member, Refused, open_zip
from gateway.syntax.pack.unpacking import Meter, unzipped
from gateway.syntax.table import faults
from gateway.syntax.table.layout import letter
from gateway.syntax.table.source import Sheet, SheetRow

# The sheet of our templates that explains the columns.
NOTES_SHEET = "说明 Notes"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES = "[Content_Types].xml"
_XML = (".xml", ".rels", ".vml")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{0,40})""", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[ >/]")
# A cell from column AAA (703) on: each row of such a sheet would be filled up to it.
_WIDE = re.compile(rb"""\br=["'][A-Za-z]{3,}[0-9]""")
_LONG_NUMBER = 10**15
# What is left of a member that has been unpacked, so that a pattern is not cut in two.
_OVERLAP_BYTES = 256


def is_workbook(head: bytes) -> bool:
    """Whether a table is a workbook, and not csv."""
    return head.startswith((_ZIP, _OLE))


class WorkbookSource:
    """Satisfies `Source`; `complete` is False for a file that is cut off."""

    def __init__(self, head: bytes, chunks: Iterator[bytes], findings: Findings) -> None:
        self.encoding: str | None = None
        self.complete = False
        self._findings = findings
        self._head = head
        self._chunks = chunks
        self._formulas = False

    def sheets(self) -> Iterator[Sheet]:
        """The visible sheets; none where the file is refused."""
        data = self._whole()
        if data is None:
            return
        try:
            members = self._unpack(data)
        except Refused as refused:
            self._findings.add(refused.finding)
            return
        if members is None:
            return
        with catch_warnings():
            # What openpyxl warns of (no default style, unknown extension) concerns no value.
            simplefilter("ignore")
            yield from self._read(members)

    def _refuse(self, what: str, what_en: str) -> None:
        self._findings.add(faults.NOT_A_WORKBOOK.at(what=what, what_en=what_en))

    def _whole(self) -> bytes | None:
        if self._head.startswith(_OLE):
            self._refuse("旧式 .xls 或加密的工作簿", "an old .xls or an encrypted workbook")
            return None
        data = bytearray(self._head)
        for chunk in self._chunks:
            data += chunk
            if len(data) > WORKBOOK_BYTES_MAX:
                self._findings.add(
                    faults.TOO_BIG.at(what="字节数", what_en="bytes", limit=WORKBOOK_BYTES_MAX)
                )
                return None
        return bytes(data)

    def _unpack(self, data: bytes) -> bytes | None:
        """The workbook as a plain zip of what is needed of it, every byte of it counted."""
        archive, members = open_zip(data)
        names = {member.name for member in members}
        if _TYPES not in names or "xl/workbook.xml" not in names:
            self._refuse("不含工作簿", "no workbook in it")
            return None
        meter = Meter(limit=WORKBOOK_UNPACKED_BYTES_MAX)
        told = self._findings.errors
        plain = io.BytesIO()
        with archive, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as kept:
            for member in members:
                if not self._copy(archive, member, kept, meter):
                    return None
        return plain.getvalue() if self._findings.errors == told else None

    def _copy(
        self, archive: zipfile.ZipFile, member: Member, kept: zipfile.ZipFile, meter: Meter
    ) -> bool:
        """One member into the plain zip; False where the workbook is not read at all."""
        if member.name.lower().endswith("vbaproject.bin"):
            self._refuse("含有宏", "it has macros")
            return False
        if not member.name.lower().endswith(_XML):
            return True
        overlap, first = b"", True
        sheet = member.name.startswith("xl/worksheets/")
        with kept.open(zipfile.ZipInfo(member.name), "w") as target:
            for piece in unzipped(archive, member.info, meter, self._findings):
                look = overlap + piece
                if _FORBIDDEN.search(look) or b"\x00" in piece or (first and _is_foreign(look)):
                    self._refuse("XML 含 DOCTYPE 或其他编码", "XML with a DOCTYPE or not in UTF-8")
                    return False
                if member.name == _TYPES and b"macroEnabled" in look:
                    self._refuse("含有宏", "it has macros")
                    return False
                if sheet and _WIDE.search(look):
                    self._findings.add(
                        faults.TOO_BIG.at(what="列数", what_en="columns", limit=TABLE_COLUMNS_MAX)
                    )
                    return False
                self._formulas |= sheet and bool(_FORMULA.search(look))
                overlap, first = look[-_OVERLAP_BYTES:], False
                target.write(piece)
        return True

    def _read(self, plain: bytes) -> Iterator[Sheet]:
        """Sheets of the checked zip."""
        try:
            book = _load(plain, values=True)
            texts = _load(plain, values=False) if self._formulas else None
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            others = [texts[sheet.title] if texts is not None else None for sheet in sheets]
        except Exception as error:  # noqa: BLE001 - openpyxl tells by whatever exception comes
            self._break(error)
            return
        self.encoding, self.complete = "utf-8", True
        for sheet, other in zip(sheets, others, strict=True):
            yield Sheet(str(sheet.title), self._guarded(sheet, other))

    def _guarded(self, sheet: Any, other: Any) -> Iterator[SheetRow]:  # noqa: ANN401 - openpyxl
        try:
            yield from self._rows(sheet, other)
        except Exception as error:  # noqa: BLE001 - as above
            self._break(error)

    def _break(self, error: Exception) -> None:
        self.complete = False
        self._refuse("结构有误", f"not well-formed, {type(error).__name__}")

    def _rows(self, sheet: Any, formulas: Any) -> Iterator[SheetRow]:  # noqa: ANN401 - openpyxl
        both = zip(_cells(sheet), _cells(formulas) if formulas else repeat(()), strict=False)
        for number, (cells, others) in enumerate(both, 1):
            if number > WORKBOOK_ROWS_MAX:
                self._findings.add(
                    faults.TOO_BIG.at(Place(number), what="行数", what_en="rows",
                                      limit=WORKBOOK_ROWS_MAX)
                )  # fmt: skip
                return
            if any(cell.value is not None for cell in (*cells, *others)):
                yield SheetRow(number, self._texts(number, cells, others), -1)

    def _texts(self, number: int, cells: Sequence[Any], others: Sequence[Any]) -> list[str]:
        found = []
        for at, cell in enumerate(cells, 1):
            value = cell.value
            place = Place(number, letter(at), at, None, number)
            if value is None:
                formula = others[at - 1].value if at <= len(others) else None
                if formula is not None:
                    self._findings.add(faults.FORMULA.at(place, str(formula)))
                found.append("")
                continue
            found.append(self._text(value, cell, place))
        if len(cells) > TABLE_COLUMNS_MAX:
            self._findings.add(
                faults.TOO_BIG.at(Place(number, None, None, None, number), what="列数",
                                  what_en="columns", limit=TABLE_COLUMNS_MAX)
            )  # fmt: skip
        while found and not found[-1]:
            found.pop()
        return found[:TABLE_COLUMNS_MAX]

    def _text(self, value: object, cell: Any, place: Place) -> str:  # noqa: ANN401 - openpyxl
        if cell.data_type == "e":
            self._findings.add(faults.ERROR_VALUE.at(place, str(value)))
            return ""
        if isinstance(value, int | float) and abs(value) >= _LONG_NUMBER:
            self._findings.add(faults.LONG_NUMBER.at(place, str(value)))
        text = text_of(value, cell)
        if len(text) > TABLE_CELL_CHARACTERS_MAX:
            self._findings.add(faults.CELL_TOO_LONG.at(place, limit=TABLE_CELL_CHARACTERS_MAX))
            return ""
        return text


def text_of(value: object, cell: Any) -> str:  # noqa: ANN401 - openpyxl
    """A cell as people see it: a day without its midnight, a number without exponent."""
    if isinstance(value, datetime):
        day = value.time() == time() and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if day else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _LONG_NUMBER:
            return str(int(value))
        return format(Decimal(repr(value)), "f")
    return str(value).strip()


def _load(plain: bytes, *, values: bool) -> Any:  # noqa: ANN401 - openpyxl has no types
    # A fifth of a second that only those who read a workbook pay.
    import openpyxl  # noqa: PLC0415

    return openpyxl.load_workbook(
        io.BytesIO(plain), read_only=True, data_only=values, keep_links=False, keep_vba=False
    )


def _cells(sheet: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - openpyxl has no types
    """Rows of cells; the size that a sheet claims to have is not believed."""
    sheet.reset_dimensions()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(max_row=WORKBOOK_ROWS_MAX + 1)
    return rows


def _is_foreign(head: bytes) -> bool:
    """Whether a member's XML is not in UTF-8, so that what was looked for could hide."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00")):
        return True
    declared = _DECLARED.search(head[:512])
    return declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")
