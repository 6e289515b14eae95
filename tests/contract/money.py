"""Money on a store of either database: partners, approved bills, five providers, real sockets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.adapters.http import (
    HttpPorts,
    HttpSettings,
    build_admin_app,
    build_app,
    serve_admin,
    serve_http,
)
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.payments import platforms
from gateway.adapters.payments.connection import Connection
from gateway.canonical.partner import Partner, Route, Subscription
from gateway.pipeline.directory import PartnerDirectory
from gateway.pipeline.money.callbacks import Callbacks
from gateway.pipeline.money.calling import CallJob
from gateway.pipeline.money.ledger import Office
from gateway.pipeline.money.orders import OrderDesk
from gateway.pipeline.money.provider import Providers, ProviderTerms
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow, OrderBill, OrderRow
from gateway.pipeline.money.service import MoneyService
from gateway.pipeline.money.settle import Settle
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.receive import Intake
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, account, api_key
from tests.contract.stores import Bench
from tests.unit import callback_makers as make

ORDER, FEN = make.ORDER, 25600
CASES = {
    "unionpay": make.unionpay,
    "alipay": make.alipay,
    "wechatpay": make.wechat,
    "aggregator": make.aggregator,
    "standard-webhooks": make.hook,
}
_numbers = count(1)


def private_pem(name: str = "a") -> str:
    key = make.key(name)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def partners() -> list[Partner]:
    """Two forwarders, a terminal and an authority that subscribe to payments, an operator."""
    box = Route(name="box", kind="mailbox", subscriptions=(Subscription(document="payment"),))
    firm = {
        "types": ("货代",),
        "services": ("港口一站通", "随行支付"),
        "payment_enabled": True,
        "terminal_approved": ("TERM",),
    }
    return [
        Partner(code="AGENT", name="A", accounts=(account("agent", admin=True),), **firm),
        Partner(
            code="OTHER", name="O", routes=(box,), accounts=(account("other", admin=True),), **firm
        ),
        Partner(code="TERM", name="T", routes=(box,), accounts=(account("term"),)),
        Partner(code="MSA", name="M", routes=(box,), accounts=(account("msa"),)),
        Partner(code="PORT", name="P", accounts=(account("operator", operator=True),)),
    ]


class Secrets:
    """References are names in a dictionary that a test may change."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"own": private_pem()}

    def resolve(self, reference: str) -> str:
        return self.values[reference.partition(":")[2]]


