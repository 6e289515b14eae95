"""Clearance by appointment in a gateway that is killed: nothing is lost, nobody is told twice.

The whole process over real sockets: applications over HTTP, customs' answers as files, the folder
route of XML.  The gateway dies before and after commits while requests are under way, and every
request is sent again under its key until it is answered.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import etree

from gateway.resources import read_bytes
from gateway.rules.calendar import PORT_ZONE, days_between, hours_of
from gateway.rules.calendar_file import CalendarFile, calendar_text
from tests.crash.configuration import Credentials, Site
from tests.crash.gateway_process import GatewayDied, GatewayProcess
from tests.services import sized

pytestmark = [pytest.mark.reliability, pytest.mark.timeout(120)]
PATH = "/v1/customs-appointments"
PORT = "0100"
COUNT = sized(5, 40)
# Dies at the n-th commit, before it and after it, then lives.
SPECS = ("store.before_commit:9", "store.committed:13", "")
FIRMS = """customs_code,credit_code,name,credit,qualified,from,partner
0299960001,91120116MA06EXAM10,样例报关行,常规,yes,2020-01-01,AGENT1
0299910002,,样例进出口公司,常规,yes,2020-01-01,
"""


def site_in(folder: Path) -> Site:
    site = Site(folder)
    site.add_agent(
        identities=["AGENT1"],
        agreements=[{"document": "customs_application"}],
        customs_codes=["0299960001"],
    )
    told = [{"document": "customs_appointment"}]
    xml = {"name": "xml", "kind": "folder", "folder": "customs", "subscriptions": told}
    site.partners["CUSTOMS"] = {
        "name": "Made-up customs",
        "accounts": [Credentials.make("terminal").as_account()],
        "agreements": [{"document": "customs_answer"}],
        "routes": [
            {"name": "box", "kind": "mailbox", "subscriptions": told},
            {**xml, "payload": "customs_appointment/xml"},
        ],
    }
    (folder / "firms.csv").write_text(FIRMS, encoding="utf-8")
    write_calendars(folder / "calendars" / PORT)
    return site


def write_calendars(folder: Path) -> None:
    """An office that works half an hour after midnight, every day of three years."""
    folder.mkdir(parents=True)
    this = datetime.now(PORT_ZONE).year
    hours = hours_of([("00:00", "00:30")])
    for year in (this - 1, this, this + 1):
        first, last = date(year, 1, 1), date(year, 12, 31)
        working = dict.fromkeys(days_between(first, last), hours)
        file = CalendarFile(PORT, "样例", "test", first, last, working)
        (folder / f"{year}.toml").write_text(calendar_text(file), encoding="utf-8")


def form(reference: str) -> dict[str, Any]:
    start = (datetime.now(PORT_ZONE) + timedelta(days=3)).replace(
        hour=10, minute=0, second=0, microsecond=0
    )
    return {
        "reference": reference,
        "declarant": {
            "customs_code": "0299960001",
            "credit_code": "91120116MA06EXAM10",
            "name": "样例报关行",
        },
        "consignee": {"customs_code": "0299910002", "name": "样例进出口公司"},
        "contact": {"name": "样例", "mobile": "13800000000"},
        "declaring_port": PORT,
        "entry_exit_port": PORT,
        "transport_mode": "水运",
        "start": start.isoformat(),
        "reason": "鲜活",
        "flag": "1",
        "goods": [{"item": 1, "name": "虾", "hs": "0306360000"}],
    }


class Port:
    """The gateway, brought back whenever it has died, and clients that ask until they hear."""

    def __init__(self, site: Site) -> None:
        self.gateway = GatewayProcess(site)
        self.site = site
        self.specs = list(SPECS)
        self.lock = asyncio.Lock()
        self.deaths = 0

    async def start(self) -> None:
        while True:
            spec = self.specs.pop(0) if self.specs else ""
            try:
                await asyncio.to_thread(self.gateway.start, spec)
            except GatewayDied:
                self.deaths += 1
                continue
            return

    async def revive(self) -> None:
        async with self.lock:
            if not self.gateway.alive:
                self.deaths += 1
                await self.start()

    def client(self, who: Credentials) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {who.api_key}"}
        return httpx2.AsyncClient(base_url=self.site.url, headers=headers, timeout=10)

    async def ask(self, client: httpx2.AsyncClient, method: str, path: str, **more: Any) -> Any:
        """Until there is an answer that is no "try again"."""
        async with asyncio.timeout(60):
            while True:
                try:
                    answer = await client.request(method, path, **more)
                except (httpx2.TransportError, OSError):
                    await self.revive()
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code != 503:
                    return answer
                await asyncio.sleep(0.05)


async def apply_for(port: Port, client: httpx2.AsyncClient, name: str) -> str:
    key = {"idempotency-key": name}
    made = await port.ask(client, "POST", PATH, json=form(name), headers=key)
    assert made.status_code == 201, made.text
    number = str(made.json()["number"])
    sent = await port.ask(client, "POST", f"{PATH}/{number}/submit")
    assert sent.status_code == 200, sent.text
    assert sent.json()["state"] in ("申报", "预约成功")
    return number


async def answered(port: Port, customs: httpx2.AsyncClient, number: str) -> None:
    part = {
        "number": number,
        "state": "预约成功",
        "answered_at": datetime.now(PORT_ZONE).isoformat(timespec="seconds"),
    }
    document = {
        "document": "customs_answer",
        "header": {"message_type": "ANSWER"},
        "parts": [part],
    }
    headers = {"content-type": "application/json", "idempotency-key": f"answer-{number}"}
    body = json.dumps(document, ensure_ascii=False).encode()
    sent = await port.ask(customs, "POST", "/v1/interchanges", content=body, headers=headers)
    assert sent.status_code == 202, sent.text


async def notices(port: Port, client: httpx2.AsyncClient, event: str) -> Counter[str]:
    """How often a mailbox has this event of each application."""
    found: Counter[str] = Counter()
    listed = (await port.ask(client, "GET", "/v1/outbox?limit=200")).json()["items"]
    for each in listed:
        if each["event_type"].endswith(f".{event}"):
            body = (await port.ask(client, "GET", f"/v1/outbox/{each['id']}")).json()
            found[body["number"]] += 1
    return found


async def test_kills_lose_nothing_and_tell_nobody_twice(tmp_path):
    site = site_in(tmp_path / "site")
    port = Port(site)
    await asyncio.to_thread(port.gateway.prepare)
    await asyncio.to_thread(
        port.gateway.run, "customs", "load-firms", str(site.folder / "firms.csv")
    )
    await port.start()
    try:
        async with port.client(site.agent) as agent, port.client(site.terminal) as customs:
            names = [f"A{n}" for n in range(COUNT)]
            numbers = await asyncio.gather(*(apply_for(port, agent, name) for name in names))
            assert len(set(numbers)) == COUNT
            await asyncio.gather(*(answered(port, customs, number) for number in numbers))
            async with asyncio.timeout(40):
                while set(await states(port, agent, numbers)) != {"预约成功"}:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
            expected = Counter(numbers)
            assert await notices(port, customs, "submitted") == expected
            assert await notices(port, agent, "answered") == expected
            folder = site.folder / "data" / "folders" / "customs"
            async with asyncio.timeout(30):
                while len(list(folder.glob("*.xml"))) < COUNT:
                    # Nobody asks it any more who would notice that it has died.
                    await port.revive()
                    await asyncio.sleep(0.2)
            in_folder(folder, numbers)
        assert port.deaths >= 2
        assert port.gateway.tracebacks() == []
    finally:
        port.gateway.close()


async def states(port: Port, agent: httpx2.AsyncClient, numbers: list[str]) -> list[str]:
    found = [await port.ask(agent, "GET", f"{PATH}/{number}") for number in numbers]
    return [each.json()["state"] for each in found]


def in_folder(folder: Path, numbers: list[str]) -> None:
    """One valid XML of each submission; a redelivery has the same name."""
    schema = etree.XMLSchema(etree.fromstring(read_bytes("schemas/xml/customs_appointment.xsd")))
    space = {"c": "urn:portedi:customs-appointment:1"}
    trees = [etree.fromstring(path.read_bytes()) for path in sorted(folder.glob("*.xml"))]
    for tree in trees:
        schema.assertValid(tree)
    told = Counter(tree.findtext("c:Number", namespaces=space) for tree in trees)
    assert told == Counter(numbers)
