"""REPORT of a reconciliation for the finance officer: CSV and XLSX, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import openpyxl

from gateway.pipeline.money.rows import BookRow, BookRun

_HEAD: Final = (
    "结果 outcome", "类型 kind", "订单 order", "退款 refund", "交易号 transaction",
    "平台金额(元) platform", "本方金额(元) own", "手续费(元) fee", "文件行 line", "时间 time",
)  # fmt: skip
_WORDS: Final = {
    "matched": "一致 matched",
    "missing": "平台缺失 missing",
    "surplus": "平台多出 surplus",
    "different": "金额不符 different",
}
# What spreadsheets take for a formula, also behind a space.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def neutral(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def as_csv(run: BookRun, rows: Iterable[BookRow]) -> bytes:
    """UTF-8 with BOM, as spreadsheets expect it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows(_lines(run, rows))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(run: BookRun, rows: Iterable[BookRow]) -> bytes:
    """One sheet; every cell is a text, amounts too."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("对账 reconciliation")
    for line in _lines(run, rows):
        sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(run: BookRun, rows: Iterable[BookRow]) -> Iterator[Sequence[str]]:
    yield ("平台 platform", neutral(run.provider), "日期 day", run.day)
    yield ("文件 file", neutral(run.file_name), "导入 imported", run.imported_at.isoformat())
    yield (
        *("一致 matched", str(run.matched), "缺失 missing", str(run.missing)),
        *("多出 surplus", str(run.surplus), "不符 different", str(run.different)),
    )
    total, own = yuan(run.platform_fen), yuan(run.own_fen)
    yield ("平台合计(元)", neutral(total), "本方合计(元)", neutral(own))
    yield ()
    yield _HEAD
    for row in rows:
        yield (
            _WORDS[row.outcome],
            row.kind,
            neutral(row.payment_order),
            neutral(row.reference),
            neutral(row.transaction_id),
            yuan(row.platform_fen),
            yuan(row.own_fen),
            yuan(row.fee_fen),
            "" if row.file_line is None else str(row.file_line),
            neutral(row.occurred or ""),
        )


def yuan(fen: int | None) -> str:
    """Two decimals; empty for nothing."""
    if fen is None:
        return ""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"
