"""A day of a platform against the ledger: matched, missing, surplus, different; the report."""

from __future__ import annotations

import io

import openpyxl
import pytest

from gateway.adapters.payments.report import as_csv, as_xlsx, neutral
from gateway.pipeline.money.refunding import Back, refund
from gateway.rules.settlement_file import BadFile, read
from tests.contract.money import FEN, MoneyWorld, money_world, post
from tests.contract.payment_platform import town
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit import callback_makers as make

__all__ = ["bench", "empty_sqlite"]
DAY = "2026-11-21"


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


async def imported(admin, content: bytes, status: int = 201, day: str = DAY):
    path = f"/admin/reconciliations?provider=aggregator&day={day}&name=day.csv"
    answer = await admin.post(path, content=content)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_day_is_matched_to_the_fen(world: MoneyWorld):
    """The platform's own file: two payments, a refund; then a fen less, a row less, a row more."""
    numbers = ["PO20261121000001", "PO20261121000002"]
    async with town(world) as place, world.admin() as admin:
        for number in numbers:
            world.order(number, provider="aggregator")
            await place.control("aggregator", "open", order=number, fen=FEN)
            await place.control("aggregator", "pay", order=number)
        await place.quiet()
        office, now = world.service.office, world.clock.now()
        back = Back(9600, "OFFICER", "operator")
        row = world.write(lambda tx: refund(tx, numbers[0], back, office, now))
        await world.service.calls.once()
        await place.control("aggregator", "refunded", order=numbers[0], refund=row.id)
        await place.quiet()
        file = (await place.gateway.get(f"{place.url}/aggregator/settlement/{DAY}.csv")).content
        run = await imported(admin, file)
        assert [run[name] for name in ("matched", "missing", "surplus", "different")] == [
            3,
            0,
            0,
            0,
        ]
        assert (run["platform_fen"], run["own_fen"]) == (2 * FEN - 9600, 2 * FEN - 9600)
        assert (await imported(admin, file))["id"] == run["id"]
        assert world.work() == []

        lines = file.decode().splitlines()
        wrong = [line for line in lines if numbers[1] not in line]
        wrong = [line.replace(",9600,", ",9601,") for line in wrong]
        wrong.append("payment,PO20261121000099,,T9,100,0,2026-11-21 10:00:00")
        bad = await imported(admin, "\n".join(wrong).encode())
        assert [bad[name] for name in ("matched", "missing", "surplus", "different")] == [
            1,
            1,
            1,
            1,
        ]
        assert world.work() == ["BOOKS_DIFFERENT", "BOOKS_MISSING", "BOOKS_SURPLUS"]
        told = (await admin.get(f"/admin/reconciliations/{bad['id']}?outcome=different")).json()
        assert [(r["platform_fen"], r["own_fen"]) for r in told["rows"]] == [(9601, 9600)]
        listed = (await admin.get("/admin/reconciliations")).json()["items"]
        assert [each["id"] for each in listed] == [bad["id"], run["id"]]
        assert (await admin.get("/admin/reconciliations/nothing")).status_code == 404
        assert (await imported(admin, b"a,b\n1,2\n", 422))["code"] == "BAD_FILE"


async def test_what_the_platform_counts_for_the_day_beside_is_found(world: MoneyWorld):
    world.order(provider="aggregator")
    async with world.http() as client, world.admin() as admin:
        await post(client, make.aggregator())
        await world.settle()
        file = f"order_no,amount_fen\n{make.ORDER},{FEN}\n".encode()
        assert (await imported(admin, file, day="2026-11-22"))["matched"] == 1
        assert (await imported(admin, b"order_no,amount_fen\n", day="2026-11-22"))["missing"] == 0


@pytest.mark.parametrize(
    ("content", "fen"),
    [
        ("kind,order_no,refund_no,amount_fen\npayment,PO1,,25600\n", [25600]),
        ("\ufeff交易类型,商户订单号,订单金额(元)\n支付,`PO1,`256.00\n", [25600]),
        ("商户订单号,金额(元),退款批次号/请求号\nPO1,-96.5,RF1\n", [9650]),
        ("order_no,amount\nPO1,256\n\n", [25600]),
    ],
)
def test_files_of_several_platforms_are_read(content, fen):
    assert [row.amount_fen for row in read(content.encode())] == fen
    assert [row.amount_fen for row in read(content.lstrip("\ufeff").encode("gb18030"))] == fen


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff\xff",
        b"order_no\nPO1\n",
        b"order_no,amount_fen\nPO1,1e3\n",
        b"order_no,amount_fen\nPO1,256.00\n",
        b"order_no,amount\nPO1,256.001\n",
        b"order_no,amount_fen\nPO1,99999999999999\n",
        b"order_no,amount_fen,kind\nPO1,1,maybe\n",
        b"order_no,amount_fen,kind\nPO1,1,refund\n",
        b'order_no,amount_fen\n"PO1,1\n',
        b"order_no,amount_fen,fee_fen\nPO1,1,x\n",
    ],
)
def test_what_is_no_settlement_file(content):
    with pytest.raises(BadFile):
        read(content)


async def test_a_report_runs_nothing_in_a_spreadsheet(world: MoneyWorld):
    order = '=HYPERLINK("http://x")'
    file = f'order_no,amount_fen,time\n"{order.replace(chr(34), chr(34) * 2)}",100,@now\n'
    async with world.admin() as admin:
        run_id = (await imported(admin, file.encode()))["id"]
    run, rows = world.read(lambda tx: (tx.money.books.find(run_id), tx.money.books.rows(run_id)))
    text = as_csv(run, rows).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'@now" in text
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(run, rows))).active
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "1.00" in {cell.value for cell in cells}
    assert [neutral(each) for each in ("+1", " -1", "x")] == ["'+1", "' -1", "x"]
