"""A store with customs appointments: firms, a clock that is moved, whole journeys, real HTTP."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from gateway.adapters.calendar_folder import CalendarFolder
from gateway.adapters.http import HttpPorts, HttpSettings, build_app, serve_http
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.pdf_pages.measuring import PdfChildren
from gateway.canonical.partner import Agreement, Partner, Route, Subscription
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import Counsel
from gateway.pipeline.customs.office import Office, Terms
from gateway.pipeline.customs.rows import FirmRow
from gateway.pipeline.customs.service import CustomsService
from gateway.pipeline.customs.standing import FirmRegister
from gateway.pipeline.decide import Decide
from gateway.pipeline.directory import PartnerDirectory
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.receive import Intake
from gateway.pipeline.staging import staged
from gateway.pipeline.timers import TimerJob
from gateway.pipeline.translate import Translate
from gateway.pipeline.translation import translate
from gateway.pipeline.writers import WRITERS
from gateway.resources import read_text
from gateway.rules.calendar import PORT_ZONE
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, account, api_key
from tests.contract.stores import Bench, arrival

PATH = "/v1/customs-appointments"
# Made-up firms; the last character of a credit code is its check.
DECLARANT = {
    "customs_code": "0299960001",
    "credit_code": "91120116MA06EXAM10",
    "inspection_code": "0299960001",
    "name": "样例报关行",
}
CONSIGNEE = {"customs_code": "0299910002", "name": "样例进出口公司"}
GEN, ADV = "常规", "高级认证"


def at(text: str) -> datetime:
    """A wall time of the port."""
    return datetime.fromisoformat(f"{text}+08:00")


def form(start: str = "2026-11-28 10:00", *, same: bool = True, **more: Any) -> dict[str, Any]:
    """A whole form (S2-06)."""
    return {
        "declarant": DECLARANT,
        "consignee": CONSIGNEE,
        "contact": {"name": "样例联系人", "mobile": "13800000000"},
        "declaring_port": "9999",
        "entry_exit_port": "9999" if same else "9998",
        "transport_mode": "水运",
        "start": at(start).isoformat(),
        "reason": "鲜活货物",
        "flag": "1",
        "goods": [{"item": 1, "name": "活虾", "hs": "0306360000"}],
        **more,
    }


def firm(credit: str = GEN, side: dict[str, Any] = DECLARANT, **more: Any) -> FirmRow:
    """What the register says of a firm since long ago."""
    given = {"qualified": True, "partner": None, "from_day": "2000-01-01", **more}
    return FirmRow(
        customs_code=side["customs_code"],
        credit_code=side.get("credit_code", ""),
        name=side["name"],
        credit=credit,
        **given,
    )


def partners() -> list[Partner]:
    """A declarant, its customs, another firm, the consignee, and the port's operator."""
    agreed = (Agreement(document="customs_application"),)
    told = (Subscription(document="customs_appointment"),)
    return [
        Partner(
            code="AGENT",
            name="样例报关行",
            customs_codes=(DECLARANT["customs_code"],),
            routes=(Route(name="box", kind="mailbox"),),
            agreements=(*agreed, Agreement(document="customs_answer")),
            accounts=(account("agent"),),
        ),
        Partner(
            code="BUYER",
            name="样例进出口公司",
            customs_codes=(CONSIGNEE["customs_code"],),
            routes=(Route(name="box", kind="mailbox"),),
            accounts=(account("buyer"),),
        ),
        Partner(code="OTHER", name="Other", agreements=agreed, accounts=(account("other"),)),
        Partner(
            code="CUSTOMS",
            name="样例海关",
            routes=(
                Route(name="json", kind="mailbox", subscriptions=told),
                Route(
                    name="xml",
                    kind="folder",
                    folder="customs",
                    payload="customs_appointment/xml",
                    subscriptions=told,
                ),
            ),
            agreements=(Agreement(document="customs_answer"),),
            accounts=(account("customs"),),
        ),
        Partner(code="PORT", name="Port", accounts=(account("operator", operator=True),)),
    ]


class InProcess:
    """The parser without its process."""

    async def parse(self, row: Any, partner: Any) -> AsyncIterator[Any]:
        for each in staged(translate([row.inline], partner)):
            yield each

    async def parse_small(self, files: Any) -> Any:
        found = [list(staged(translate([row.inline], partner))) for row, partner in files]
        return [(batches, end) for *batches, end in found]

    async def close(self) -> None:
        """There is no child."""


