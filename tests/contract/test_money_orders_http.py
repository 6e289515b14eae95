"""Orders over HTTP: who may, what is frozen, one open order per bill, whose list it is."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlencode

import pytest

from gateway.rules.callbacks import unionpay
from gateway.rules.callbacks.alipay import signed_text
from gateway.rules.callbacks.keys import public_key, signed_by
from tests.contract.money import FEN, MoneyWorld, key_of, money_world, post
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit import callback_makers as make

__all__ = ["bench", "empty_sqlite"]
AGENT, OTHER, TERM = key_of("agent"), key_of("other"), key_of("term")
WANTED = {"bills": ["B1"], "provider": "alipay", "invoice_title": "样例公司"}


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


@pytest.fixture
async def client(world: MoneyWorld):
    async with world.http() as made:
        yield made


async def order(client, headers=AGENT, key=None, **changes):
    named = {**headers, "idempotency-key": key} if key else headers
    return await client.post("/v1/orders", json={**WANTED, **changes}, headers=named)


async def test_bills_become_an_order_with_a_frozen_amount(world, client):
    world.bill("B1", 6400)
    name = world.bill("B2", 9600)
    payable = await client.get("/v1/orders/payable", headers=AGENT)
    assert [(b["bill_of_lading"], b["amount_fen"]) for b in payable.json()["items"]] == [
        ("B1", 6400),
        ("B2", 9600),
    ]
    post_it = {"name": "收件处", "address": "样例路1号", "phone": "022-00000000"}
    made = await order(client, bills=["B1", name], delivery_method="post", recipient=post_it)
    assert made.status_code == 201
    body = made.json()
    assert made.headers["location"] == f"/v1/orders/{body['number']}"
    assert body["number"].startswith("PO20261121")
    assert (body["state"], body["amount_fen"], body["due_fen"]) == ("CREATED", 16000, 16000)
    shown = (await client.get(made.headers["location"], headers=AGENT)).json()
    assert [b["amount_fen"] for b in shown["bills"]] == [6400, 9600]
    assert (shown["invoice_title"], shown["recipient"]["name"]) == ("样例公司", "收件处")
    assert (await client.get("/v1/orders/payable", headers=AGENT)).json()["items"] == []


async def test_the_same_key_makes_the_same_order_and_no_other(world, client):
    world.bill("B1")
    answers = await asyncio.gather(*(order(client, key="k1") for _ in range(5)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["number"] for each in answers}) == 1
    world.bill("B9")
    reused = await order(client, key="k1", bills=["B9"])
    assert (reused.status_code, reused.json()["code"]) == (409, "KEY_REUSED")


async def test_a_bill_is_in_one_open_order_however_many_ask(world, client):
    world.bill("B1")
    answers = await asyncio.gather(*(order(client) for _ in range(10)))
    codes = sorted(each.status_code for each in answers)
    assert codes[0] == 201
    assert set(codes[1:]) <= {409, 422}
    assert {each.json().get("code") for each in answers} <= {None, "BILL_ORDERED", "NOT_DUE"}
    listed = (await client.get("/v1/orders", headers=AGENT)).json()["items"]
    assert len(listed) == 1


async def test_an_order_is_its_own_firms(world, client):
    world.bill("B1")
    made = (await order(client)).json()
    path = f"/v1/orders/{made['number']}"
    assert (await client.get(path, headers=OTHER)).status_code == 404
    assert (await client.post(f"{path}/close", headers=OTHER)).status_code == 404
    assert (await client.post(f"{path}/checkout", headers=OTHER)).status_code == 404
    assert (await client.get("/v1/orders", headers=OTHER)).json()["items"] == []
    assert (await client.get(path, headers=key_of("operator"))).status_code == 200
    others = await order(client, OTHER)
    assert (others.status_code, others.json()["code"]) == (422, "NOT_DUE")
    # An institution of the port pays nothing.
    refused = await order(client, TERM)
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_PERMITTED")
    assert refused.json()["codes"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bills": ["B7"]}, "NOT_DUE"),
        ({"bills": ["DRAFT"]}, "NOT_DUE"),
        ({"bills": ["ZERO"]}, "NOT_DUE"),
        ({"bills": ["B1", "ELSE"]}, "REGIONS_DIFFER"),
        ({"delivery_method": "post"}, "RECIPIENT_MISSING"),
        ({"bills": []}, "INVALID"),
        ({"provider": "paypal"}, "INVALID"),
        ({"invoice_title": ""}, "INVALID"),
        ({"amount_fen": 1}, "INVALID"),
    ],
)
async def test_what_cannot_be_ordered(world, client, changes, code):
    world.bill("B1")
    world.bill("DRAFT", state="draft")
    world.bill("ZERO", 0)
    world.bill("ELSE", region="SH")
    refused = await order(client, **changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["zh"]
    assert (await client.get("/v1/orders", headers=AGENT)).json()["items"] == []


async def test_a_closed_order_frees_its_bills_and_a_paid_one_stays(world, client):
    world.bill("B1")
    first = (await order(client)).json()["number"]
    closed = await client.post(f"/v1/orders/{first}/close", headers=AGENT)
    assert closed.json()["state"] == "CLOSED"
    assert (await client.post(f"/v1/orders/{first}/close", headers=AGENT)).status_code == 200
    late = await client.post(f"/v1/orders/{first}/checkout", headers=AGENT)
    assert (late.status_code, late.json()["code"]) == (409, "NOT_PAYABLE")
    second = (await order(client)).json()["number"]
    assert (await post(client, make.alipay(out_trade_no=second))).text == "success"
    # Paid but not settled yet: the close comes too late all the same.
    too_late = await client.post(f"/v1/orders/{second}/close", headers=AGENT)
    assert (too_late.status_code, too_late.json()["code"]) == (409, "PAID")
    await world.settle()
    assert world.state(second) == "PAID"
    assert world.read(lambda tx: tx.money.declarations.of_bill("B1"))[0].state == "paid"
    states = [
        each["state"] for each in (await client.get("/v1/orders", headers=AGENT)).json()["items"]
    ]
    assert states == ["PAID", "CLOSED"]


async def test_what_waited_for_the_fee_goes_on(world, client):
    """A document's hold, and the gate's fact."""
    from gateway.pipeline.rows import HoldRow  # noqa: PLC0415

    held = HoldRow("doc-1", "fees_paid", "B1", None)
    world.write(lambda tx: tx.holds.place(held))
    world.bill("B1")
    number = (await order(client)).json()["number"]
    await post(client, make.alipay(out_trade_no=number, total_amount="255.99"))
    await world.settle()
    assert world.read(lambda tx: tx.gate.papers.fact("fees_paid", "B1")) is None
    await post(client, make.alipay(out_trade_no=number, notify_id="N2", trade_no="T2"))
    await world.settle()
    assert world.state(number) == "PAID"
    assert world.read(lambda tx: tx.gate.papers.fact("fees_paid", "B1")).source == number
    assert world.write(lambda tx: tx.holds.release("fees_paid", "B1")) == []
    # The wrong amount is held until an officer sends it back.
    assert world.work() == ["AMOUNT_MISMATCH"]


@pytest.mark.parametrize("provider", ["alipay", "unionpay", "aggregator"])
async def test_a_checkout_is_a_signed_form(world, client, provider):
    world.bill("B1")
    number = (await order(client, provider=provider)).json()["number"]
    form = (await client.post(f"/v1/orders/{number}/checkout", headers=AGENT)).json()
    fields = dict(parse_qsl(urlencode(form["fields"])))
    assert (form["method"], form["number"], form["amount_fen"]) == ("POST", number, FEN)
    assert world.state(number) == "PENDING"
    if provider == "alipay":
        signed = {k: v for k, v in fields.items() if k != "sign"}
        text = (
            signed_text(signed)
            if "sign_type" not in signed
            else "&".join(f"{k}={signed[k]}" for k in sorted(signed))
        )
        assert signed_by([public_key(make.pem(make.key("a")))], fields["sign"], text.encode())
        assert '"total_amount":"256.00"' in fields["biz_content"]
    elif provider == "unionpay":
        assert signed_by(
            [public_key(make.pem(make.key("a")))],
            fields["signature"],
            unionpay.digest_to_sign(fields),
        )
        assert (fields["txnAmt"], fields["orderId"], fields["merId"]) == (
            "25600", number, "777290058110048",
        )  # fmt: skip
    other = await client.post(
        f"/v1/orders/{number}/checkout", json={"provider": "wechatpay"}, headers=AGENT
    )
    assert other.json()["headers"]["authorization"].startswith("WECHATPAY2-SHA256-RSA2048 mchid=")
    # The payer may change the platform; the first one's word counts all the same.
    await post(client, make.unionpay(orderId=number))
    await world.settle()
    assert world.state(number) == "PAID"


async def test_work_items_have_an_owner_and_an_end(world, client):
    await post(client, make.alipay(out_trade_no="PO20261121009999"))
    await world.settle()
    world.bill("B1")
    number = (await order(client)).json()["number"]
    await post(client, make.alipay(out_trade_no=number, total_amount="300.00", notify_id="N2"))
    await world.settle()
    async with world.admin() as admin:
        items = (await admin.get("/admin/work-items")).json()["items"]
        assert [(each["kind"], each["owner"], each["amount_fen"]) for each in items] == [
            ("AMOUNT_MISMATCH", "finance", 30000),
            ("ORPHAN", "finance", 25600),
        ]
        mismatch, orphan = (each["id"] for each in items)
        taken = await admin.post(f"/admin/work-items/{mismatch}/take")
        assert taken.json()["owner"] == "operator"
        too_much = await admin.post(
            f"/admin/orders/{number}/refunds?amount_fen=30001&transaction=T1"
        )
        assert (too_much.status_code, too_much.json()["code"]) == (422, "OVER_REFUND")
        back = await admin.post(f"/admin/orders/{number}/refunds?amount_fen=30000&transaction=T1")
        assert (back.status_code, back.json()["state"]) == (202, "requested")
        done = await admin.post(f"/admin/work-items/{orphan}/resolve?note=退回付款人")
        assert (done.json()["state"], done.json()["resolved_by"]) == ("resolved", "operator")
        again = await admin.post(f"/admin/work-items/{orphan}/resolve?note=x")
        assert again.status_code == 409
        assert (await admin.post("/admin/work-items/999/take")).status_code == 404
    assert world.work("resolved") == ["ORPHAN"]
