"""10,000 random pairs of an account and somebody else's object leak nothing (F-18, S-23).

Four firms with a thing of every kind, each with a word of its own in all of them.  Whatever an
account asks, by whatever route of the OpenAPI document, it never sees another firm's word, and what
it names of another's is 403 or 404.  `make reliability` asks 10,000 times, the suite 1,500 times.
"""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.adapters.http import HttpSettings, build_app
from gateway.adapters.http.app import queries
from gateway.adapters.http.openapi import export_openapi
from gateway.canonical.partner import Partner
from gateway.pipeline.firms import fleet, papers
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.setup import FirmSetup
from gateway.pipeline.gate.rows import AppointmentRow
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow, OrderBill, OrderRow
from gateway.pipeline.rows import Batch, StagedPart
from gateway.services import build_services
from gateway.settings import EnvironmentSecrets, Settings
from tests import services
from tests.contract.customs_world import form as clearance
from tests.contract.inbound import World, account, api_key, world_in
from tests.contract.stores import arrival, decision, document, ending
from tests.contract.test_firms_life import DRIVER, MOBILE, PDF, PERSONAL, identity

FIRMS = ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
PLATES = dict(zip(FIRMS, ("津A11111", "津B22222", "津C33333", "津D44444"), strict=True))
ADDRESSES = {"GET", "POST", "PUT", "DELETE"}
# What names no firm's own thing, or only what the asking firm has.
_OPEN = {"/v1/approvals/{firm}", "/v1/firm/accounts/{login}/services"}
_OPEN |= {"/v1/firm/accounts/{login}/keys", "/v1/firm/accounts/{login}"}
_OPEN |= {"/v1/callbacks/payments/{provider}"}
# Made only in the course of a settlement; tests/contract/test_fees.py asks for another's.
_NOT_MADE = {"/v1/settlements/{settlement}/apply"}


def word(firm: str) -> str:
    """In everything of that firm, and nowhere else."""
    return f"CANARY{firm}"


@dataclass
class Port:
    """The application without sockets: ten thousand questions in bounded time."""

    world: World
    clients: dict[str, httpx2.AsyncClient] = field(default_factory=dict)
    # (owner, path with its id): one's own things.
    objects: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, who: str, method: str, path: str, **more: Any) -> httpx2.Response:
        return await self.clients[who].request(method, path, **more)


def firms() -> list[Partner]:
    return [
        Partner(
            code=code,
            name=f"示例企业{word(code)}",
            types=("普通车队", "船代"),
            services=("港口一站通",),
            accounts=(account(code.lower()), account(f"{code.lower()}s", services=("港口一站通",))),
        )
        for code in FIRMS
    ]


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Port]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_in(tmp_path))
        await world.apply(*firms())
        rated = Settings.model_validate({"fees": {"tariffs": ["PCF"]}})
        made = build_services(
            rated, world.store, world.clock, world.directory, EnvironmentSecrets()
        )
        ports = replace(
            world.ports(),
            firms=FirmSetup(PERSONAL),
            gate=made.gate.desk if made.gate else None,
            customs=made.customs.desk if made.customs else None,
            money=made.money,
            fees=made.fees,
        )
        app = build_app(ports, HttpSettings(requests_per_second=None))
        port = Port(world)
        for login in (name for code in FIRMS for name in (code.lower(), f"{code.lower()}s")):
            client = httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app),
                base_url="http://gateway",
                headers={"authorization": f"Bearer {api_key(login)}"},
            )
            port.clients[login] = await stack.enter_async_context(client)
        for code in FIRMS:
            await _furnish(port, code)
        yield port
        for close in made.closers:
            await close()


async def _furnish(port: Port, code: str) -> None:
    """A thing of every kind, with the firm's word in it."""
    own: list[str] = []
    store = port.world.store
    own += await store.write(lambda tx: _journey(tx, code))
    own += await store.write(lambda tx: _belongings(tx, code, port.world.clock.now()))
    own += await store.write(lambda tx: _appointment(tx, code, port.world.clock.now()))
    own += await store.write(lambda tx: _money(tx, code, port.world.clock.now()))
    await port.world.deliver(word(code).lower(), word(code).encode(), code)
    own.append(f"/v1/outbox/{word(code).lower()}-box-1")
    answer = await port.ask(
        code.lower(), "POST", "/v1/customs-appointments", json=clearance(reason=word(code))
    )
    assert answer.status_code == 201, answer.text
    own.append(f"/v1/customs-appointments/{answer.json()['number']}")
    port.objects += [(code, path) for path in own]


