"""R-01: the whole gateway is killed at random moments while files come in and go out.

Seeded.  In CI, where all servers are demanded, at the row's size; a developer's run is shorter;
`make reliability` is the full one.  What was seen is printed (`pytest -rP`) and kept as properties.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import time

import pytest

from tests import services
from tests.crash.clients import Senders
from tests.crash.files import sample
from tests.crash.world import World, world

SEED = 20261121
# reliability.md, R-01: 20 ms to 3 s, mostly short, so that most kills meet work in progress.
SLEEP_SECONDS = (0.02, 3.0)
RESTART_SECONDS_GOAL = 3.0
RETRANSMISSIONS_SHARE_GOAL = 0.01
ORPHAN_SECONDS_MAX = 5.0


def size() -> tuple[int, int]:
    """(kills, files)."""
    if services.full_size():
        return 2_000, 100_000
    return (100, 5_000) if services.required() else (3, 60)


@pytest.mark.reliability
@pytest.mark.timeout(5_400 if services.full_size() else 1_200)
@pytest.mark.xdist_group("kill")
async def test_kill_at_random_moments(tmp_path, record_property):
    kills, files = size()
    seed = int(os.environ.get("GATEWAY_SEED", SEED))
    chance = random.Random(seed)
    async with world(tmp_path) as port:
        began = time.monotonic()
        async with Senders(port.site, seed) as senders:
            numbers = iter(range(files))
            for kill in range(kills):
                await port.start_gateway()
                share = files * (kill + 1) // kills - files * kill // kills
                senders.feed(sample(next(numbers)) for _ in range(share))
                await asyncio.sleep(_moment(chance))
                port.gateway.kill(whole_group=kill % 4 != 0)
                if kill % 4 == 0:
                    await _no_orphans(port)
            await port.start_gateway()
            async with asyncio.timeout(300):
                await senders.done()
        drained = await port.drain(120)
        stopped = await asyncio.to_thread(port.gateway.stop)
        verdict = port.verdict(senders.ledger)
        restarts = sorted(port.gateway.starts[1:])
        sent_again = port.receiver.retransmissions() + port.box.repeats
        figures = {
            "seed": seed,
            "kills": kills,
            "files told OK": verdict.told,
            "effects": verdict.effects,
            "lost": len(verdict.lost),
            "duplicates": len(verdict.duplicates),
            "broken tries of senders": senders.ledger.broken_tries,
            "retransmissions suppressed": sent_again,
            "restart to ready, median s": round(restarts[len(restarts) // 2], 2),
            "restart to ready, max s": round(restarts[-1], 2),
            "drained in s": round(drained, 1),
            "stopped in s": round(stopped, 1),
            "whole run s": round(time.monotonic() - began, 1),
        }
        for name, value in figures.items():
            record_property(name, value)
            print(f"{name:32} {value}")
        verdict.demand_clean()
        assert verdict.told == files
        # Every kill may repeat what was in flight; the goal of 1 % is for a quiet port.
        assert sent_again <= kills * 64
        assert restarts[len(restarts) // 2] <= RESTART_SECONDS_GOAL * _slack()
        assert senders.ledger.broken_tries > 0, "no kill ever met a sender: the test proves nothing"


def _moment(chance: random.Random) -> float:
    low, high = map(math.log, SLEEP_SECONDS)
    return math.exp(chance.uniform(low, high))


def _slack() -> int:
    """Deadlines are three times the goal where the suite shares two cores."""
    return 1 if services.full_size() else 3


async def _no_orphans(port: World) -> None:
    """Parser children end by themselves when their gateway has died."""
    left = await asyncio.to_thread(port.gateway.orphans, ORPHAN_SECONDS_MAX)
    assert left == []


@pytest.mark.timeout(90)
@pytest.mark.xdist_group("kill")
async def test_a_polite_stop_drains_what_is_under_way(tmp_path):
    """SIGTERM while files come in: exit code 0, no broken promise, all is there after a restart."""
    async with world(tmp_path) as port:
        await port.start_gateway()
        async with Senders(port.site, SEED) as senders:
            senders.feed(sample(number) for number in range(60))
            await asyncio.sleep(0.4)
            await asyncio.to_thread(port.gateway.stop)
            assert port.gateway.returncode == 0
            await port.start_gateway()
            async with asyncio.timeout(60):
                await senders.done()
        await port.drain()
        port.verdict(senders.ledger).demand_clean()
