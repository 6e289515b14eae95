"""R-02 for money: the gateway dies once at every point of callback, settle, refund and query.

One gateway is started with one point armed, an order is paid and paid back through a platform of
its own, until the gateway dies; the next start arms the next point.  At the end every fen is where
it belongs, in the gateway's ledger and in the platform's books alike.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from examples.payment_provider.languages import Aggregator
from examples.payment_provider.server import Platform, application
from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.pipeline.crash_points import known
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow, OrderBill, OrderRow
from gateway.store import open_store
from tests.crash.configuration import HOST, Credentials, Site
from tests.crash.gateway_process import GatewayProcess
from tests.services import free_port, sized

STEPS = ("callback", "settle", "query", "refund")
POINTS = [name for name in known() if name.partition(".")[0] in STEPS]
FEN = 25600
DONE_SECONDS_MAX = 60.0


class Books:
    """The gateway's database, looked into and filled beside the running gateway."""

    def __init__(self, site: Site) -> None:
        archive = FolderArchive(site.folder / "data" / "archive")
        self.store: Any = open_store(f"sqlite:///{site.database}", archive, SystemClock(), "tests")

    def order(self, number: str) -> None:
        """An order that a payer has opened at the platform: asked after from now on."""
        now = datetime.now(UTC)
        name = f"d{number}"
        declaration = DeclarationRow(
            name, f"m{number}", "AGENT1", "agent", None, f"B{number}", "pre_stowage", "AGENT1",
            "TJ", "CNTXG", "JPTYO", "export", "foreign", None, None, "container", {}, "approved",
            1, now,
        )  # fmt: skip
        charge = ChargeRow(
            f"c{number}", name, f"B{number}", "AGENT1", "PCF", "foreign/20", "1", "box", "4",
            "64.00", FEN, "RATED", "ordered", 1, 1, now, number,
        )  # fmt: skip
        row = OrderRow(
            number, "AGENT1", "agent", FEN, "CNY", "aggregator", "100200300", "样例", "pick_up",
            {}, "CREATED", FEN, now,
        )  # fmt: skip

        def put(tx: Any) -> None:
            tx.money.declarations.add(declaration)
            tx.money.charges.add([charge])
            tx.money.orders.add(row, [OrderBill(name, f"B{number}", FEN)])
            tx.money.calls.put("query", number, "aggregator", now)

        self.store.write_now(put)

    def end(self, number: str) -> tuple[Any, ...]:
        def read(tx: Any) -> tuple[Any, ...]:
            order = tx.money.orders.find(number)
            charges = [each.state for each in tx.money.charges.of_order(number)]
            refunds = [(each.state, each.amount_fen) for each in tx.money.refunds.of_order(number)]
            work = [each.kind for each in tx.money.work.of_order(number) if each.state == "open"]
            fen = (order.due_fen, order.paid_fen, order.refunding_fen, order.refunded_fen)
            return order.state, fen, charges, refunds, work

        return tuple(self.store.read_now(read))


class Payer:
    """Pays an order and, as an officer, has it paid back; again whenever the gateway was away."""

    def __init__(self, gateway: GatewayProcess, platform: Platform, books: Books) -> None:
        self.gateway = gateway
        self.platform = platform
        self.books = books

    async def go_on(self, number: str) -> None:
        """Until the order is refunded."""
        self.platform.books.open(number, FEN)
        self.platform.tell(self.platform.books.pay(number, datetime.now(UTC)))
        while True:
            state, *_ = self.books.end(number)
            if state == "PAID":
                await self._ask(number)
            for refund in list(self.platform.books.payments[number].refunds.values()):
                if refund.state == "PROCESSING":
                    now = datetime.now(UTC)
                    self.platform.tell(self.platform.books.end_refund(number, refund.number, now))
            if state == "REFUNDED":
                return
            if not self.platform.tasks:
                # The platform's own resends, in quick motion.
                for event in self.platform.books.payments[number].events:
                    self.platform.tell(event)
            await asyncio.sleep(0.1)

    async def _ask(self, number: str) -> None:
        url = f"{self.gateway.site.admin_url}/admin/orders/{number}/refunds?amount_fen={FEN}"
        key = {"authorization": f"Bearer {OPERATOR.api_key}"}
        with suppress(httpx2.HTTPError):
            async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
                await client.post(url, headers=key)


OPERATOR = Credentials.make("officer")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    site = Site(tmp_path / "site")
    port = free_port()
    secret = site.folder / "aggregator.secret"
    secret.write_text("a secret of the tests", encoding="ascii")
    site.settings["payments"] = {
        "aggregator": {
            "merchant": "100200300",
            "secrets": [f"file:{secret}"],
            "checkout_url": f"http://{HOST}:{port}/aggregator/checkout",
            "api_url": f"http://{HOST}:{port}/aggregator",
        }
    }
    site.add_agent()
    account = {**OPERATOR.as_account(), "operator": True}
    site.partners["OFFICE"] = {"name": "Office", "accounts": [account]}
    process = GatewayProcess(site)
    process.prepare()
    process.environment["PLATFORM_PORT"] = str(port)
    yield process
    process.close()


@asynccontextmanager
async def platform_of(gateway: GatewayProcess) -> Any:
    """The platform on the port that the gateway knows."""
    notify = f"{gateway.site.url}/v1/callbacks/payments/aggregator"
    language = Aggregator("100200300", "a secret of the tests")
    platform = Platform("aggregator", language, notify, lambda: datetime.now(UTC))
    config = uvicorn.Config(
        application({"aggregator": platform}),
        host=HOST, port=int(gateway.environment["PLATFORM_PORT"]), log_config=None, lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield platform
    finally:
        for sending in list(platform.tasks):
            sending.cancel()
        server.should_exit = True
        await task


@pytest.mark.reliability
@pytest.mark.timeout(300)
async def test_every_point_of_money_is_survived(gateway: GatewayProcess):
    assert len(POINTS) >= 12
    books = Books(gateway.site)
    async with platform_of(gateway) as platform:
        payer = Payer(gateway, platform, books)
        numbers = []
        for turn in range(sized(1, 25)):
            for n, point in enumerate(POINTS):
                number = f"PO2026{turn:04}{n:06}"
                numbers.append(number)
                books.order(number)
                gateway.spawn(f"{point}:1")
                work = asyncio.create_task(payer.go_on(number))
                died = await asyncio.to_thread(gateway.wait_dead, 30.0)
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
                assert died, f"{point} was never reached\n{gateway.log_text()[-2000:]}"
        await asyncio.to_thread(gateway.start)
        for number in numbers:
            async with asyncio.timeout(DONE_SECONDS_MAX):
                await payer.go_on(number)
        await _settled(books, numbers)
        for number in numbers:
            state, fen, charges, refunds, work_items = books.end(number)
            assert (state, fen, charges) == ("REFUNDED", (0, 0, 0, FEN), ["paid"]), number
            assert (refunds, work_items) == ([("succeeded", FEN)], []), number
            # The bank agrees: what came in went back once.
            payment = platform.books.payments[number]
            assert (payment.paid_fen, payment.refunded_fen) == (FEN, FEN), number
    assert gateway.tracebacks() == []
    await books.store.close()


async def _settled(books: Books, numbers: list[str]) -> None:
    """Wait until nothing is left to be settled."""
    ends = time.monotonic() + DONE_SECONDS_MAX
    while time.monotonic() < ends:
        if all(books.end(number)[0] == "REFUNDED" for number in numbers):
            return
        await asyncio.sleep(0.1)
