"""The platform's servers: what merchants ask, and what a payer or a bank does (`/control`)."""

import asyncio
import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from examples.payment_provider.books import Books, RefusedError
from examples.payment_provider.languages import (
    Aggregator,
    Alipay,
    Language,
    StandardWebhooks,
    UnionPay,
    WeChatPay,
    yuan,
)


@dataclass
class Trouble:
    """What goes wrong on the way.  gaps_seconds: between two sendings of one callback."""

    duplicates: int = 0
    lost: bool = False
    shuffled: bool = False
    probes: bool = False
    gaps_seconds: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@dataclass
class Platform:
    """One platform: its books, its language, where it calls back."""

    name: str
    language: Language
    notify_url: str
    now: Callable[[], datetime]
    books: Books = field(default_factory=Books)
    trouble: Trouble = field(default_factory=Trouble)
    sent: list[tuple[str, int]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, event: dict[str, Any]) -> None:
        """Call back, unless this platform loses it or keeps it for shuffling."""
        if self.trouble.lost or (self.name == "unionpay" and not _is_success(event)):
            return
        if self.trouble.shuffled:
            self.waiting.append(event)
            return
        for _ in range(self.trouble.duplicates + 1):
            self._start(event)

    def flush(self) -> None:
        """Send what was kept, in any order."""
        events, self.waiting = self.waiting, []
        random.shuffle(events)
        for event in events:
            for _ in range(self.trouble.duplicates + 1):
                self._start(event)

    def _start(self, event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._send(event))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _send(self, event: dict[str, Any]) -> None:
        """Until it is accepted in this platform's own sense, or all sendings are used up."""
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client:
            for gap in (*self.trouble.gaps_seconds, None):
                headers, body = self.language.callback(event, self.now())
                if self.trouble.probes and self.name == "wechatpay":
                    await self._probe(client, headers, body)
                try:
                    answer = await client.post(self.notify_url, content=body, headers=headers)
                except httpx2.HTTPError:
                    status, accepted = 0, False
                else:
                    status = answer.status_code
                    accepted = self.language.is_accepted(status, answer.content)
                self.sent.append((event["id"], status))
                if accepted or gap is None:
                    return
                await asyncio.sleep(gap)

    async def _probe(
        self, client: httpx2.AsyncClient, headers: Mapping[str, str], body: bytes
    ) -> None:
        """A signature that is wrong on purpose: whoever accepts it does not verify."""
        probe = {**headers, "wechatpay-signature": f"WECHATPAY/SIGNTEST/{os.urandom(8).hex()}"}
        answer = await client.post(self.notify_url, content=body, headers=probe)
        self.sent.append(("probe", answer.status_code))

    async def quiet(self) -> None:
        """Wait until nothing is on its way."""
        while self.tasks:
            await asyncio.wait(set(self.tasks))


def _is_success(event: Mapping[str, Any]) -> bool:
    return str(event["type"]).endswith(".succeeded")


def application(platforms: Mapping[str, Platform]) -> Starlette:
    """`/{platform}/…` as each platform has it, `/control/{platform}/…` for payer and bank."""
    made = _Application(platforms)
    return Starlette(
        routes=[
            Route("/control/{name}/{act}", made.control, methods=["POST"]),
            Route("/{name}/settlement/{day}.csv", made.settlement),
            Route("/unionpay/{act}", made.unionpay, methods=["POST"]),
            Route("/alipay/gateway.do", made.alipay, methods=["POST"]),
            Route("/wechatpay/v3/{path:path}", made.wechatpay, methods=["GET", "POST"]),
            Route("/aggregator/{act}", made.aggregator, methods=["POST"]),
            Route("/standard-webhooks/{act}", made.hooks, methods=["POST"]),
        ]
    )


