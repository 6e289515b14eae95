"""Rows → csv: commas, quotes where they are needed, CRLF (RFC 4180), formulas made harmless.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
formula; some do so with the full-width forms, and after blanks, too.  Such a text gets an
apostrophe before it, which spreadsheets show as text; a plain number with its sign stays (S-19).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

Cell = str | int | Decimal | None

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_CONTROL = ("\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_QUOTED = re.compile('[",\r\n]')
LINE_END = "\r\n"


def csv_row(cells: Sequence[Cell]) -> str:
    """One row with its end."""
    return ",".join(map(_cell, cells)) + LINE_END


def harmless(text: str) -> str:
    """A text that no spreadsheet computes."""
    if text.startswith(_CONTROL) or (
        text.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    ):
        return f"'{text}"
    return text


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    text = harmless(value)
    if _QUOTED.search(text) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