@dataclass
class CustomsWorld:
    """Everything of the service over one store of `bench`."""

    bench: Bench
    office: Office
    directory: PartnerDirectory
    counter: Any = field(default_factory=lambda: itertools.count(1))
    clients: list[httpx2.AsyncClient] = field(default_factory=list)
    base: str = ""

    @property
    def store(self) -> Any:
        return self.bench.stores[0]

    @property
    def service(self) -> CustomsService:
        return CustomsService.over(self.store, self.office, PdfChildren())

    def use(self, **terms: Any) -> None:
        """Other terms of the operator."""
        self.office = replace(self.office, terms=Terms(**terms))

    def register(self, *rows: FirmRow) -> None:
        self.bench.write(lambda tx: tx.customs.register.load_firms(rows))

    def credit(self, declarant: str = GEN, consignee: str | None = None) -> None:
        """Both firms in the register, of these classes."""
        self.register(firm(declarant), firm(consignee or declarant, CONSIGNEE))

    async def tick(self, to: datetime) -> int:
        """The clock stands there now, and timers have fired."""
        self.bench.clock.at = to
        job = TimerJob(self.store, self.bench.clock, self.service.timers(), "tests")
        return await job.once()

    async def send(self, sender: str, **document: Any) -> Any:
        """A canonical document as a file, all the way to its decision; the last decision."""
        body = json.dumps(document, ensure_ascii=False).encode()
        return await self.send_bytes(sender, document["document"], body)

    async def send_bytes(self, sender: str, type_: str, body: bytes) -> Any:
        """As `send`, for a file of any syntax."""
        one = arrival(
            body,
            partner=sender.upper(),
            account=sender,
            order_key=f"{sender}/{type_}",
            received_at=self.bench.clock.now(),
        )
        name = self.bench.write(lambda tx: tx.interchanges.receive(one).interchange)
        await self.journey(name)
        decisions = self.bench.read(lambda tx: tx.documents.decisions(f"{name}-1"))
        return decisions[-1] if decisions else None

    async def journey(self, interchange: str) -> None:
        service = self.service
        counsel = Counsel(service.advisers(), service.effects())
        answering = Answering(self.directory, WRITERS, "US")
        await Translate(self.store, InProcess(), self.directory).run(interchange, 1)
        decide = Decide(self.store, self.directory, self.bench.clock, answering, counsel)
        await decide.run(interchange, 1)

    async def answer(
        self, number: str, state: str, when: str, sender: str = "customs", **more: Any
    ) -> Any:
        """Customs answer an application with a document of their own."""
        part = {"number": number, "state": state, "answered_at": at(when).isoformat(), **more}
        return await self.send(
            sender,
            document="customs_answer",
            header={"message_type": "ANSWER"},
            parts=[part],
        )

    def row(self, number: str) -> Any:
        return self.bench.read(lambda tx: tx.customs.applications.find(number))

    def told(self, partner: str, kind: str = "notice") -> list[dict[str, Any]]:
        """Bodies of the notices in a partner's mailbox, oldest first."""
        rows = self.bench.read(lambda tx: tx.deliveries.waiting(partner, 200).rows)
        return [json.loads(row.body) for row in rows if row.subject_kind == kind]

    def deliveries(self, number: str) -> list[Any]:
        """Everything that was put out about an application."""
        return list(self.bench.read(lambda tx: tx.deliveries.of_interchange(number)))

    def client(self, name: str) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {api_key(name)}"}
        made = client_at(self.base, headers=headers, timeout=30)
        self.clients.append(made)
        return made

    def ports(self) -> HttpPorts:
        store = self.store
        made = ParcelMaker(store, "TEST", self.directory).make

        async def health() -> dict[str, str]:
            return {}

        async def checker(*_: object) -> dict[str, Any]:
            return {}

        return HttpPorts(
            intake=Intake(store, self.bench.clock, lambda name, _head: name, 10_000, 10),
            store=store,
            directory=self.directory,
            mailbox=Mailbox(store, self.directory, made),
            clock=self.bench.clock,
            health=health,
            checker=checker,
            customs=self.service.desk,
        )

    @asynccontextmanager
    async def http(self) -> AsyncIterator[None]:
        """Serve on loopback for the length of a block."""
        terms = HttpSettings(port=0, drain_seconds=1, requests_per_second=None)
        listener = await serve_http(build_app(self.ports(), terms), terms)
        self.base = f"http://{HOST}:{listener.port}"
        try:
            yield
        finally:
            for each in self.clients:
                await each.aclose()
            self.clients.clear()
            await listener.close()


def calendars_in(folder: Path) -> CalendarFolder:
    """Port 9998 works as the sample port does; 9997 is closed for the make-up day of 2018."""
    for port, years in (("9998", ("2018", "2023", "2025", "2026")), ("9997", ("2018",))):
        (folder / port).mkdir(parents=True, exist_ok=True)
        for year in years:
            text = read_text(f"calendars/9999/{year}.toml").replace('"9999"', f'"{port}"')
            if port == "9997":
                text = text.replace("2018-09-29, ", "").replace("2018-09-29,", "")
            (folder / port / f"{year}.toml").write_text(text, encoding="utf-8")
    return CalendarFolder(folder)


async def customs_world(bench: Bench) -> CustomsWorld:
    """Partners are applied, both firms are in the register, the clock stands on 2026-11-25."""
    bench.clock.at = datetime(2026, 11, 25, 8, tzinfo=PORT_ZONE)
    directory = PartnerDirectory(bench.stores[0])
    office = Office(
        clock=bench.clock,
        directory=directory,
        calendars=calendars_in(bench.folder / "calendars"),
        standings=FirmRegister(directory),
    )
    world = CustomsWorld(bench, office, directory)
    await world.store.write(lambda tx: tx.partners.apply(partners(), "test"))
    await directory.refresh()
    world.credit()
    return world