class _Application:
    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms

    async def control(self, request: Request) -> Response:
        """Notify (url), open, pay, close, refunded (order, refund, state), flush."""
        platform = self._platforms[request.path_params["name"]]
        asked = json.loads(await request.body() or b"{}")
        act, books, now = request.path_params["act"], platform.books, platform.now()
        if act == "notify":
            platform.notify_url = asked["url"]
        elif act == "open":
            books.open(asked["order"], asked["fen"])
        elif act == "pay":
            platform.tell(books.pay(asked["order"], now, asked.get("fen")))
        elif act == "close":
            platform.tell(books.close(asked["order"], now))
        elif act == "refunded":
            state = asked.get("state", "SUCCESS")
            platform.tell(books.end_refund(asked["order"], asked["refund"], now, state))
        elif act == "flush":
            platform.flush()
        else:
            return PlainTextResponse("no such act", 404)
        return JSONResponse({"done": act})

    async def settlement(self, request: Request) -> Response:
        """The file of a day."""
        platform = self._platforms[request.path_params["name"]]
        return PlainTextResponse(platform.books.settlement_csv(request.path_params["day"]))

    async def unionpay(self, request: Request) -> Response:
        """frontTransReq, queryTrans, backTransReq."""
        platform, asked = self._platforms["unionpay"], await _form(request)
        act, books = request.path_params["act"], platform.books
        fields = {name: asked.get(name, "") for name in ("orderId", "txnTime", "merId", "txnType")}
        if act == "frontTransReq.do":
            books.open(asked["orderId"], int(asked["txnAmt"]))
            fields["respCode"] = "00"
        elif act == "queryTrans.do":
            fields |= _unionpay_state(books, asked["orderId"])
        else:
            payment = next(
                (p for p in books.payments.values() if p.transaction == asked["origQryId"]), None
            )
            order = payment.order if payment else ""
            fields |= _unionpay_refund(platform, order, asked["orderId"], int(asked["txnAmt"]))
        language = platform.language
        assert isinstance(language, UnionPay)
        return PlainTextResponse(urlencode(language.signed(fields)))

    async def alipay(self, request: Request) -> Response:
        """alipay.trade.page.pay, query and refund."""
        platform, asked = self._platforms["alipay"], await _form(request)
        content = json.loads(asked["biz_content"])
        order, method = content["out_trade_no"], asked["method"]
        if method == "alipay.trade.page.pay":
            platform.books.open(order, _fen(content["total_amount"]))
            return PlainTextResponse("pay here")
        told = {"code": "10000", "msg": "Success", "out_trade_no": order}
        payment = platform.books.find(order)
        if payment is None or payment.state == "NOTPAY":
            told |= {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}
        elif method == "alipay.trade.query":
            paid = payment.state == "SUCCESS" and payment.refunded_fen < payment.fen
            told |= {"trade_no": payment.transaction, "total_amount": yuan(payment.paid_fen)}
            told["trade_status"] = "TRADE_SUCCESS" if paid else "TRADE_CLOSED"
        else:
            told |= _alipay_refund(platform, order, content)
        language = platform.language
        assert isinstance(language, Alipay)
        return Response(language.answer(f"{method.replace('.', '_')}_response", told))

    async def wechatpay(self, request: Request) -> Response:
        """Native payment, query, refund."""
        platform, path = self._platforms["wechatpay"], request.path_params["path"]
        status, told = 200, {}
        try:
            if request.method == "GET":
                status, told = _wechat_state(platform.books, path.rpartition("/")[2])
            else:
                told = _wechat_asked(platform, path, json.loads(await request.body()))
        except RefusedError as refused:
            status, told = 400, {"code": str(refused), "message": "no"}
        body = json.dumps(told).encode()
        language = platform.language
        assert isinstance(language, WeChatPay)
        return Response(body, status, language.headers(body, platform.now()))

    async def aggregator(self, request: Request) -> Response:
        """checkout, query, refund."""
        platform, asked = self._platforms["aggregator"], await _form(request)
        act, books, order = request.path_params["act"], platform.books, asked["out_trade_no"]
        told = {"out_trade_no": order, "result_code": "SUCCESS"}
        if act == "checkout":
            books.open(order, int(asked["total_fee"]))
        elif act == "query":
            payment = books.find(order)
            told["trade_state"] = payment.state if payment else "NOTFOUND"
            if payment:
                fen = payment.paid_fen or payment.fen
                told |= {"transaction_id": payment.transaction, "total_fee": str(fen)}
        else:
            told |= _aggregator_refund(platform, asked)
        language = platform.language
        assert isinstance(language, Aggregator)
        return JSONResponse(language.signed(told))

    async def hooks(self, request: Request) -> Response:
        """orders, queries, refunds."""
        platform, asked = self._platforms["standard-webhooks"], json.loads(await request.body())
        act, books, order = request.path_params["act"], platform.books, asked["order_no"]
        language = platform.language
        assert isinstance(language, StandardWebhooks)
        told: dict[str, Any] = {}
        if act == "orders":
            books.open(order, asked["amount_fen"])
        elif act == "queries":
            payment = books.find(order)
            events = [language.told(event) for event in payment.events] if payment else []
            told = {"known": payment is not None, "events": events}
        else:
            told = _hook_refund(platform, language, asked)
        body = json.dumps(told).encode()
        return Response(body, 200, language.headers(os.urandom(8).hex(), body, platform.now()))


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _fen(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def _unionpay_state(books: Books, name: str) -> dict[str, str]:
    payment = books.find(name)
    if payment is not None and payment.state == "SUCCESS":
        return {
            "respCode": "00", "origRespCode": "00", "queryId": payment.transaction,
            "txnAmt": str(payment.paid_fen), "currencyCode": "156",
        }  # fmt: skip
    for each in books.payments.values():
        refund = each.refunds.get(name)
        if refund is not None:
            code = {"SUCCESS": "00", "PROCESSING": "05"}.get(refund.state, "01")
            return {
                "respCode": "00", "origRespCode": code, "queryId": refund.id,
                "txnAmt": str(refund.fen), "currencyCode": "156",
            }  # fmt: skip
    return {"respCode": "34"}


def _unionpay_refund(platform: Platform, order: str, number: str, fen: int) -> dict[str, str]:
    try:
        refund = platform.books.ask_refund(order, number, fen)
    except RefusedError:
        return {"respCode": "12"}
    return {"respCode": "00", "queryId": refund.id}


def _alipay_refund(platform: Platform, order: str, content: Mapping[str, str]) -> dict[str, str]:
    number, fen = content["out_request_no"], _fen(content["refund_amount"])
    try:
        refund = platform.books.ask_refund(order, number, fen)
    except RefusedError as refused:
        return {"code": "40004", "sub_code": f"ACQ.{refused}"}
    payment = platform.books.payments[order]
    if refund.state != "SUCCESS":
        platform.tell(platform.books.end_refund(order, number, platform.now()))
    total = yuan(payment.refunded_fen)
    return {"trade_no": payment.transaction, "fund_change": "Y", "refund_fee": total}


def _wechat_state(books: Books, order: str) -> tuple[int, dict[str, Any]]:
    payment = books.find(order)
    if payment is None:
        return 404, {"code": "ORDER_NOT_EXIST", "message": "no"}
    state = "REFUND" if payment.refunded_fen else payment.state
    told: dict[str, Any] = {"out_trade_no": order, "trade_state": state}
    if payment.state == "SUCCESS":
        amount = {"total": payment.paid_fen, "currency": "CNY"}
        told |= {"transaction_id": payment.transaction, "amount": amount}
    return 200, told


def _wechat_asked(platform: Platform, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    order = asked["out_trade_no"]
    if path == "pay/transactions/native":
        platform.books.open(order, asked["amount"]["total"])
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={order}"}
    fen = asked["amount"]["refund"]
    refund = platform.books.ask_refund(order, asked["out_refund_no"], fen)
    transaction = platform.books.payments[order].transaction
    return {
        "refund_id": refund.id, "out_refund_no": refund.number, "transaction_id": transaction,
        "status": refund.state, "amount": {"refund": fen, "total": asked["amount"]["total"]},
    }  # fmt: skip


def _aggregator_refund(platform: Platform, asked: Mapping[str, str]) -> dict[str, str]:
    number, fen = asked["out_refund_no"], int(asked["refund_fee"])
    try:
        refund = platform.books.ask_refund(asked["out_trade_no"], number, fen)
    except RefusedError as refused:
        return {"result_code": "FAIL", "err_code": str(refused)}
    states = {"SUCCESS": "REFUND", "CLOSED": "REFUND_CLOSED", "ABNORMAL": "REFUND_ABNORMAL"}
    state = states.get(refund.state, "PROCESSING")
    transaction = platform.books.payments[asked["out_trade_no"]].transaction
    return {
        "refund_id": refund.id, "refund_state": state, "refund_fee": str(fen),
        "transaction_id": transaction,
    }  # fmt: skip


def _hook_refund(
    platform: Platform, language: StandardWebhooks, asked: Mapping[str, Any]
) -> dict[str, Any]:
    order, number = asked["order_no"], asked["refund_no"]
    try:
        refund = platform.books.ask_refund(order, number, asked["amount_fen"])
    except RefusedError as refused:
        return {"accepted": False, "code": str(refused)}
    events = [
        language.told(event)
        for event in platform.books.payments[order].events
        if event.get("refund") == number
    ]
    return {"accepted": True, "refund": refund.id, "events": events}