@dataclass
class MoneyWorld:
    """A store with the money service over it; the clock stands at the vectors' instant."""

    bench: Bench
    store: Any
    clock: Any
    directory: PartnerDirectory
    secrets: Secrets
    connection: Connection
    terms: dict[str, ProviderTerms] = field(default_factory=dict)
    fees: Any = None
    service: MoneyService = field(init=False)
    providers: Providers = field(init=False)

    def wire(self, **clients: Any) -> None:
        """Build the service from `terms`."""
        providers = Providers(list(self.terms.values()), self.secrets, self.clock)
        self.providers = providers
        known = platforms(providers, self.connection)
        office = Office(self.directory.partners)
        self.service = MoneyService(
            office=office,
            callbacks=Callbacks(self.store, self.clock, providers),
            orders=OrderDesk(self.store, self.clock, office, providers, known),
            settle=Settle(self.store, self.clock, office),
            calls=CallJob(self.store, self.clock, {**known, **clients}, "tests"),
        )

    def configure(self, provider: str, config: dict[str, Any], **more: Any) -> None:
        """Set what a provider is verified with."""
        urls = {"checkout": "https://pay.example/go", "api": "https://pay.example/api"}
        self.terms[provider] = ProviderTerms(
            provider=provider,
            config=config,
            merchant=config.get("merchant"),
            merchant_name="样例海事规费",
            own_keys={"private_key": "env:own", "private_key_serial": "5157F09E"},
            **{"urls": urls, **more},
        )
        if hasattr(self, "providers"):
            self.providers._terms[provider] = self.terms[provider]
            self.providers._configs.clear()

    def write(self, work: Any) -> Any:
        return self.store.write_now(work)

    def read(self, work: Any) -> Any:
        return self.store.read_now(work)

    def bill(self, number: str = "B1", fen: int = FEN, **fields: Any) -> str:
        """An approved bill of AGENT with one charge; the declaration's id."""
        name = f"d{next(_numbers)}"
        declaration = {
            "id": name, "manifest": f"m-{name}", "partner": "AGENT", "account": "agent",
            "document": None, "bill_of_lading": number, "kind": "pre_stowage", "payer": "AGENT",
            "region": "TJ", "load_port": "CNTXG", "discharge_port": "JPTYO", "direction": "export",
            "trade": "foreign", "ship_at": None, "ship_time": None, "goods_form": "container",
            "facts": {}, "state": "approved", "revision": 1, "created_at": self.clock.now(),
        }  # fmt: skip
        row = DeclarationRow(**{**declaration, **fields})
        charge = ChargeRow(
            id=f"c-{name}", declaration=name, bill_of_lading=number, partner=row.payer,
            tariff="PCF", tariff_row="foreign/20", tariff_version="1", basis="box", quantity="4",
            rate="64.00", amount_fen=fen, reason="RATED", state="due", revision=1, line=1,
            created_at=self.clock.now(),
        )  # fmt: skip

        def put(tx: Any) -> None:
            tx.money.declarations.add(row)
            tx.money.charges.add([charge])

        self.write(put)
        return name

    def order(self, number: str = ORDER, fen: int = FEN, provider: str = "alipay") -> OrderRow:
        """An order of one bill, under the number that the vectors name."""
        bill = f"BL{number}"
        name = self.bill(bill, fen)
        row = OrderRow(
            number, "AGENT", "agent", fen, "CNY", provider, None, "样例公司", "pick_up", {},
            "CREATED", fen, self.clock.now(),
        )  # fmt: skip

        def put(tx: Any) -> None:
            tx.money.orders.add(row, [OrderBill(name, bill, fen)])
            tx.money.charges.order(number, name)

        self.write(put)
        return row

    async def settle(self) -> int:
        """Run every settle event that waits; how many."""
        rows = self.read(lambda tx: tx.outbox.take(10_000))
        mine = [row for row in rows if row.stage == "settle"]
        for row in mine:
            await self.service.settle.run(row.subject, row.revision)
        self.write(lambda tx: tx.outbox.done([row.id for row in mine]))
        return len(mine)

    def state(self, number: str = ORDER) -> str:
        return str(self.read(lambda tx: tx.money.orders.find(number)).state)

    def work(self, state: str = "open") -> list[str]:
        rows = self.read(lambda tx: tx.money.work.page(None, 1000, state)).rows
        return sorted(row.kind for row in rows)

    def events(self, number: str = ORDER) -> list[Any]:
        return list(self.read(lambda tx: tx.money.events.of_order(number, 1_000)))

    def charges(self, number: str = ORDER) -> list[str]:
        return [row.state for row in self.read(lambda tx: tx.money.charges.of_order(number))]

    def told(self, partner: str) -> list[str]:
        page = self.read(lambda tx: tx.deliveries.waiting(partner, 1000))
        return [row.event_type for row in page.rows]

    def ports(self) -> HttpPorts:
        async def nothing() -> dict[str, str]:
            return {}

        async def checker(*_: Any) -> dict[str, Any]:
            return {}

        intake = Intake(self.store, self.clock, lambda a, _h: f"{a}/t", 1000, 5)
        mailbox = Mailbox(self.store, self.directory, ParcelMaker(self.store, "T").make)
        return HttpPorts(
            intake=intake, store=self.store, directory=self.directory, mailbox=mailbox,
            clock=self.clock, health=nothing, checker=checker, money=self.service,
            fees=self.fees,
        )  # fmt: skip

    @asynccontextmanager
    async def http(self, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of a listener, without a key."""
        terms = HttpSettings(
            **{"port": 0, "drain_seconds": 1, "requests_per_second": None} | settings
        )
        listener = await serve_http(build_app(self.ports(), terms), terms)
        async with client_at(f"http://{HOST}:{listener.port}", timeout=20) as client:
            yield client
        await listener.close()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of the admin listener, with the operator's key."""
        terms = HttpSettings(admin_port=0, drain_seconds=1)
        listener = await serve_admin(build_admin_app(self.ports(), terms), terms)
        url = f"http://{HOST}:{listener.port}"
        async with client_at(url, headers=key_of("operator")) as client:
            yield client
        await listener.close()


def key_of(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {api_key(name)}"}


async def post(client: httpx2.AsyncClient, case: dict[str, Any]) -> httpx2.Response:
    """Send a callback as its provider does."""
    return await client.post(
        f"/v1/callbacks/payments/{case['provider']}",
        content=base64.b64decode(case["body_base64"]),
        headers=case["headers"],
    )


@asynccontextmanager
async def money_world(bench: Bench) -> AsyncIterator[MoneyWorld]:
    """All five providers with the vectors' keys."""
    bench.clock.at = make.NOW
    store = bench.stores[0]
    directory = PartnerDirectory(store)
    await store.write(lambda tx: tx.partners.apply(partners(), "test"))
    await directory.refresh()
    world = MoneyWorld(bench, store, bench.clock, directory, Secrets(), Connection())
    for provider, maker in CASES.items():
        await asyncio.to_thread(world.configure, provider, maker()["config"])
    world.wire()
    yield world
    await world.connection.aclose()


def folder_of(bench: Bench) -> Path:
    return bench.folder
