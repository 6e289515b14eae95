"""A port of many machines in one folder: Kafka, PostgreSQL and every kind of process, all real.

The same senders, terminal and checker as for one machine; only the gateway is many processes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from tests import services
from tests.crash import checker
from tests.crash.clients import Ledger, Told
from tests.crash.configuration import TERMINAL, Site
from tests.crash.files import Sample
from tests.crash.gateway_process import GatewayProcess
from tests.crash.terminal import (
    PARTNER_PASSWORD,
    Effect,
    MailboxReader,
    PartnerServer,
    Receiver,
    folder_effects,
)
from tests.kafka.server import Kafka

# Two of each that may be many; one listener each, for both share a port with their successor.
ROLES: Final = {"api": 1, "sftp": 1, "relay": 2, "worker": 2, "deliver": 2, "poll": 2}
_LEGS: Final = (*checker.LEGS, "ship")
_LOOK_SECONDS: Final = 0.2


@dataclass(slots=True)
class ManySite(Site):
    """A site whose database is no file."""

    @property
    def database(self) -> Path:
        return self.folder / "data" / "none"


@dataclass(slots=True)
class Process(GatewayProcess):
    """`gateway <role>` with an admin listener of its own."""

    role: str = "run"
    number: int = 0
    port: int = field(default_factory=services.free_port)

    @property
    def name(self) -> str:
        return f"{self.role}-{self.number}"

    def spawn(self, crash_at: str = "") -> None:
        assert not self.alive
        self._runs += 1
        self.environment = {"GATEWAY_HTTP_ADMIN_PORT": str(self.port)}
        with self._log(f"{self.name}-{self._runs:05d}").open("wb") as log:
            self._process = subprocess.Popen(
                self.command(self.role),
                cwd=self.site.folder,
                env=self._environment(crash_at),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log_text(self) -> str:
        path = self._log(f"{self.name}-{self._runs:05d}")
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def health(self, path: str) -> tuple[int, Any]:
        return self.ask(f"http://127.0.0.1:{self.port}{path}")


@dataclass(slots=True)
class Postgres(services.Postgres):
    """A cluster that can die and come back."""

    def die(self) -> None:
        """As a power cut would: no farewell, recovery at the next start."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def come_back(self) -> None:
        """On its port, with its data."""
        initdb = services.require("postgres")
        self._serve(initdb.parent / "postgres", services._unprivileged())


@dataclass(slots=True)
class Machines:
    """Everything, running."""

    site: Site
    kafka: Kafka
    postgres: Postgres
    url: str
    receiver: Receiver
    box: MailboxReader
    ship: PartnerServer
    processes: dict[str, Process]
    restarted: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """All processes, and wait until each is ready."""
        for process in self.processes.values():
            process.spawn()
        for process in self.processes.values():
            await asyncio.to_thread(process.wait_ready, 90)

    async def keep(self) -> None:
        """Start again what has ended by itself, as `restart: unless-stopped` does."""
        while True:
            for process in self.processes.values():
                if process.returncode not in (None, -signal.SIGKILL):
                    self.restarted.append(f"{process.name}: {process.returncode}")
                    process.spawn()
            await asyncio.sleep(1)

    def of(self, role: str) -> list[Process]:
        return [each for each in self.processes.values() if each.role == role]

    def offer(self, sample: Sample) -> Told:
        """A file on the polled server; told is who sees it moved to the archive."""
        path = self.ship.root / "out" / sample.name
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(sample.data)
        part.rename(path)
        names = (sample.number, sample.name, sample.kind, sample.token, sample.sha256)
        return Told(*names, "poll", None, 1, time.time())

    def polled(self) -> set[str]:
        """The SHA-256 of what has been taken from the polled server."""
        archive = self.ship.root / "archive"
        return {hashlib.sha256(each.read_bytes()).hexdigest() for each in archive.iterdir()}

    def ask(self, query: str) -> int:
        """One number from the database."""
        with psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=2) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def unfinished(self) -> int:
        """What still has to move."""
        return self.ask(
            "SELECT (SELECT count(*) FROM outbox)"
            " + (SELECT count(*) FROM interchange WHERE state IN ('received', 'translated'))"
            " + (SELECT count(*) FROM delivery WHERE state IN ('due', 'leased', 'blocked')"
            f" OR (state = 'waiting' AND partner = '{TERMINAL}'))"
        )

    async def drain(self, seconds_max: float) -> float:
        """Until nothing moves; seconds.  The verdict judges a time-out."""
        started = time.monotonic()
        while time.monotonic() - started < seconds_max:
            if not await asyncio.to_thread(self.unfinished):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return time.monotonic() - started

    def effects(self) -> list[Effect]:
        return [
            *self.receiver.effects(),
            *folder_effects(self.site.folder_leg),
            *self.box.effects,
            *folder_effects(self.ship.root / "in", "ship"),
        ]

    def verdict(self, ledger: Ledger) -> checker.Verdict:
        """The three ledgers compared, and what no ledger shows."""
        ledger.write(self.site.folder / "senders.jsonl")
        verdict = checker.check(ledger.told, read(self.url), self.effects(), _LEGS)
        verdict.corrupt += [f"strange answer: {line}" for line in ledger.strange]
        tracebacks = next(iter(self.processes.values())).tracebacks()
        verdict.corrupt += [f"traceback in {line}" for line in tracebacks]
        verdict.corrupt += [f"mailbox file changed: {name}" for name in self.box.changed]
        if self.receiver.conflicts():
            verdict.corrupt.append(f"push: {self.receiver.conflicts()} conflicts")
        return verdict


