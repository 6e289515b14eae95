"""Stage `settle` under both runners: every order is settled once, also after a kill."""

from __future__ import annotations

import pytest

from gateway.pipeline.replay import replay_dead_letter
from tests.contract.faust_runner import FaustOnKafka
from tests.contract.money import MoneyWorld, money_world, post
from tests.contract.runners import Embedded, RunnerKind, until
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit import callback_makers as make

__all__ = ["bench", "empty_sqlite"]
KINDS = [Embedded(), pytest.param(FaustOnKafka(), marks=pytest.mark.xdist_group("kafka"))]
ORDERS = 10


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> RunnerKind:
    return request.param


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_settling_that_broke_is_a_dead_letter_and_is_replayed(world: MoneyWorld):
    world.order(provider="aggregator")

    class Broken:
        async def run(self, subject: str, revision: int) -> None:
            raise RuntimeError(f"{subject} {revision}")

    async with world.http() as client:
        await post(client, make.aggregator())
    runner = Embedded()(world.store, {"settle": Broken()})
    try:
        await until(lambda: bool(dead(world)))
    finally:
        await runner.stop()
    [letter] = dead(world)
    assert (letter.stage, letter.subject) == ("settle", make.ORDER)
    subject = world.write(lambda tx: replay_dead_letter(tx, letter.id, "tests", None))
    assert subject == make.ORDER
    assert await world.settle() == 1
    assert world.state() == "PAID"


async def test_an_order_is_not_folded_without_end(world: MoneyWorld, monkeypatch):
    """What comes beyond the bound is kept; the money of it waits for a person."""
    monkeypatch.setattr("gateway.pipeline.money.ledger.PAYMENT_EVENTS_MAX", 2)
    world.order(provider="aggregator")
    async with world.http() as client:
        for n in range(4):
            case = make.aggregator(transaction_id=f"SX{n}")
            assert (await post(client, case)).status_code == 200
            await world.settle()
    assert world.state() == "PAID"
    assert len(world.events()) == 4
    assert world.work() == ["DUPLICATE_PAYMENT", "TOO_MANY_EVENTS"]


def dead(world: MoneyWorld) -> list:
    return world.read(lambda tx: tx.dead_letters.page("open", None, 10)).rows


async def test_callbacks_are_settled_and_a_killed_runner_goes_on(
    world: MoneyWorld, kind: RunnerKind
):
    numbers = [f"PO202611210001{n:02}" for n in range(ORDERS)]
    for number in numbers:
        world.order(number, provider="aggregator")

    def paid(wanted: list[str]) -> bool:
        return all(world.state(number) == "PAID" for number in wanted)

    async with world.http() as client:
        runner = kind(world.store, {"settle": world.service.settle})
        try:
            for n, number in enumerate(numbers):
                if n == ORDERS // 2:
                    await runner.kill()
                case = make.aggregator(out_trade_no=number, transaction_id=f"SX{number}")
                for _ in range(2):
                    assert (await post(client, case)).status_code == 200
        finally:
            await runner.kill()
        runner = kind(world.store, {"settle": world.service.settle})
        try:
            await until(lambda: paid(numbers), 40.0)
        finally:
            await runner.stop()
    assert world.told("MSA") == ["portedi.payment.paid"] * ORDERS
    assert world.work() == []
