"""The whole way with a platform that signs for itself: order, checkout, callback, refund, query."""

from __future__ import annotations

import pytest

from gateway.pipeline.money.refunding import Back, refund
from tests.contract.money import CASES, FEN, MoneyWorld, key_of, money_world
from tests.contract.payment_platform import Town, town
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
AGENT = key_of("agent")


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


async def ordered(place: Town, provider: str, bill: str = "B1", *, new: bool = True) -> str:
    """An order over HTTP, checked out at its platform; its number."""
    if new:
        place.world.bill(bill)
    wanted = {"bills": [bill], "provider": provider, "invoice_title": "样例公司"}
    made = await place.gateway.post("/v1/orders", json=wanted, headers=AGENT)
    assert made.status_code == 201, made.text
    number = made.json()["number"]
    form = await place.gateway.post(f"/v1/orders/{number}/checkout", headers=AGENT)
    assert form.status_code == 200, form.text
    assert (form.json()["amount_fen"], form.json()["merchant_name"]) == (FEN, "样例海事规费")
    await place.check_out(form.json())
    assert place.world.state(number) == "PENDING"
    return number


@pytest.mark.parametrize("provider", CASES)
async def test_paid_and_paid_back(world: MoneyWorld, provider):
    """K1 with four repeats; then 96.00 and the rest go back by the same way."""
    async with town(world) as place:
        number = await ordered(place, provider)
        place.platforms[provider].trouble.duplicates = 4
        place.platforms[provider].trouble.probes = True
        await place.control(provider, "pay", order=number)
        await place.quiet()
        assert (world.state(number), world.charges(number)) == ("PAID", ["paid"])
        place.platforms[provider].trouble.duplicates = 0
        for fen, state in ((9600, "PART_REFUNDED"), (FEN - 9600, "REFUNDED")):
            office, now = world.service.office, world.clock.now()
            back = Back(fen, "OFFICER", "operator")
            row = world.write(lambda tx, b=back, o=office, n=now: refund(tx, number, b, o, n))
            assert world.state(number) == "REFUNDING"
            await world.service.calls.once()
            if provider != "alipay":
                await place.control(provider, "refunded", order=number, refund=row.id)
            await place.quiet()
            assert world.state(number) == state, world.events(number)
        order = world.read(lambda tx: tx.money.orders.find(number))
        assert (order.refunded_fen, order.paid_fen, order.due_fen) == (FEN, 0, 0)
        assert world.work() == []
        rows = world.read(lambda tx: tx.money.refunds.of_order(number))
        assert [(each.state, each.amount_fen) for each in rows] == [
            ("succeeded", 9600),
            ("succeeded", FEN - 9600),
        ]
        sent = place.platforms[provider].sent
        assert all(status == 401 for name, status in sent if name == "probe")
        assert "portedi.payment.refunded" in world.told("MSA")


@pytest.mark.parametrize("provider", CASES)
@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_lost_callback_is_found_by_asking(world: MoneyWorld, provider):
    async with town(world) as place:
        number = await ordered(place, provider)
        place.platforms[provider].trouble.lost = True
        assert await world.service.calls.once() == 0
        world.clock.move(300)
        assert await world.service.calls.once() == 1
        await place.quiet()
        assert world.state(number) == "PENDING"
        await place.control(provider, "pay", order=number)
        world.clock.move(300)
        assert await world.service.calls.once() == 1
        await place.quiet()
        assert (world.state(number), world.work()) == ("PAID", [])
        # Its word comes in the end, too: nothing happens twice.
        place.platforms[provider].trouble.lost = False
        await place.control(provider, "pay", order=number)
        await place.quiet()
        assert (world.state(number), world.work()) == ("PAID", [])
        assert world.told("MSA") == ["portedi.payment.paid"]


@pytest.mark.parametrize("provider", ["unionpay", "wechatpay", "aggregator", "standard-webhooks"])
@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_lost_refund_callback_is_found_by_asking(world: MoneyWorld, provider):
    async with town(world) as place:
        number = await ordered(place, provider)
        await place.control(provider, "pay", order=number)
        await place.quiet()
        place.platforms[provider].trouble.lost = True
        office, now = world.service.office, world.clock.now()
        back = Back(FEN, "OFFICER", "operator")
        row = world.write(lambda tx: refund(tx, number, back, office, now))
        await world.service.calls.once()
        await place.control(provider, "refunded", order=number, refund=row.id)
        world.clock.move(400)
        await world.service.calls.once()
        await place.quiet()
        assert (world.state(number), world.work()) == ("REFUNDED", [])


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_money_for_a_closed_order_goes_back_by_itself(world: MoneyWorld):
    async with town(world) as place:
        number = await ordered(place, "wechatpay")
        closed = await place.gateway.post(f"/v1/orders/{number}/close", headers=AGENT)
        assert (closed.status_code, closed.json()["state"]) == (200, "CLOSED")
        again = await ordered(place, "alipay", new=False)
        await place.control("wechatpay", "pay", order=number)
        await place.quiet()
        assert (world.state(number), world.work()) == ("LATE_PAID", ["LATE_PAID"])
        assert world.state(again) == "PENDING"
        assert await world.service.calls.once() == 1
        [row] = world.read(lambda tx: tx.money.refunds.of_order(number))
        await place.control("wechatpay", "refunded", order=number, refund=row.id)
        await place.quiet()
        assert (world.state(number), world.work()) == ("REFUNDED", [])
        assert world.charges(again) == ["ordered"]


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_refund_that_the_platform_refuses_is_work_and_the_fen_are_paid(world: MoneyWorld):
    async with town(world) as place:
        number = await ordered(place, "aggregator")
        await place.control("aggregator", "pay", order=number)
        await place.quiet()
        place.platforms["aggregator"].books.payments[number].paid_fen = 1
        office, now = world.service.office, world.clock.now()
        back = Back(9600, "OFFICER", "operator")
        world.write(lambda tx: refund(tx, number, back, office, now))
        await world.service.calls.once()
        await place.quiet()
        order = world.read(lambda tx: tx.money.orders.find(number))
        assert (order.state, order.paid_fen, world.work()) == ("PAID", FEN, ["REFUND_CLOSED"])


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_platform_that_contradicts_itself_is_work(world: MoneyWorld):
    """H-39: UnionPay's callback is asked after; what it never heard of is told."""
    async with town(world) as place:
        number = await ordered(place, "unionpay")
        await place.control("unionpay", "pay", order=number)
        await place.quiet()
        place.platforms["unionpay"].books.payments.clear()
        await world.service.calls.once()
        await place.quiet()
        assert (world.state(number), world.work()) == ("PAID", ["QUERY_CONTRADICTS"])


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_a_platform_that_is_away_is_tried_for_a_day_and_then_work(world: MoneyWorld):
    async with town(world) as place:
        number = await ordered(place, "alipay")
        urls = {"api": "http://127.0.0.1:9/gateway.do", "checkout": "x"}
        world.configure("alipay", CASES["alipay"]()["config"], urls=urls)
        tries = 0
        for _ in range(40):
            world.clock.move(28_800)
            tries += await world.service.calls.once()
        assert (tries, world.work(), world.state(number)) == (10, ["CALL_FAILED"], "PENDING")
        world.configure("alipay", CASES["alipay"]()["config"], urls={"api": "http://pay.example"})
        world.write(lambda tx: tx.money.calls.put("query", number, "alipay", world.clock.now()))
        assert await world.service.calls.once() == 1
        assert world.read(lambda tx: tx.money.calls.find("query", number)).state == "dead"