def _journey(tx: Any, code: str) -> list[str]:
    """An interchange with a document that was decided."""
    canary = word(code)
    one = arrival(
        canary.encode(), partner=code, account=code.lower(), name=f"{canary}.edi",
        order_key=f"{code.lower()}/booking",
    )  # fmt: skip
    name = tx.interchanges.receive(one).interchange
    attempt = tx.interchanges.begin_attempt(name)
    part = StagedPart(1, f'{{"booking":"{canary}"}}', "{}", "[]", 0, (("booking", canary),))
    batch = Batch((document(1, key=canary),), ((1, part),))
    tx.interchanges.stage(name, attempt, batch)
    tx.interchanges.translated(name, 1, attempt, ending(sender=canary, reference=canary))
    tx.documents.decide(decision(f"{name}-1"), "accepted", "replace")
    tx.interchanges.decided(name, 1, "accepted")
    return [f"/v1/interchanges/{name}", f"/v1/interchanges/{name}/raw"]


def _belongings(tx: Any, code: str, now: Any) -> list[str]:
    act = Act(tx, word(code), now)
    firm = tx.partners.find(code)
    paper = papers.keep_paper(act, code, "other", f"{word(code)}.pdf", PDF + word(code).encode())
    truck = fleet.add_truck(act, firm, PLATES[code])
    serial = FIRMS.index(code)
    number = identity(f"1101011990030710{serial}")
    person = DRIVER.model_copy(update={"identity": number, "licence": number, "mobile": MOBILE})
    driver = fleet.file_driver(act, firm, person, PERSONAL)
    card = fleet.apply_card(act, firm, truck.id, None)
    fleet.decide_card(act, code, card.id, "issue", word(code))
    return [
        f"/v1/firm/papers/{paper.id}",
        f"/v1/firm/trucks/{truck.id}",
        f"/v1/firm/drivers/{driver.id}",
    ]


def _appointment(tx: Any, code: str, now: Any) -> list[str]:
    canary = word(code)
    row = AppointmentRow(
        seq=0, id=f"{FIRMS.index(code) + 1:026}", partner=code, account=code.lower(), test=False,
        terminal="T1", slot="s1", direction="export_gate_in", box="ANY", starts_at=now,
        ends_at=now + timedelta(hours=1), container=canary, booking=canary, bill_of_lading=None,
        delivery_order=None, vessel=None, voyage=None, plate=PLATES[code], driver=None, card=None,
        wait=False, state="confirmed", revision=1, asked=1, codes=[], rules=[], findings=[],
        explanation={"zh": canary, "en": canary}, facts={}, policy="1", idempotency_key=None,
        digest=canary, created_at=now, changed_at=now,
    )  # fmt: skip
    tx.gate.appointments.add(row, code.lower())
    return [f"/v1/appointments/{row.id}"]


def _money(tx: Any, code: str, now: Any) -> list[str]:
    canary, name = word(code), f"d{code.lower()}"
    declaration = DeclarationRow(
        id=name, manifest=f"m-{name}", partner=code, account=code.lower(), document=None,
        bill_of_lading=canary, kind="pre_stowage", payer=code, region="TJ", load_port="CNTXG",
        discharge_port="JPTYO", direction="export", trade="foreign", ship_at=None, ship_time=None,
        goods_form="container", facts={}, state="approved", revision=1, created_at=now,
    )  # fmt: skip
    charge = ChargeRow(
        id=f"c-{name}", declaration=name, bill_of_lading=canary, partner=code, tariff="PCF",
        tariff_row="foreign/20", tariff_version="1", basis="box", quantity="4", rate="64.00",
        amount_fen=25600, reason="RATED", state="due", revision=1, line=1, created_at=now,
    )  # fmt: skip
    number = f"PO{FIRMS.index(code):012}"
    order = OrderRow(
        number, code, code.lower(), 25600, "CNY", "alipay", None, f"{canary}公司", "pick_up", {},
        "CREATED", 25600, now,
    )  # fmt: skip
    tx.money.declarations.add(declaration)
    tx.money.charges.add([charge])
    tx.money.orders.add(order, [OrderBill(name, canary, 25600)])
    return [f"/v1/declarations/{name}", f"/v1/orders/{number}"]


def _templates() -> dict[str, set[str]]:
    """Path with parameters → its methods, from the OpenAPI document."""
    return {
        path: {method.upper() for method in operations} & ADDRESSES
        for path, operations in export_openapi()["paths"].items()
        if "{" in path and path.startswith("/v1/")
    }


