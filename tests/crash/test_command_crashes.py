"""R-05: commands that die at a named point are resumable or rolled back, never half.

Each command dies at each of its points, is run again, and must then have done its work; the
gateway that runs beside it, or starts after it, has lost nothing.
"""

from __future__ import annotations

import asyncio
import json
import signal

import pytest

from tests.crash.checker import read_gateway
from tests.crash.clients import Senders
from tests.crash.configuration import Site
from tests.crash.files import sample
from tests.crash.gateway_process import GatewayProcess
from tests.crash.test_crash_points import points_of
from tests.crash.world import running, world

SEED = 20261126
KILLED = (-signal.SIGKILL,)
pytestmark = [pytest.mark.reliability, pytest.mark.timeout(240)]


def test_migrate(tmp_path):
    """From nothing to the schema, whatever died in between."""
    for number, point in enumerate(points_of("migrate")):
        site = Site(tmp_path / str(number))
        site.write()
        gateway = GatewayProcess(site)
        gateway.run("migrate", crash_at=f"{point}:1", expect=KILLED)
        gateway.run("migrate")
        gateway.run("partners", "apply")
        assert read_gateway(site.database).faults == []


async def test_partners_apply(tmp_path):
    """All of the change or none of it; the running gateway goes on."""
    async with running(tmp_path) as port, Senders(port.site, SEED) as senders:
        for number, point in enumerate(points_of("partners")):
            before = await _names(port)
            for partner in port.site.partners.values():
                partner["name"] = f"Renamed {number}"
            port.site.write()
            died = {"crash_at": f"{point}:1", "expect": KILLED}
            await asyncio.to_thread(port.gateway.run, "partners", "apply", **died)
            assert await _names(port) in (before, {f"Renamed {number}"}), "half of it"
            await asyncio.to_thread(port.gateway.run, "partners", "apply")
            assert await _names(port) == {f"Renamed {number}"}
            senders.feed(sample(number * 10 + each) for each in range(6))
            await senders.done()
        await port.drain()
        port.verdict(senders.ledger).demand_clean()


async def _names(port):
    listed = await asyncio.to_thread(port.gateway.run, "partners", "list", "--json")
    partners = [json.loads(line) for line in listed.stdout.splitlines()]
    return {each["name"] for each in partners if each["code"] in port.site.partners}


async def test_backup_and_restore(tmp_path):
    """A backup that died is no backup; the next one is whole, and so is what comes back from it."""
    async with running(tmp_path / "port") as port, Senders(port.site, SEED) as senders:
        senders.feed(sample(number) for number in range(12))
        await senders.done()
        await port.drain()
        for number, point in enumerate(points_of("backup")):
            folder = str(tmp_path / f"backup-{number}")
            died = {"crash_at": f"{point}:1", "expect": KILLED}
            await asyncio.to_thread(port.gateway.run, "backup", folder, **died)
            await asyncio.to_thread(port.gateway.run, "backup", folder)
            for restore in points_of("restore"):
                site = Site(tmp_path / f"restored-{number}-{restore}")
                site.write()
                again = GatewayProcess(site)
                died = {"crash_at": f"{restore}:1", "expect": KILLED}
                await asyncio.to_thread(again.run, "restore", folder, **died)
                await asyncio.to_thread(again.run, "restore", folder)
                _same(port.site, site, senders)
        port.verdict(senders.ledger).demand_clean()


def _same(original: Site, restored: Site, senders: Senders) -> None:
    before, after = read_gateway(original.database), read_gateway(restored.database)
    assert after.faults == []
    assert [i.id for i in after.interchanges] == [i.id for i in before.interchanges]
    assert [d.id for d in after.deliveries] == [d.id for d in before.deliveries]
    bodies = {path.name for path in (restored.folder / "data").rglob("objects/*/*")}
    large = {t.sha256 for t in senders.ledger.told if t.number % 100 == 7}
    assert bodies == large


async def test_replay(tmp_path):
    """Dead letters are replayed once each, however often the command dies on its way."""
    async with world(tmp_path) as port:
        await port.start_gateway("translate.leased:1:raise")
        async with Senders(port.site, SEED) as senders:
            senders.feed(sample(number) for number in range(6))
            await senders.done()
        await port.drain()
        assert len(read_gateway(port.site.database).dead_letters) == 6
        await asyncio.to_thread(port.gateway.stop)
        await port.start_gateway()
        for point in points_of("replay"):
            died = {"crash_at": f"{point}:2", "expect": KILLED}
            await asyncio.to_thread(port.gateway.run, "replay", "dead-letters", **died)
        await asyncio.to_thread(port.gateway.run, "replay", "dead-letters")
        await port.drain()
        verdict = port.verdict(senders.ledger)
        verdict.demand_clean()
        assert verdict.buried == 0