def read(url: str) -> checker.GatewayLedger:
    """The gateway's database in one snapshot, read only."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = lambda query: connection.execute(query).fetchall()  # noqa: E731
        return checker.GatewayLedger(
            [
                checker.Interchange(*row)
                for row in rows(
                    "SELECT id, sha256, state, outcome, resend_of, name FROM interchange"
                )
            ],
            [
                checker.Delivery(*row)
                for row in rows(
                    "SELECT id, interchange, route, state, subject_kind, attempts FROM delivery"
                )
            ],
            [
                checker.DeadLetter(*row)
                for row in rows("SELECT stage, subject, code, trace, state FROM dead_letter")
            ],
            rows("SELECT count(*) FROM outbox")[0][0],
        )


@asynccontextmanager
async def machines(
    folder: Path, more: Callable[[Site], None] = lambda _: None
) -> AsyncIterator[Machines]:
    """Everything prepared and the servers running; the gateway's processes not yet started."""
    services.require("kafka")
    postgres = await asyncio.to_thread(Postgres.start, services.require("postgres"))
    kafka = await asyncio.to_thread(Kafka.start)
    receiver = Receiver(folder, "")
    ship = PartnerServer(folder / "partner")
    processes: dict[str, Process] = {}
    try:
        assert isinstance(postgres, Postgres)
        url = postgres.url(postgres.create())
        site = _site(folder, url, kafka)
        receiver = Receiver(folder, site.secret)
        receiver.start()
        await ship.start()
        partner = site.sftp_partner(ship.port, ship.host_key, PARTNER_PASSWORD)
        site.add_agent(polls=[site.poll(partner)])
        site.add_terminal(receiver.port, site.ship(partner))
        more(site)
        await asyncio.to_thread(GatewayProcess(site).prepare)
        made = [Process(site, role=r, number=n) for r, count in ROLES.items() for n in range(count)]
        processes = {each.name: each for each in made}
        async with MailboxReader(site, site.terminal) as box:
            yield Machines(site, kafka, postgres, url, receiver, box, ship, processes)
    finally:
        for process in processes.values():
            process.close()
        receiver.kill()
        await ship.stop()
        kafka.stop()
        postgres.stop()


def _site(folder: Path, url: str, kafka: Kafka) -> Site:
    settings = {
        "store": {"url": url},
        # A worker that dies between an event's end and its record leaves it published: soon again.
        "kafka": {"servers": [kafka.servers], "partitions": 6, "again_seconds": 45},
        "parser": {"children": 1},
    }
    return ManySite(folder, settings=settings)


def freeze(process: Process) -> None:
    os.killpg(process.pid, signal.SIGSTOP)


def thaw(process: Process) -> None:
    os.killpg(process.pid, signal.SIGCONT)
