"""The two inbound adapters on a real store: SQLite in a folder of the test's own, real sockets."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.adapters.http import (
    HttpPorts,
    HttpSettings,
    build_admin_app,
    build_app,
    serve_admin,
    serve_http,
)
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.sftp_server import SftpListener, SftpSettings, host_key, serve_sftp
from gateway.adapters.sftp_server.password import hash_password
from gateway.canonical.partner import Account, Partner, Route
from gateway.pipeline.directory import KEY_PREFIX_CHARACTERS, PartnerDirectory
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.receive import Intake
from gateway.pipeline.rows import NewDelivery
from gateway.store import migrate, open_store

HOST = "127.0.0.1"
PASSWORD = "correct horse"
LIMIT = 300_000


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@cache
def migrated() -> bytes:
    """An empty database at this release's schema; migrating anew for each test takes longer."""
    with tempfile.TemporaryDirectory(prefix="gateway-template-") as folder:
        migrate(f"sqlite:///{folder}/gateway.sqlite")
        return (Path(folder) / "gateway.sqlite").read_bytes()


def api_key(account: str) -> str:
    """An opaque key; the account's file has its prefix and hash."""
    return f"{account:-<{KEY_PREFIX_CHARACTERS}}".upper() + "k3y-of-a-test"


def account(name: str, **terms: Any) -> Account:
    key = api_key(name)
    entry = f"{key[:KEY_PREFIX_CHARACTERS]}:{hashlib.sha256(key.encode()).hexdigest()}"
    terms.setdefault("password_hash", password_hash())
    return Account(name=name, api_keys=(entry,), **terms)


def partners(**of_agent: Any) -> list[Partner]:
    """An agent with two accounts, another agent, and the port's own operator."""
    mailbox = (Route(name="box", kind="mailbox"),)
    return [
        Partner(
            code="AGENT",
            name="Agent",
            routes=mailbox,
            accounts=(
                account("agent", **of_agent),
                account("small", quota_files_per_day=2),
            ),
        ),
        Partner(code="OTHER", name="Other", routes=mailbox, accounts=(account("other"),)),
        Partner(code="PORT", name="Port", accounts=(account("operator", operator=True),)),
    ]


@dataclass
class World:
    """A store with partners, and what listens in front of it."""

    folder: Path
    store: Any
    clock: SystemClock
    directory: PartnerDirectory
    intake: Intake
    mailbox: Mailbox
    checked: list[Any] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    async def apply(self, *changed: Partner) -> None:
        await self.store.write(lambda tx: tx.partners.apply(changed, "test"))
        await self.directory.refresh()

    async def rows(self) -> list[Any]:
        """Everything received, oldest first."""
        page = await self.store.read(lambda tx: tx.interchanges.page(None, None, 10_000))
        return page.rows[::-1]

    async def body(self, row: Any) -> bytes:
        whole = await self.store.read(lambda tx: tx.interchanges.find(row.id))
        if whole.inline is not None:
            return whole.inline
        return b"".join(self.store.archive.read(whole.archive_ref))

    def leftovers(self) -> list[str]:
        """Files in the archive's work folder: bytes of uploads that are neither kept nor gone."""
        return [path.name for path in (self.folder / "archive" / "work").iterdir()]

    async def deliver(self, name: str, body: bytes, partner: str = "AGENT") -> None:
        """Put an answer into a mailbox."""
        delivery = NewDelivery(
            id=f"{name}-box-1",
            partner=partner,
            route="box",
            kind="mailbox",
            lane=f"{partner}/box/{name}",
            subject_kind="answer",
            subject=name,
            interchange=name,
            event_type="port.answer",
            file_name=f"{name}-box-1.json",
            content_type="application/json",
            body=body,
            due_at=self.clock.now(),
        )
        await self.store.write(lambda tx: tx.deliveries.add([delivery]))

    @asynccontextmanager
    async def sftp(self, **settings: Any) -> AsyncIterator[SftpListener]:
        key = self.folder / "host_key"
        host_key.make(key)
        terms = SftpSettings(host_keys=(key,), port=0, drain_seconds=1.0, **settings)
        listener = await serve_sftp(
            self.intake, self.store, self.directory, self.mailbox, self.clock, terms
        )
        try:
            yield listener
        finally:
            await listener.close()

    def ports(self) -> HttpPorts:
        async def checker(body: bytes | Path, name: str, partner: Partner | None) -> dict[str, Any]:
            content = body if isinstance(body, bytes) else body.read_bytes()  # noqa: ASYNC240
            code = partner.code if partner else None
            self.checked.append((type(body).__name__, len(content), name, code))
            return {"file": name, "findings": []}

        async def health() -> dict[str, str]:
            return self.wrong

        return HttpPorts(
            intake=self.intake,
            store=self.store,
            directory=self.directory,
            mailbox=self.mailbox,
            clock=self.clock,
            health=health,
            checker=checker,
        )

    @asynccontextmanager
    async def http(self, **settings: Any) -> AsyncIterator[int]:
        terms = HttpSettings(**{"port": 0, "drain_seconds": 1} | settings)
        listener = await serve_http(build_app(self.ports(), terms), terms)
        try:
            yield listener.port
        finally:
            await listener.close()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[int]:
        terms = HttpSettings(admin_port=0, drain_seconds=1)
        listener = await serve_admin(build_admin_app(self.ports(), terms), terms)
        try:
            yield listener.port
        finally:
            await listener.close()


@asynccontextmanager
async def world_in(folder: Path, **of_agent: Any) -> AsyncIterator[World]:
    """A fresh store; `of_agent` are terms of the account `agent`."""
    url = f"sqlite:///{folder}/gateway.sqlite"
    (folder / "gateway.sqlite").write_bytes(migrated())
    clock = SystemClock()
    store = open_store(url, FolderArchive(folder / "archive"), clock, "test")
    directory = PartnerDirectory(store)
    intake = Intake(store, clock, lambda account, _head: f"{account}/test", LIMIT, 50)
    mailbox = Mailbox(store, directory, ParcelMaker(store, "TEST").make)
    world = World(folder, store, clock, directory, intake, mailbox)
    try:
        await world.apply(*partners(**of_agent))
        yield world
    finally:
        await store.close()