def _addresses(objects: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(owner, method, address): each thing by every route that names such a thing."""
    found = []
    for template, methods in _templates().items():
        head = template[: template.index("{")]
        tail = re.sub(r"\{\w+\}", "1", template[template.index("}") + 1 :])
        for owner, path in objects:
            id_ = path.removeprefix(head)
            if path.startswith(head) and "/" not in id_:
                found += [(owner, method, f"{head}{id_}{tail}") for method in methods]
    return found


def _foreign(text: str, owner: str) -> list[str]:
    """Words and plates of other firms."""
    others = [code for code in FIRMS if code != owner]
    return [code for code in others if word(code) in text or PLATES[code] in text]


def test_every_route_that_names_a_thing_is_asked() -> None:
    asked = {
        "/v1/interchanges/", "/v1/outbox/", "/v1/orders/", "/v1/firm/papers/", "/v1/firm/trucks/",
        "/v1/firm/drivers/", "/v1/appointments/", "/v1/declarations/", "/v1/customs-appointments/",
    }  # fmt: skip
    missing = {
        template
        for template in set(_templates()) - _OPEN - _NOT_MADE
        if template[: template.index("{")] not in asked
    }
    assert not missing, "make one of these for each firm in _furnish, and name its address here"


@pytest.mark.reliability
@pytest.mark.timeout(300)
async def test_what_belongs_to_others_does_not_exist(port: Port) -> None:
    chance = random.Random(18)
    addresses = _addresses(port.objects)
    assert len({path for _, _, path in addresses}) > 60
    for _ in range(services.sized(10_000, 10_000, brief=1_500)):
        owner, method, path = chance.choice(addresses)
        who = chance.choice(
            [login for login in port.clients if not login.startswith(owner.lower())]
        )
        body = {"json": chance.choice([{}, {"why": "x"}])} if method in ("POST", "PUT") else {}
        answer = await port.ask(who, method, path, **body)
        # A body that does not fit is refused before anybody looks whose thing it is.
        allowed = (403, 404) if method in ("GET", "DELETE") else (403, 404, 409, 415, 422)
        assert answer.status_code in allowed, (who, method, path, answer.text)
        firm = next(code for code in FIRMS if who.startswith(code.lower()))
        assert not _foreign(answer.text, firm), (who, method, path)
    await _all_is_as_it_was(port)


async def _all_is_as_it_was(port: Port) -> None:
    """Nobody changed or took away what is another's."""
    for owner, path in port.objects:
        if "/trucks/" in path or "/drivers/" in path:
            kind = path.split("/")[3]
            listed = (await port.ask(owner.lower(), "GET", f"/v1/firm/{kind}")).json()["items"]
            assert path.rpartition("/")[2] in {each["id"] for each in listed}
        else:
            answer = await port.ask(owner.lower(), "GET", path)
            assert answer.status_code == 200, (owner, path, answer.text)


def _lists() -> list[str]:
    """Every GET of the application without an id in its path."""
    return sorted(
        path
        for path, operations in queries_document().items()
        if "get" in operations and "{" not in path and path.startswith("/v1/")
    )


def queries_document() -> dict[str, Any]:
    paths: dict[str, Any] = queries(None).openapi()["paths"]  # type: ignore[arg-type]
    return paths


async def test_no_list_shows_what_belongs_to_others(port: Port) -> None:
    seen = set()
    for who in port.clients:
        firm = next(code for code in FIRMS if who.startswith(code.lower()))
        for path in _lists():
            for other in FIRMS:
                filters = {
                    "booking": word(other), "container": word(other), "partner": other,
                    "reference": word(other), "limit": "100",
                }  # fmt: skip
                for given in (filters, {"booking": word(other)}, {"container": word(other)}, {}):
                    answer = await port.ask(who, "GET", path, params=given)
                    assert answer.status_code < 500, (who, path, answer.text)
                    assert not _foreign(answer.text, firm), (who, path, given, answer.text)
                    seen |= {path} if word(firm) in answer.text else set()
                if path not in ("/v1/documents", "/v1/appointments"):
                    break
    # The words are where a leak would show them.
    shown = ("interchanges", "documents", "appointments", "charges", "orders", "declarations")
    assert {*(f"/v1/{name}" for name in shown), "/v1/firm", "/v1/firm/papers"} <= seen
    assert "/v1/firm/cards" in seen
