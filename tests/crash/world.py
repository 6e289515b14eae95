"""A whole port in one folder: agent, gateway, terminal with three legs, a verdict at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.crash import checker
from tests.crash.checker import Verdict
from tests.crash.clients import Ledger
from tests.crash.configuration import TERMINAL, Site
from tests.crash.gateway_process import GatewayProcess
from tests.crash.terminal import (
    PARTNER_PASSWORD,
    Effect,
    MailboxReader,
    PartnerServer,
    Receiver,
    folder_effects,
)

# What was under way when the last fault ended, and its retries.
DRAIN_SECONDS_MAX: Final = 60.0
_LOOK_SECONDS: Final = 0.1
# A part file that old is a leak, not work in progress.
_PART_SECONDS: Final = 24 * 3600


@dataclass(slots=True)
class World:
    """The parts, running."""

    site: Site
    gateway: GatewayProcess
    receiver: Receiver
    box: MailboxReader
    ship: PartnerServer | None = None

    @property
    def legs(self) -> tuple[str, ...]:
        return (*checker.LEGS, "ship") if self.ship else checker.LEGS

    async def start_gateway(self, crash_at: str = "") -> float:
        """In a thread, so that senders go on failing meanwhile."""
        return await asyncio.to_thread(self.gateway.start, crash_at)

    async def drain(self, seconds_max: float = DRAIN_SECONDS_MAX) -> float:
        """Until nothing moves and the mailbox is empty; seconds.  The verdict judges a time-out."""
        started = time.monotonic()
        while time.monotonic() - started < seconds_max:
            if not await asyncio.to_thread(checker.unfinished, self.site.database, TERMINAL):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return time.monotonic() - started

    def effects(self) -> list[Effect]:
        """All legs."""
        shipped = folder_effects(self.ship.root / "in", "ship") if self.ship else []
        return [
            *self.receiver.effects(),
            *folder_effects(self.site.folder_leg),
            *self.box.effects,
            *shipped,
        ]

    def verdict(self, ledger: Ledger) -> Verdict:
        """The three ledgers compared, and what no ledger shows: logs, leftovers, changed files."""
        ledger.write(self.site.folder / "told.jsonl")
        verdict = checker.check(
            ledger.told, checker.read_gateway(self.site.database), self.effects(), self.legs
        )
        verdict.corrupt += [f"strange answer: {line}" for line in ledger.strange]
        verdict.corrupt += [f"traceback in {line}" for line in self.gateway.tracebacks()]
        verdict.corrupt += [f"mailbox file changed: {name}" for name in self.box.changed]
        if self.receiver.conflicts():
            verdict.corrupt.append(f"push: {self.receiver.conflicts()} conflicts")
        since = time.time() - _PART_SECONDS
        old = checker.leftovers(self.site.folder / "data", since)
        verdict.corrupt += [f"left over: {path.name}" for path in old]
        return verdict


@asynccontextmanager
async def world(
    folder: Path,
    with_ship: bool = False,
    more: Callable[[Site], None] = lambda _: None,
    **settings: Any,
) -> AsyncIterator[World]:
    """Everything prepared, receiver and mailbox reader running, the gateway not yet started.

    `more` may add partners or change them; settings are sections of gateway.toml.
    """
    site = Site(folder, settings=dict(settings))
    receiver = Receiver(folder, site.secret)
    receiver.start()
    gateway = GatewayProcess(site)
    ship = PartnerServer(folder / "partner") if with_ship else None
    try:
        await _partners(site, receiver, ship)
        more(site)
        await asyncio.to_thread(gateway.prepare)
        async with MailboxReader(site, site.terminal) as box:
            yield World(site, gateway, receiver, box, ship)
    finally:
        gateway.close()
        receiver.kill()
        if ship is not None:
            await ship.stop()


async def _partners(site: Site, receiver: Receiver, ship: PartnerServer | None) -> None:
    if ship is None:
        site.add_agent()
        site.add_terminal(receiver.port)
        return
    await ship.start()
    partner = site.sftp_partner(ship.port, ship.host_key, PARTNER_PASSWORD)
    site.add_agent(polls=[site.poll(partner)])
    site.add_terminal(receiver.port, site.ship(partner))


@asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """As `world`, with the gateway ready; at the end it stops politely, within its time."""
    async with world(folder, **settings) as everything:
        await everything.start_gateway()
        yield everything
        await asyncio.to_thread(everything.gateway.stop)
