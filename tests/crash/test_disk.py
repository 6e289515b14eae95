"""R-07, R-10: a full disk refuses uploads with a reason, says so, goes on when there is room."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import count

import pytest

from tests import services
from tests.crash.clients import Senders
from tests.crash.files import STAGED_BILLS, manifest, sample
from tests.crash.world import DRAIN_SECONDS_MAX, running

SEED = 20261124
# Goals of R-10, times three in a suite that shares its cores.
UNREADY_SECONDS_MAX = 5.0 * 3
BACK_SECONDS_MAX = 10.0 * 3
REFUSED_SECONDS_MAX = 40.0
SIZE_MIB = 64


@contextmanager
def small_disk(folder):
    """A tmpfs of its own; the test is skipped where this user may not mount."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder) -> None:
    """Take every byte that is left."""
    with (folder / "filler.part").open("wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                continue


PLACES = {
    "database": lambda disk: {"store": {"url": f"sqlite:///{disk}/gateway.sqlite"}},
    "archive": lambda disk: {"store": {"archive": str(disk)}},
    "everything": lambda disk: {
        "store": {"url": f"sqlite:///{disk}/gateway.sqlite", "archive": str(disk / "archive")}
    },
}


@pytest.mark.reliability
@pytest.mark.timeout(180)
@pytest.mark.parametrize("place", PLACES)
async def test_a_full_disk_refuses_and_recovers(place, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        async with running(tmp_path / "port", **PLACES[place](disk)) as port:
            async with Senders(port.site, SEED) as senders:
                senders.feed(sample(number) for number in range(10))
                await senders.done()
                fill(disk)
                await _refused(senders)
                await _status(port, 503, UNREADY_SECONDS_MAX)
                assert port.gateway.health("/livez")[0] == 200
                (disk / "filler.part").unlink()
                await _status(port, 200, BACK_SECONDS_MAX)
                async with asyncio.timeout(60):
                    await senders.done()
            await port.drain()
            port.verdict(senders.ledger).demand_clean()


async def _refused(senders):
    """Send until somebody is refused: what the log has allocated before still takes some."""
    ends = time.monotonic() + REFUSED_SECONDS_MAX
    before = senders.ledger.broken_tries
    numbers = count(1_000)
    senders.feed(manifest(next(numbers), bills=STAGED_BILLS) for _ in range(4))
    while senders.ledger.broken_tries == before:
        assert time.monotonic() < ends, "everything is accepted on a full disk"
        senders.feed(manifest(next(numbers)) for _ in range(20))
        await asyncio.sleep(0.5)


async def _status(port, wanted, seconds_max):
    ends = time.monotonic() + seconds_max
    while True:
        status, body = await asyncio.to_thread(port.gateway.health, "/readyz")
        if status == wanted:
            break
        assert time.monotonic() < ends, f"/readyz still says {status}: {body}"
        await asyncio.sleep(0.1)
    if wanted == 503:
        assert body, "/readyz does not say why"


@pytest.mark.reliability
@pytest.mark.timeout(120)
async def test_a_full_folder_of_a_partner_delays_only_its_own_leg(tmp_path):
    folder = tmp_path / "port" / "data" / "folders" / "terminal"
    with small_disk(folder) as disk:
        disk.chmod(0o755)
        async with running(tmp_path / "port") as port, Senders(port.site, SEED) as senders:
            fill(disk)
            senders.feed(sample(number) for number in range(20))
            await senders.done()
            await _arrived(port, {"push", "box"}, 20)
            assert not any(effect.leg == "drop" for effect in port.effects())
            (disk / "filler.part").unlink()
            await port.drain()
            port.verdict(senders.ledger).demand_clean()


async def _arrived(port, legs, count):
    ends = time.monotonic() + DRAIN_SECONDS_MAX
    while True:
        found = [effect.leg for effect in port.effects()]
        if all(found.count(leg) == count for leg in legs):
            return
        assert time.monotonic() < ends, found
        await asyncio.sleep(0.2)


@pytest.mark.reliability
@pytest.mark.timeout(180)
async def test_a_foreign_lock_is_waited_out(tmp_path):
    """R-15: another process holds the write lock; no client ever hears of it."""
    seconds = services.sized(4, 30)
    async with running(tmp_path) as port, Senders(port.site, SEED) as senders:
        senders.feed(sample(number) for number in range(20))
        holder = await asyncio.to_thread(_hold_lock, port.site.database, seconds)
        senders.feed(sample(number) for number in range(20, 60))
        assert await asyncio.to_thread(holder.wait, seconds + 30) == 0
        async with asyncio.timeout(60):
            await senders.done()
        await port.drain()
        port.verdict(senders.ledger).demand_clean()
        wal = port.site.database.with_name(port.site.database.name + "-wal")
        assert wal.stat().st_size <= 256 * 1024 * 1024


def _hold_lock(database, seconds):
    """A process of its own, as any other program would: returns once it holds the lock."""
    code = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
        "time.sleep(float(sys.argv[2])); c.execute('ROLLBACK')\n"
    )
    command = [sys.executable, "-c", code, str(database), str(seconds)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    holder.stdout.close()
    return holder
