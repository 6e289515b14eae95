"""R-04, R-09, R-16, R-29 on Kafka and PostgreSQL: each kind of process, the broker and the database
are killed while files come in and go out, and processes are frozen until others have taken over.

Seeded.  In CI, where all servers are demanded, at the row's size; a developer's run is shorter.
"""

from __future__ import annotations

import asyncio
import os
import random
import time

import pytest

from tests import services
from tests.crash.clients import Senders
from tests.crash.files import sample
from tests.crash.machines import ROLES, Machines, freeze, machines, thaw

SEED = 20261122
SERVERS = ("kafka", "postgres")
# Longer than a lease (10 s) and a session (6 s): others have taken over when it wakes up.
FROZEN_SECONDS = 30.0 if services.required() or services.full_size() else 12.0
# R-29, times the three that a loaded machine is given.
TAKEOVER_SECONDS_MAX = 15.0 * 3
FROZEN_ROLES = ("worker", "relay", "deliver")


def size() -> tuple[int, int]:
    """(kills of each kind, files)."""
    if services.full_size():
        return 25, 5_000
    return (3, 500) if services.required() else (1, 120)


class Progress:
    """When documents were decided, to tell how long a kill kept them waiting."""

    def __init__(self, port: Machines) -> None:
        self._port = port
        self.seen: list[tuple[float, int]] = []

    async def run(self) -> None:
        query = "SELECT count(*) FROM interchange WHERE state NOT IN ('received', 'translated')"
        while True:
            try:
                count = await asyncio.to_thread(self._port.ask, query)
            except Exception:  # noqa: BLE001 - the database is killed too
                await asyncio.sleep(0.2)
                continue
            if not self.seen or self.seen[-1][1] != count:
                self.seen.append((time.monotonic(), count))
            await asyncio.sleep(0.1)

    def after(self, instant: float) -> float:
        """Seconds from then to the next decision."""
        return next((at - instant for at, _ in self.seen if at > instant), 0.0)


async def kill(port: Machines, what: str, turn: int) -> None:
    """Kill one, and bring it back."""
    if what == "kafka":
        port.kafka.kill()
        await asyncio.sleep(1)
        await asyncio.to_thread(port.kafka.serve)
    elif what == "postgres":
        await asyncio.to_thread(port.postgres.die)
        await asyncio.sleep(1)
        await asyncio.to_thread(port.postgres.come_back)
    else:
        several = port.of(what)
        process = several[turn % len(several)]
        process.kill()
        process.spawn()


async def freeze_one(port: Machines, role: str) -> None:
    """Stop a process that others take over from, and wake it up again (R-04)."""
    process = port.of(role)[-1]
    freeze(process)
    await asyncio.sleep(FROZEN_SECONDS)
    thaw(process)


@pytest.mark.reliability
@pytest.mark.timeout(5_000 if services.full_size() else 480)
@pytest.mark.xdist_group("machines")
async def test_every_process_and_server_is_killed(tmp_path, record_property):
    times, files = size()
    seed = int(os.environ.get("GATEWAY_SEED", SEED))
    chance = random.Random(seed)
    plan = [*ROLES, *SERVERS] * times
    chance.shuffle(plan)
    kills: list[tuple[str, float]] = []
    async with machines(tmp_path) as port:
        await port.start()
        began = time.monotonic()
        progress = Progress(port)
        watching = asyncio.create_task(progress.run())
        keeping = asyncio.create_task(port.keep())
        async with Senders(port.site, seed) as senders:
            numbers = iter(range(files))
            for turn, what in enumerate(plan):
                share = files * (turn + 1) // len(plan) - files * turn // len(plan)
                fresh = [sample(next(numbers)) for _ in range(share)]
                polled, sent = fresh[:2], fresh[2:]
                senders.ledger.told += [port.offer(each) for each in polled]
                senders.feed(sent)
                await asyncio.sleep(chance.uniform(0.1, 1.5))
                killed = time.monotonic()
                await kill(port, what, turn)
                # How long a server of others takes to start is not ours to answer for.
                kills.append((what, time.monotonic() if what in SERVERS else killed))
            frozen = [freeze_one(port, role) for role in FROZEN_ROLES]
            await asyncio.gather(*frozen)
            async with asyncio.timeout(120):
                await senders.done()
        drained = await port.drain(120)
        watching.cancel()
        keeping.cancel()
        whole = time.monotonic() - began
        async with asyncio.timeout(30):
            wanted = {each.sha256 for each in senders.ledger.told if each.channel == "poll"}
            while not wanted <= port.polled():  # noqa: ASYNC110 - a folder has no event
                await asyncio.sleep(0.2)
        for process in port.processes.values():
            await asyncio.to_thread(process.stop)
        verdict = port.verdict(senders.ledger)
        again = port.receiver.retransmissions() + port.box.repeats
        waits: dict[str, float] = {}
        for what, at in kills:
            waits[what] = max(waits.get(what, 0.0), progress.after(at))
        figures = {
            "seed": seed,
            "kills": len(kills),
            "ended by themselves": port.restarted,
            "frozen": len(FROZEN_ROLES),
            "files told OK": verdict.told,
            "effects": verdict.effects,
            "lost": len(verdict.lost),
            "duplicates": len(verdict.duplicates),
            "redeliveries suppressed": again,
            "share of redeliveries": round(again / max(1, verdict.effects), 4),
            "drained in s": round(drained, 1),
            "whole run s": round(whole, 1),
            **{f"longest wait after {k} s": round(v, 1) for k, v in sorted(waits.items())},
        }
        slow = {k: v for k, v in waits.items() if v > TAKEOVER_SECONDS_MAX}
        for name, value in figures.items():
            record_property(name, value)
            print(f"{name:32} {value}")
        verdict.demand_clean()
        assert verdict.told == files
        # At full size the next kill comes before the last one is over: waits add up there.
        assert services.full_size() or not slow, f"nothing decided for so long after a kill: {slow}"
