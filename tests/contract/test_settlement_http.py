"""G.4 over HTTP: manifest, order, callback signed by the reference platform, receipt, refund.

Only what has no address of its own, the step that declares a manifest and the one that settles an
order, is run by hand: the clock stands in 2018, when these voyages were.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from examples.payment_provider.books import Books
from examples.payment_provider.languages import StandardWebhooks
from gateway.pipeline.fees.desk import FeePolicy
from gateway.pipeline.fees.service import FeeService
from gateway.pipeline.money.rows import FilingRow
from gateway.rules.tariff import shipped
from tests.contract.money import MoneyWorld, key_of, money_world
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.contract.test_fees import LEFT, PROVIDER, Port
from tests.unit.callback_makers import HOOK_SECRET

__all__ = ["bench", "empty_sqlite"]
AGENT = key_of("agent")
_OURS = {"partner": "AGENT", "account": "agent"}


class Hall:
    """A declarant's day: everything over HTTP that has an address."""

    def __init__(self, world: MoneyWorld, client: Any) -> None:
        self.world, self.client = world, client
        self.books, self.language = Books(), StandardWebhooks(HOOK_SECRET)
        self.port = Port.__new__(Port)
        self.port.bench, self.port.service = world.bench, world.fees

    async def manifest(self, kind: str, bills: dict[str, list[str]]) -> None:
        await self.port.manifest(kind, bills, envelope=dict(_OURS))

    async def get(self, path: str) -> Any:
        return (await self.client.get(path, headers=AGENT)).json()

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.client.post(path, json=body, headers=AGENT)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def pay(self, bill: str) -> tuple[str, int]:
        """An order of one bill, paid at the platform, which tells us; (number, fen)."""
        order = await self.post(
            "/v1/orders", {"bills": [bill], "provider": PROVIDER, "invoice_title": "样例公司"}
        )
        self.books.open(order["number"], order["amount_fen"])
        await self.told(self.books.pay(order["number"], self.now))
        assert (await self.get(f"/v1/orders/{order['number']}"))["state"] == "PAID"
        return order["number"], order["amount_fen"]

    async def told(self, event: dict[str, Any]) -> None:
        """A callback as the platform signs it, twice, as platforms do."""
        for _ in range(2):
            headers, body = self.language.callback(event, self.now)
            answer = await self.client.post(
                f"/v1/callbacks/payments/{PROVIDER}", content=body, headers=headers
            )
            assert self.language.is_accepted(answer.status_code, answer.content)
            await self.world.settle()

    async def receipts(self) -> list[tuple[str, str, int, str]]:
        items = (await self.get("/v1/settlements"))["items"]
        return [(r["bill_of_lading"], r["kind"], r["amount_fen"], r["state"]) for r in items]

    @property
    def now(self) -> Any:
        return self.world.clock.now()


@pytest.fixture
async def hall(bench: Bench):
    async with money_world(bench) as world:
        bench.clock.at = LEFT - timedelta(days=1)
        policy = FeePolicy((shipped()["PCF"],), approver="embedded")
        world.fees = FeeService(world.store, world.clock, world.directory, policy)
        filed = FilingRow("f1", "AGENT", "", "TIANJIN", ["CNTXG"], [], "approved", 1, LEFT)
        world.write(lambda tx: tx.money.filings.add(filed))
        async with world.http() as client:
            yield Hall(world, client)


async def test_s1_and_s6_balanced_and_new_in_the_clean_manifest(hall: Hall) -> None:
    await hall.manifest("pre_stowage", {"B1": ["22G1", "42G1", "42G1"]})
    assert (await hall.pay("B1"))[1] == 25600
    hall.world.bench.clock.at = LEFT + timedelta(hours=72)
    await hall.manifest("clean", {"B1": ["22G1", "42G1", "42G1"], "B9": ["42G1"]})
    assert await hall.receipts() == [("B9", "补收差额", 9600, "RECEIPT")]


async def test_s2_the_difference_goes_back_by_its_order(hall: Hall) -> None:
    await hall.manifest("pre_stowage", {"B1": ["42G1", "42G1"]})
    number, fen = await hall.pay("B1")
    assert fen == 19200
    hall.world.bench.clock.at = LEFT + timedelta(hours=1)
    await hall.manifest("clean", {"B1": ["42G1"]})
    assert await hall.receipts() == [("B1", "退还差额", 9600, "RECEIPT")]
    name = (await hall.get("/v1/settlements"))["items"][0]["id"]
    applied = await hall.post(f"/v1/settlements/{name}/apply")
    assert applied["state"] == "REFUNDING"
    hall.books.ask_refund(number, applied["refund"], 9600)
    await hall.told(hall.books.end_refund(number, applied["refund"], hall.now))
    assert await hall.receipts() == [("B1", "退还差额", 9600, "SETTLED")]
    order = await hall.get(f"/v1/orders/{number}")
    assert (order["state"], order["paid_fen"], order["refunded_fen"]) == (
        "PART_REFUNDED", 9600, 9600,
    )  # fmt: skip


async def test_s3_the_extra_is_a_new_order(hall: Hall) -> None:
    await hall.manifest("pre_stowage", {"B1": ["22G1"]})
    first, fen = await hall.pay("B1")
    assert fen == 6400
    await hall.manifest("clean", {"B1": ["42G1"]})
    name = (await hall.get("/v1/settlements"))["items"][0]["id"]
    assert (await hall.post(f"/v1/settlements/{name}/apply"))["state"] == "ORDERED"
    second, extra = await hall.pay("B1")
    assert (extra, second != first) == (3200, True)
    assert await hall.receipts() == [("B1", "补收差额", 3200, "SETTLED")]


@pytest.mark.parametrize("late", [0, 1])
async def test_s7_in_time_to_the_second(hall: Hall, late: int) -> None:
    await hall.manifest("pre_stowage", {"B1": ["22G1", "42G1", "42G1"]})
    await hall.pay("B1")
    hall.world.bench.clock.at = LEFT + timedelta(hours=72, seconds=late)
    await hall.manifest("clean", {"B1": ["42G1"]})
    assert len(await hall.receipts()) == 1 - late
    assert hall.world.work() == ["CLEAN_LATE"] * late


async def test_s8_unpaid_bills_owe_what_was_loaded(hall: Hall) -> None:
    await hall.manifest("pre_stowage", {"B1": ["42G1", "42G1"]})
    await hall.manifest("clean", {"B1": ["42G1"]})
    assert await hall.receipts() == []
    payable = (await hall.get("/v1/orders/payable"))["items"]
    assert [(each["bill_of_lading"], each["amount_fen"]) for each in payable] == [("B1", 9600)]
