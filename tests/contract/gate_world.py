"""A store with a gate: partners, a clock that is moved, documents that are decided, real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

import httpx2

from gateway.adapters.http import HttpPorts, HttpSettings, build_app, serve_http
from gateway.adapters.mailbox import Mailbox
from gateway.canonical.partner import Agreement, Partner, Route, Subscription
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import Counsel
from gateway.pipeline.decide import Decide
from gateway.pipeline.directory import PartnerDirectory
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.rows import NewSlot, SlotRow
from gateway.pipeline.gate.service import GateService
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.receive import Intake
from gateway.pipeline.rows import Batch, StagedDocument, StagedPart
from gateway.pipeline.timers import TimerJob
from gateway.pipeline.writers import WRITERS
from gateway.rules.calendar import PORT_ZONE
from gateway.rules.gate_policy import DEFAULT_POLICY, GatePolicy
from gateway.rules.gate_policy_table import DatedPolicy, PolicyTable
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, account, api_key
from tests.contract.stores import Bench, arrival, ending

LONG_AGO = datetime(2020, 1, 1, tzinfo=PORT_ZONE)
VOYAGE = "108W"
SHIP = "9395044"
ONE_STOP = ("港口一站通",)
_AGREED = tuple(
    Agreement(document=name)
    for name in (
        *("booking", "container_load_plan", "verified_gross_mass", "vessel_schedule"),
        *("delivery_order", "gate_move", "container_list", "slot_pool", "gate_plan"),
        *("appointment_request", "release_notice"),
    )
)


def at(text: str) -> datetime:
    """A wall time of the port."""
    return datetime.fromisoformat(f"{text}+08:00")


def mailbox(*documents: str) -> tuple[Route, ...]:
    return (
        Route(
            name="box",
            kind="mailbox",
            subscriptions=tuple(Subscription(document=each) for each in documents),
        ),
    )


def partners(**of_fleet: Any) -> list[Partner]:
    """Two fleets, two terminals, and an agent who sends every kind of document."""
    fleet: dict[str, Any] = {
        "types": ("普通车队",),
        "terminal_approved": ("T1",),
        "payment_enabled": True,
        "services": ONE_STOP,
        **of_fleet,
    }
    told = mailbox("appointment")
    return [
        Partner(
            code="FLEET",
            name="Fleet",
            routes=told,
            agreements=(Agreement(document="appointment_request"),),
            accounts=(account("fleet", admin=True), account("clerk")),
            **fleet,
        ),
        Partner(
            code="RIVAL",
            name="Rival",
            routes=told,
            types=("普通车队",),
            services=ONE_STOP,
            terminal_approved=("T1", "T2"),
            payment_enabled=True,
            agreements=(Agreement(document="appointment_request", accept="part"),),
            accounts=(account("rival"),),
        ),
        *(
            Partner(
                code=code,
                name=f"Terminal {code}",
                types=("码头公司",),
                services=ONE_STOP,
                routes=told,
                agreements=_AGREED,
                accounts=(account(code.lower()),),
            )
            for code in ("T1", "T2")
        ),
        Partner(code="AGENT", name="Agent", agreements=_AGREED, accounts=(account("agent"),)),
        Partner(code="PORT", name="Port", accounts=(account("operator", operator=True),)),
    ]


def policy(figures: GatePolicy = DEFAULT_POLICY) -> PolicyTable:
    return PolicyTable((DatedPolicy("test", date(2000, 1, 1), figures, 1, time(14)),))


@dataclass
class GateWorld:
    """Everything of the gate over one store of `bench`."""

    bench: Bench
    desk: Desk
    directory: PartnerDirectory
    counted: int = 0
    clients: list[httpx2.AsyncClient] = field(default_factory=list)
    base: str = ""

    @property
    def store(self) -> Any:
        return self.bench.stores[0]

    @property
    def service(self) -> GateService:
        return GateService(self.desk)

    def use(self, **fields: Any) -> None:
        """Another policy, profile or switch."""
        self.desk = replace(self.desk, **fields)

    async def apply(self, *changed: Partner) -> None:
        await self.store.write(lambda tx: tx.partners.apply(changed, "test"))
        await self.directory.refresh()

    def slot(
        self, start: str = "2026-11-29 14:00", quota: int = 1, used: int = 0, **more: Any
    ) -> str:
        """Publish a slot of an hour, some of its places taken; its id."""
        begins = at(start)
        given: dict[str, Any] = {
            "terminal": "T1",
            "direction": "export_gate_in",
            "box": "ANY",
            "starts_at": begins,
            "ends_at": begins + DEFAULT_POLICY.slot,
            "quota": quota,
            "released_at": LONG_AGO,
            "partner": "T1",
            **more,
        }
        new = NewSlot(**given)

        def work(tx: Any) -> str:
            tx.gate.slots.publish([new])
            found = tx.gate.slots.at(new.terminal, new.direction, new.starts_at)
            row: SlotRow = next(each for each in found if each.box == new.box)
            for _ in range(used):
                tx.gate.slots.take(row.id)
            return row.id

        return str(self.bench.write(work))

    def call(self, **said: Any) -> None:
        """What the schedule says of the voyage at T1."""
        about = {"terminal": "T1", "vessel": SHIP, "name": "MADE UP", "voyage": VOYAGE}
        values = {name: value for name, value in said.items() if value is not None}
        more = {"source": "schedule", "partner": "AGENT"}
        self.bench.write(lambda tx: tx.gate.calls.put({**about, **values, **more}, None))

    def facts(self, keys: dict[str, Any], container: str) -> None:
        """Facts under the box's number, as other services tell them."""

        def work(tx: Any) -> None:
            for kind, value in keys.items():
                tx.gate.fact(kind, container, "true" if value else "", "test")

        self.bench.write(work)

    def row(self, appointment: str) -> Any:
        return self.bench.read(lambda tx: tx.gate.appointments.find(appointment))

    def used(self, slot: str) -> int:
        return int(self.bench.read(lambda tx: tx.gate.slots.find(slot).used))

    def told(self, partner: str) -> list[tuple[str, str]]:
        """(event type, state in the body) of the notices in a partner's mailbox, oldest first."""
        rows = self.bench.read(lambda tx: tx.deliveries.waiting(partner, 200).rows)
        mine = [row for row in rows if row.subject_kind == "notice"]
        return [(row.event_type, json.loads(row.body)["state"]) for row in mine]

    async def feed(
        self, type_: str, header: dict[str, Any], *parts: dict[str, Any], sender: str = "agent"
    ) -> Any:
        """A document of canonical JSON, received, translated and decided; the document's row."""
        self.counted += 1
        name = f"{self.counted:03}-{type_}"
        header = {"message_type": type_.upper()[:20], **header}
        kind = DOCUMENT_TYPES[type_]
        head = kind.header.model_validate_json(json.dumps(header))
        models = [kind.part.model_validate_json(json.dumps(part)) for part in parts]
        keys = [kind.part_key(head, model) for model in models]
        staged = tuple(
            (
                1,
                StagedPart(
                    ordinal,
                    json.dumps(key),
                    model.model_dump_json(exclude_unset=True),
                    "[]",
                    0,
                    tuple(kind.search_keys(head, model)),
                ),
            )
            for ordinal, (key, model) in enumerate(zip(keys, models, strict=True), 1)
        )
        document = StagedDocument(
            ordinal=1,
            type=type_,
            format=f"{type_}/canonical-json",
            versions="{}",
            function=head.function.value,
            message_type=head.message_type,
            message_reference=None,
            created_wall=None,
            header=head.model_dump_json(exclude_unset=True),
            key=json.dumps(kind.document_key(head, models[0])),
        )
        one = arrival(
            name.encode(),
            account=sender,
            partner=sender.upper(),
            order_key=f"{sender}/{type_}",
            received_at=self.bench.clock.at,
        )

        def work(tx: Any) -> str:
            interchange = tx.interchanges.receive(one).interchange
            attempt = tx.interchanges.begin_attempt(interchange)
            tx.interchanges.stage(interchange, attempt, Batch((document,), staged))
            end = ending(sender=None, reference=None)
            tx.interchanges.translated(interchange, 1, attempt, end)
            return str(interchange)

        interchange = self.bench.write(work)
        await self.decide().run(interchange, 1)
        return self.bench.read(lambda tx: tx.documents.find(f"{interchange}-1"))

    def decide(self) -> Decide:
        counsel = Counsel(self.service.advisers(), self.service.effects())
        answering = Answering(self.directory, WRITERS, "US")
        return Decide(self.store, self.directory, self.bench.clock, answering, counsel)

    def findings(self, document: Any) -> list[dict[str, Any]]:
        """Of the document's last decision."""
        decisions = self.bench.read(lambda tx: tx.documents.decisions(document.id))
        return list(decisions[-1].findings)

    async def events(self) -> int:
        """Bring every event of the gate to its step; how many."""
        (step,) = self.service.steps(self.store).values()
        rows = self.bench.read(lambda tx: tx.outbox.take(1000))
        mine = [row for row in rows if row.stage == "gate"]
        for row in mine:
            await step.run(row.subject, row.revision)
        self.bench.write(lambda tx: tx.outbox.done([row.id for row in mine]))
        return len(mine)

    async def tick(self, to: datetime) -> None:
        """The clock stands there now, and timers have fired."""
        self.bench.clock.at = to
        job = TimerJob(self.store, self.bench.clock, self.service.timers(), "tests")
        await job.once()

    def client(self, account_name: str) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {api_key(account_name)}"}
        made = client_at(self.base, headers=headers, timeout=30)
        self.clients.append(made)
        return made

    @asynccontextmanager
    async def http(self) -> AsyncIterator[None]:
        """Serve on loopback for the length of a block."""
        store = self.store
        made = ParcelMaker(store, "TEST", self.directory).make

        async def health() -> dict[str, str]:
            return {}

        async def checker(*_: object) -> dict[str, Any]:
            return {}

        ports = HttpPorts(
            intake=Intake(store, self.bench.clock, lambda name, _head: name, 10_000, 10),
            store=store,
            directory=self.directory,
            mailbox=Mailbox(store, self.directory, made),
            clock=self.bench.clock,
            health=health,
            checker=checker,
            gate=self.desk,
        )
        terms = HttpSettings(port=0, drain_seconds=1, requests_per_second=None)
        listener = await serve_http(build_app(ports, terms), terms)
        self.base = f"http://{HOST}:{listener.port}"
        try:
            yield
        finally:
            for each in self.clients:
                await each.aclose()
            self.clients.clear()
            await listener.close()


async def gate_world(bench: Bench, **of_fleet: Any) -> GateWorld:
    """Partners are applied, the clock stands at 2026-11-28 10:00 of the port."""
    bench.clock.at = at("2026-11-28 10:00")
    directory = PartnerDirectory(bench.stores[0])
    desk = Desk(clock=bench.clock, directory=directory, policies=policy())
    world = GateWorld(bench, desk, directory)
    await world.apply(*partners(**of_fleet))
    return world
