"""SETTLEMENT FILE of a payment platform: its day, row by row, matched to the fen (D.2).

CSV with a header line, UTF-8 (with or without BOM) or GB18030.  Columns are known by our names or
by what platforms call them; amounts are whole fen (`…_fen`) or yuan with at most two decimals.
Rows: a payment is known by its order, a refund by our number of the refund.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.limits import AMOUNT_FEN_MAX, RECONCILIATION_BYTES_MAX, RECONCILIATION_ROWS_MAX

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("kind", "type", "交易类型", "业务类型", "trade_type"),
    "order": ("order_no", "order", "out_trade_no", "商户订单号", "订单号", "orderid"),
    "refund": ("refund_no", "refund", "out_refund_no", "商户退款单号", "退款批次号/请求号"),
    "transaction": ("transaction", "transaction_id", "trade_no", "交易号", "流水号", "queryid"),
    "amount_fen": ("amount_fen", "total_fee", "txnamt", "金额(分)"),
    "amount_yuan": ("amount", "amount_yuan", "订单金额(元)", "金额(元)", "交易金额"),
    "fee_fen": ("fee_fen", "手续费(分)"),
    "time": ("time", "success_time", "交易时间", "完成时间"),
}
_REFUND_WORDS: Final = frozenset({"refund", "退款", "04", "交易退款"})
_PAYMENT_WORDS: Final = frozenset({"", "payment", "支付", "01", "交易", "消费"})
_FEN: Final = re.compile(r"-?(0|[1-9][0-9]{0,12})", re.ASCII)
_YUAN: Final = re.compile(r"-?(0|[1-9][0-9]{0,10})(?:\.([0-9]{1,2}))?", re.ASCII)


class BadFile(ValueError):
    """The file cannot be read; `line` is 0 for the whole file.  The text repeats no value."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """One row; amounts in fen, a refund's too are positive.  line: in the file, from 1."""

    line: int
    kind: str
    order: str
    refund: str
    transaction: str
    amount_fen: int
    fee_fen: int | None = None
    occurred: str | None = None


@dataclass(frozen=True, slots=True)
class OurRow:
    """A payment or refund of ours, of that day."""

    kind: str
    order: str
    refund: str
    transaction: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Matched:
    """matched, missing (ours alone), surplus (theirs alone) or different, with both sides."""

    outcome: str
    theirs: PlatformRow | None
    ours: OurRow | None


def read(content: bytes) -> list[PlatformRow]:
    """All rows; raises BadFile."""
    if len(content) > RECONCILIATION_BYTES_MAX:
        raise BadFile(0, "the file is too large")
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        head = next(reader, None)
        if head is None:
            raise BadFile(0, "the file is empty")
        columns = _columns(head)
        rows: list[PlatformRow] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= RECONCILIATION_ROWS_MAX:
                raise BadFile(reader.line_num, "there are too many rows")
            rows.append(_row(reader.line_num, cells, columns))
    except csv.Error:
        raise BadFile(reader.line_num, "the line is no CSV") from None
    return rows


def match(theirs: Sequence[PlatformRow], ours: Iterable[OurRow]) -> list[Matched]:
    """Each row of either side once; a row that the platform tells twice is surplus."""
    open_: dict[tuple[str, str], OurRow] = {_key(row): row for row in ours}
    found: list[Matched] = []
    for row in theirs:
        own = open_.pop(_key(row), None)
        if own is None:
            found.append(Matched("surplus", row, None))
        else:
            same = own.amount_fen == row.amount_fen
            found.append(Matched("matched" if same else "different", row, own))
    found.extend(Matched("missing", None, own) for own in open_.values())
    return found


def _key(row: PlatformRow | OurRow) -> tuple[str, str]:
    return row.kind, row.refund if row.kind == "refund" else row.order


def _text(content: bytes) -> str:
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    raise BadFile(0, "the file is neither UTF-8 nor GB18030")


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where each known column stands."""
    there = {name.strip().strip("`").lower(): place for place, name in enumerate(head)}
    columns: dict[str, int] = {}
    for name, known in _NAMES.items():
        place = next((there[each.lower()] for each in known if each.lower() in there), None)
        if place is not None:
            columns[name] = place
    if "order" not in columns or not {"amount_fen", "amount_yuan"} & columns.keys():
        raise BadFile(1, "a column for the order or the amount is missing")
    return columns


def _row(line: int, cells: Sequence[str], columns: Mapping[str, int]) -> PlatformRow:
    # WeChat writes a ` before every value, so that spreadsheets keep it as text.
    told = {
        name: cells[place].strip().lstrip("`") if place < len(cells) else ""
        for name, place in columns.items()
    }
    amount = _fen(line, told)
    kind = _kind(line, told.get("kind", ""), refund=bool(told.get("refund")) or amount < 0)
    fee = told.get("fee_fen", "")
    if fee and _FEN.fullmatch(fee) is None:
        raise BadFile(line, "the fee is no whole number of fen")
    if kind == "refund" and not told.get("refund"):
        raise BadFile(line, "a refund without its number")
    return PlatformRow(
        line=line,
        kind=kind,
        order=told["order"],
        refund=told.get("refund", "") if kind == "refund" else "",
        transaction=told.get("transaction", ""),
        amount_fen=abs(amount),
        fee_fen=int(fee) if fee else None,
        occurred=told.get("time") or None,
    )


def _kind(line: int, word: str, *, refund: bool) -> str:
    lowered = word.lower()
    if lowered in _REFUND_WORDS:
        return "refund"
    if lowered not in _PAYMENT_WORDS:
        raise BadFile(line, "the kind is neither a payment nor a refund")
    return "refund" if refund and not word else "payment"


def _fen(line: int, told: Mapping[str, str]) -> int:
    if text := told.get("amount_fen", ""):
        if _FEN.fullmatch(text) is None:
            raise BadFile(line, "the amount is no whole number of fen")
        fen = int(text)
    else:
        text = told.get("amount_yuan", "")
        found = _YUAN.fullmatch(text)
        if found is None:
            raise BadFile(line, "the amount is no yuan with at most two decimals")
        fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        fen = -fen if text.startswith("-") else fen
    if abs(fen) > AMOUNT_FEN_MAX:
        raise BadFile(line, "the amount is beyond every order")
    return fen
