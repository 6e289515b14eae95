"""LOADING: tables of the operator as csv: firms of customs' register, the classification list."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date

from gateway.limits import CUSTOMS_TABLE_BYTES_MAX
from gateway.pipeline.customs.rows import FirmRow, GoodsCodeRow
from gateway.rules.credit import credit_table
from gateway.rules.registration import check_credit_code, check_customs_code, check_hs

FIRM_COLUMNS = ("customs_code", "credit_code", "name", "credit", "qualified", "from", "partner")
GOODS_COLUMNS = ("code", "name")
_YES = {"yes": True, "true": True, "1": True, "是": True}
_NO = {"no": False, "false": False, "0": False, "否": False}
_NAME_CHARACTERS_MAX = 200


def read_firms(text: str) -> list[FirmRow]:
    """Firms with their class from a day on; raises ValueError with the line of what is wrong."""
    return [_firm(line, row) for line, row in _rows(text, FIRM_COLUMNS)]


def read_goods(text: str) -> list[GoodsCodeRow]:
    """Codes of ten digits with their names, each code once; raises ValueError with the line."""
    found: dict[str, GoodsCodeRow] = {}
    for line, row in _rows(text, GOODS_COLUMNS):
        code, name = row["code"], row["name"]
        if check_hs(code) is not None:
            raise ValueError(f"line {line}: not an HS code of 10 digits: {code!r}")
        if code in found:
            raise ValueError(f"line {line}: {code} stands twice")
        found[code] = GoodsCodeRow(code, _named(line, name))
    if not found:
        raise ValueError("there is no line in it")
    return list(found.values())


def _rows(text: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    if len(text) > CUSTOMS_TABLE_BYTES_MAX:
        raise ValueError("too long for a table of customs")
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines(), skipinitialspace=True)
    if missing := [name for name in columns if name not in (rows.fieldnames or ())]:
        raise ValueError(f"line 1: no column {missing[0]!r}")
    for row in rows:
        yield rows.line_num, {name: (row[name] or "").strip() for name in columns}


def _firm(line: int, row: dict[str, str]) -> FirmRow:
    if check_customs_code(row["customs_code"]) is not None:
        raise ValueError(f"line {line}: not a customs code: {row['customs_code']!r}")
    if row["credit_code"] and check_credit_code(row["credit_code"]) is not None:
        raise ValueError(f"line {line}: not a credit code: {row['credit_code']!r}")
    if row["credit"] not in credit_table().grades:
        raise ValueError(f"line {line}: not a credit class: {row['credit']!r}")
    qualified = (_YES | _NO).get(row["qualified"].lower())
    if qualified is None:
        raise ValueError(f"line {line}: qualified is yes or no, not {row['qualified']!r}")
    return FirmRow(
        row["customs_code"],
        _day(line, row["from"]),
        row["credit_code"],
        _named(line, row["name"]),
        row["credit"],
        qualified,
        row["partner"] or None,
    )


def _day(line: int, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"line {line}: not YYYY-MM-DD: {text!r}") from None


def _named(line: int, name: str) -> str:
    if not 0 < len(name) <= _NAME_CHARACTERS_MAX or not name.isprintable():
        raise ValueError(f"line {line}: no name, or one that is too long")
    return name
