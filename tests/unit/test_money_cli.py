"""`gateway work-items` and `gateway reconcile` at a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.cli.app import run
from gateway.pipeline.money.rows import OrderRow, WorkRow
from gateway.store import migrate, open_store

AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
FEN = 25600


@pytest.fixture
def site(tmp_path: Path, monkeypatch) -> Path:
    """A configuration with a database that holds one paid order and one work item."""
    database = tmp_path / "gateway.sqlite"
    (tmp_path / "gateway.toml").write_text(f'[store]\nurl = "sqlite:///{database}"\n')
    migrate(f"sqlite:///{database}")
    store = open_store(
        f"sqlite:///{database}", FolderArchive(tmp_path / "archive"), SystemClock(), "tests"
    )
    order = OrderRow(
        "PO20261121000001", "AGENT", "agent", FEN, "CNY", "alipay", None, "样例", "pick_up", {},
        "PAID", 0, AT, paid_fen=FEN, transaction_id="T1", paid_at=AT,
    )  # fmt: skip
    item = WorkRow("k1", "ORPHAN", "finance", AT, payment_order="PO9", amount_fen=12345)

    def put(tx):
        tx.money.orders.add(order, [])
        tx.money.work.add(item)

    store.write_now(put)
    import asyncio  # noqa: PLC0415

    asyncio.run(store.close())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_work_items_are_listed_taken_and_resolved(site, capsys):
    assert run(["work-items"]) == 0
    shown = capsys.readouterr().out
    assert "ORPHAN" in shown
    assert "123.45" in shown
    assert run(["work-items", "take", "1"]) == 0
    assert run(["work-items", "resolve", "1", "--note", "退回"]) == 0
    assert run(["work-items", "resolve", "1", "--note", "again"]) == 2
    assert run(["work-items", "list", "--state", "nothing"]) == 2
    capsys.readouterr()
    assert run(["work-items", "list", "--state", "resolved", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["note"]) == ("resolved", "退回")
    assert told["resolved_by"].startswith("cli")


def test_a_day_is_reconciled_and_reported(site, capsys):
    file = site / "day.csv"
    file.write_text("order_no,amount\nPO20261121000001,256.00\n", encoding="utf-8")
    day = ["--provider", "alipay", "--date", "2026-11-21"]
    assert run(["reconcile", str(file), *day, "--report", str(site / "day.xlsx")]) == 0
    assert "1 matched, 0 missing" in capsys.readouterr().out
    sheet = openpyxl.load_workbook(site / "day.xlsx").active
    assert any(cell.value == "256.00" for line in sheet.iter_rows() for cell in line)
    file.write_text("order_no,amount\nPO20261121000001,255.99\n", encoding="utf-8")
    assert run(["reconcile", str(file), *day, "--json"]) == 1
    row, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["outcome"], row["platform_fen"], row["own_fen"]) == ("different", 25599, FEN)
    assert (total["different"], total["platform_fen"]) == (1, 25599)


@pytest.mark.parametrize(
    "changes",
    [
        {"--provider": "paypal"},
        {"--date": "21.11.2026"},
        {"file": "nothing.csv"},
        {"file": "bad.csv"},
        {"--report": "day.pdf"},
    ],
)
def test_wrong_usage_is_told(site, capsys, changes):
    (site / "day.csv").write_text("order_no,amount\n")
    (site / "bad.csv").write_text("a\n")
    given = {"--provider": "alipay", "--date": "2026-11-21", **changes}
    file = given.pop("file", "day.csv")
    options = [part for pair in given.items() for part in pair]
    assert run(["reconcile", file, *options]) == 2
    assert "Traceback" not in capsys.readouterr().err
