"""S-15 and S-16 over HTTP: what providers send, what others send, and what is kept of it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import datetime

import httpx2
import pytest

from gateway.limits import CALLBACK_BODY_BYTES_MAX
from gateway.telemetry.events import EVENTS
from tests.contract.money import CASES, FEN, ORDER, MoneyWorld, key_of, money_world, post
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit import callback_makers as make
from tests.unit.test_decide_callback import ATTACKS

__all__ = ["bench", "empty_sqlite"]

ANSWERS = {
    "standard-webhooks": (204, ""),
    "aggregator": (200, "SUCCESS"),
    "unionpay": (200, "ok"),
    "alipay": (200, "success"),
    "wechatpay": (200, '{"code":"SUCCESS","message":"成功"}'),
}
FAILURES = {
    "standard-webhooks": (401, ""),
    "aggregator": (401, "FAIL"),
    "unionpay": (400, "fail"),
    "alipay": (401, "fail"),
    "wechatpay": (401, '{"code":"FAIL","message":"失败"}'),
}


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


def refused() -> float:
    return EVENTS.labels("callback_refused", "debug")._value.get()


@pytest.mark.parametrize("provider", CASES)
async def test_a_callback_pays_and_gets_its_providers_own_answer(world: MoneyWorld, provider):
    world.order(provider=provider)
    async with world.http() as client:
        answer = await post(client, CASES[provider]())
        assert (answer.status_code, answer.text) == ANSWERS[provider]
        assert [row.folded for row in world.events()] == [False]
        again = await post(client, CASES[provider]())
    assert (again.status_code, again.text) == ANSWERS[provider]
    assert await world.settle() == 1
    assert (world.state(), world.charges(), len(world.events())) == ("PAID", ["paid"], 1)
    assert world.told("MSA") == ["portedi.payment.paid"]
    assert world.told("TERM") == ["portedi.payment.paid"]
    assert world.told("OTHER") == []
    assert world.work() == []


async def test_every_attack_is_refused_in_its_providers_own_words(world: MoneyWorld, monkeypatch):
    """Nothing of it is stored; a counter moves."""
    # The clock jumps from case to case, which no bucket likes.
    monkeypatch.setattr("gateway.limits.CALLBACKS_PER_SECOND", None)
    assert len(ATTACKS) >= 60
    world.order()
    counted = refused()
    async with world.http() as client:
        for name, (maker, why) in ATTACKS.items():
            case = maker()
            provider, at = case["provider"], case["now"]
            world.configure(provider, case["config"])
            world.clock.at = make.NOW if isinstance(at, int) else datetime.fromisoformat(at)
            answer = await post(client, case)
            status = 413 if why == "TOO_LARGE" else FAILURES[provider][0]
            assert (answer.status_code, answer.text) == (status, FAILURES[provider][1]), name
    assert refused() - counted == len(ATTACKS)
    assert world.events() == []
    assert (world.state(), world.charges(), world.work()) == ("CREATED", ["ordered"], [])


async def test_a_body_beyond_every_callback_is_not_read(world: MoneyWorld):
    async with world.http() as client:
        for body in (b"x" * (CALLBACK_BODY_BYTES_MAX + 1), b"x" * 3_000_000):
            answer = await client.post("/v1/callbacks/payments/alipay", content=body)
            assert (answer.status_code, answer.text) == (413, "fail")

        # Whoever goes on sending is cut off.
        with suppress(httpx2.HTTPError):
            body = b"x" * 10_000_000
            answer = await client.post("/v1/callbacks/payments/alipay", content=body)
            assert answer.status_code == 413

        async def endless():
            for _ in range(20):
                yield b"x" * 10_000

        answer = await client.post("/v1/callbacks/payments/wechatpay", content=endless())
        assert answer.status_code == 413


async def test_only_callbacks_need_no_key(world: MoneyWorld):
    async with world.http() as client:
        for path, status in (
            ("/v1/callbacks/payments/paypal", 404),
            ("/v1/callbacks/payments/", 404),
            ("/v1/callbacks/", 404),
            ("/v1/callbacks", 401),
            ("/v1/orders", 401),
            ("/v1/callbacks/payments/alipay/../../orders", 404),
            ("/v1/callbacks/payments/alipay/%2e%2e/orders", 404),
        ):
            assert (await client.post(path, content=b"a=b")).status_code == status, path
        assert (await client.get("/v1/callbacks/payments/alipay")).status_code == 404


async def test_a_hundred_at_once_have_one_effect(world: MoneyWorld):
    world.order(provider="aggregator")
    case = make.aggregator()
    async with world.http() as client:
        answers = await asyncio.gather(*(post(client, case) for _ in range(100)))
    assert {(each.status_code, each.text) for each in answers} == {(200, "SUCCESS")}
    assert len(world.events()) == 1
    assert await world.settle() == 1
    assert (world.state(), world.told("MSA")) == ("PAID", ["portedi.payment.paid"])


async def test_a_resend_with_another_time_is_a_repeat(world: MoneyWorld):
    world.order(provider="aggregator")
    async with world.http() as client:
        for second in ("00", "15", "30"):
            case = make.aggregator(notify_time=f"202611211600{second}")
            assert (await post(client, case)).status_code == 200
    await world.settle()
    assert (world.state(), world.work(), len(world.events())) == ("PAID", [], 1)


async def test_one_id_with_another_body_is_work_and_the_first_counts(world: MoneyWorld):
    world.order(provider="standard-webhooks")
    async with world.http() as client:
        await post(client, make.hook())
        answer = await post(client, make.hook(make.hook_body(amount_fen=FEN - 1)))
        assert answer.status_code == 204
    await world.settle()
    assert (world.state(), world.work()) == ("PAID", ["EVENT_CONFLICT"])


@pytest.mark.parametrize(
    ("case", "state", "work"),
    [
        (make.alipay(total_amount="255.99"), "AMOUNT_MISMATCH", ["AMOUNT_MISMATCH"]),
        (make.alipay(total_amount="256.01"), "AMOUNT_MISMATCH", ["AMOUNT_MISMATCH"]),
        (make.unionpay(currencyCode="840"), "AMOUNT_MISMATCH", ["AMOUNT_MISMATCH"]),
        (make.alipay(out_trade_no="PO20261121009999"), "CREATED", ["ORPHAN"]),
        (make.alipay(refund_fee="96.00", out_biz_no="R1"), "CREATED", []),
        (make.alipay(trade_status="TRADE_CLOSED"), "CLOSED", []),
        (make.unionpay(respCode="A6"), "PENDING", []),
    ],
    ids=["-1 fen", "+1 fen", "USD", "orphan", "refund first", "closed", "A6"],
)
async def test_what_is_acknowledged_but_pays_nothing(world: MoneyWorld, case, state, work):
    world.order(provider=case["provider"])
    async with world.http() as client:
        answer = await post(client, case)
    assert (answer.status_code, answer.text) == ANSWERS[case["provider"]]
    await world.settle()
    assert (world.state(), world.work()) == (state, work)
    assert "paid" not in world.charges()
    assert world.told("MSA") in ([], ["portedi.payment.closed"])


async def test_a_refund_that_overtook_its_payment_waits_for_it(world: MoneyWorld):
    world.order()
    async with world.http() as client:
        await post(client, make.alipay(refund_fee="96.00", out_biz_no="R1", notify_id="N2"))
        await world.settle()
        assert world.state() == "CREATED"
        await post(client, make.alipay())
    await world.settle()
    order = world.read(lambda tx: tx.money.orders.find(ORDER))
    assert (order.state, order.paid_fen, order.refunded_fen) == ("PART_REFUNDED", 16000, 9600)


async def test_keys_rotate_without_a_refused_callback(world: MoneyWorld):
    """S-16: old and new are in force together; a reference that changed is read again."""
    world.order(provider="aggregator")
    config = {**make.aggregator()["config"], "secrets": ["env:old", "env:new"]}
    world.secrets.values["old"] = make.AGGREGATOR_SECRET
    world.configure("aggregator", config)
    async with world.http() as client:
        assert (await post(client, make.aggregator())).status_code == 200
        new = make.aggregator(secret="the new one", transaction_id="SX2")
        assert (await post(client, new)).status_code == 401
        world.secrets.values["new"] = "the new one"
        world.clock.move(6)
        assert (await post(client, new)).status_code == 200
        assert (await post(client, make.aggregator())).status_code == 200
        world.secrets.values["old"] = "the third"
        world.clock.move(6)
        assert (await post(client, make.aggregator())).status_code == 401
        world.secrets.values.clear()
        world.clock.move(6)
        # Our own fault: the provider is asked to come again.
        assert (await post(client, new)).status_code == 503


async def test_a_provider_has_a_rate_of_its_own(world: MoneyWorld, monkeypatch):
    monkeypatch.setattr("gateway.limits.CALLBACKS_BURST", 3)
    async with world.http() as client:
        codes = [(await post(client, make.alipay())).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        assert (await post(client, make.hook())).status_code == 204
        listed = await client.get("/v1/orders", headers=key_of("agent"))
        assert (listed.status_code, listed.json()["items"]) == (200, [])


async def test_a_store_that_is_away_is_a_later_and_a_slow_one_too(world: MoneyWorld, monkeypatch):
    monkeypatch.setattr("gateway.limits.CALLBACK_ANSWER_SECONDS", 0.2)

    async def slow(_work):
        await asyncio.sleep(5)

    async with world.http() as client:
        monkeypatch.setattr(world.store, "write", slow)
        assert (await post(client, make.alipay())).status_code == 503
        monkeypatch.undo()
        assert (await post(client, make.alipay())).text == "success"


async def test_the_raw_callback_is_kept_with_what_its_signature_needs(world: MoneyWorld):
    async with world.http() as client:
        await post(client, make.hook())
    row = world.read(lambda tx: tx.money.events.find("standard-webhooks", "msg_test_0001"))
    assert json.loads(row.raw)["data"]["order_no"] == ORDER
    assert set(row.headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def wechat_refund(status: str, event: str) -> dict:
    plain = {**make.WECHAT_REFUND, "refund_status": status, "transaction_id": "T9"}
    body = make.wechat_body(make.sealed(plain), f"REFUND.{status}")
    return make.wechat(body.replace(b"EV-1", event.encode()))


K_ROWS = {
    "K5": (
        [
            make.alipay(),
            make.alipay(notify_id="N2", trade_status="TRADE_CLOSED", refund_fee="256.00"),
        ],
        ("REFUNDED", (0, 0, 0, FEN), []),
    ),
    "K7": (
        [
            make.alipay(),
            make.alipay(notify_id="N2", refund_fee="96.00", out_biz_no="R1"),
            make.alipay(notify_id="N3", refund_fee="288.00", out_biz_no="R2"),
        ],
        ("PART_REFUNDED", (0, FEN - 9600, 0, 9600), ["OVER_REFUND"]),
    ),
    "K10": (
        [make.wechat(), wechat_refund("ABNORMAL", "EV-2")],
        ("REFUNDING", (0, FEN - 9600, 9600, 0), ["MANUAL"]),
    ),
    "K10, then done": (
        [make.wechat(), wechat_refund("ABNORMAL", "EV-2"), wechat_refund("SUCCESS", "EV-3")],
        ("PART_REFUNDED", (0, FEN - 9600, 0, 9600), []),
    ),
}


@pytest.mark.parametrize("name", K_ROWS)
@pytest.mark.parametrize("backwards", [False, True])
async def test_the_rows_of_g5(world: MoneyWorld, name, backwards):
    """Through the API, in both orders."""
    cases, (state, fen, work) = K_ROWS[name]
    world.order(provider=cases[0]["provider"])
    async with world.http() as client:
        for case in cases[::-1] if backwards else cases:
            answer = await post(client, case)
            assert (answer.status_code, answer.text) == ANSWERS[case["provider"]]
            await world.settle()
    row = world.read(lambda tx: tx.money.orders.find(ORDER))
    assert (row.state, world.work()) == (state, work)
    assert (row.due_fen, row.paid_fen, row.refunding_fen, row.refunded_fen) == fen
