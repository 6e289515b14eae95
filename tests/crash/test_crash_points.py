"""R-02: the gateway dies once at every named point, and nothing is lost or doubled.

The points of one step share a world: the gateway is started with one point armed, work comes in
until it dies there, and the next start arms the next one.  The three ledgers are compared at the
end of each step.  A point that is never reached fails: it would prove nothing.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from gateway.pipeline import crash_points
from gateway.pipeline.crash_points import known
from tests import services
from tests.crash.clients import HttpSender, Senders, Told, TryAgain
from tests.crash.files import STAGED_BILLS, Sample, acknowledgement, manifest, sample
from tests.crash.gateway_process import GatewayDied
from tests.crash.world import World, world
from tests.services import REPO

SEED = 20261122
REACHED_SECONDS_MAX = 60.0
# Points of commands, which are run beside the gateway; and of a start or a stop of its own.
COMMAND_STEPS = ("partners", "migrate", "backup", "restore", "replay")
# Points of money: tests/crash/test_money_crash_points.py.
MONEY_STEPS = ("callback", "settle", "refund", "query")
STEPS = tuple(dict.fromkeys(name.partition(".")[0] for name in known()))
SERVING_STEPS = tuple(step for step in STEPS if step not in (*COMMAND_STEPS, *MONEY_STEPS))
KILLED = -signal.SIGKILL
# What a step needs to be reached at all.
SETTINGS = {
    "declare": {
        "fees": {"tariffs": ["CARGO_DUES"], "approver": "embedded", "filing_required": False}
    }
}


def points_of(step: str) -> list[str]:
    return [name for name in known() if name.partition(".")[0] == step]


# --- the points themselves ------------------------------------------------------------------------


def test_there_are_enough_points_and_each_says_what_holds_there():
    assert len(known()) >= 40
    assert all(crash_points.meaning(name) for name in known())


def _placed() -> Iterator[str]:
    """The names at which gateway/ calls crash_point; an f-string counts for all that it may say."""
    for path in (REPO / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "crash_point":
                yield from _names(node.args[0])


def _names(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr):
        texts = [p.value if isinstance(p, ast.Constant) else "*" for p in argument.values]
        head, _, tail = "".join(texts).partition("*")
        yield from (n for n in known() if n.startswith(head) and n.endswith(tail))


def test_every_known_point_is_placed_and_every_placed_one_is_known():
    placed = set(_placed())
    assert set(known()) - placed == set(), "known, but nowhere passed"
    assert placed - set(known()) == set(), "passed, but not known"


@pytest.mark.parametrize(
    "spec",
    ["nowhere:1", "stop.draining", "stop.draining:0", "stop.draining:x", "stop.draining:1:x"],
)
def test_a_misspelt_spec_is_refused(spec):
    with pytest.raises(ValueError, match="crash point"):
        crash_points.arm(spec)


@pytest.mark.parametrize(
    ("spec", "passings", "expected"),
    [
        ("stop.draining:3", 2, 0),
        ("stop.draining:3", 3, KILLED),
        ("runner.done:1", 3, 0),
        ("", 3, 0),
    ],
)
def test_an_armed_point_kills_at_its_passing(spec, passings, expected):
    code = (
        "from gateway.pipeline.crash_points import arm, crash_point\n"
        f"arm({spec!r})\n"
        f"for _ in range({passings}): crash_point('stop.draining')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, timeout=30, check=False)
    assert done.returncode == expected


def test_an_armed_fault_is_raised_at_each_nth_passing():
    crash_points.arm("stop.draining:2:raise")
    try:
        raised = []
        for _ in range(4):
            try:
                crash_points.crash_point("stop.draining")
            except crash_points.ArmedFault:
                raised.append(True)
            else:
                raised.append(False)
    finally:
        crash_points.arm("")
    assert raised == [False, True, False, True]


# --- the serving gateway --------------------------------------------------------------------------


class Journey:
    """Work that passes every point: both channels, small and large files, polls, all legs."""

    def __init__(self, port: World, senders: Senders, first: int) -> None:
        self.port = port
        self.senders = senders
        self.numbers = count(first)
        self.besides: list[tuple[Sample, str]] = []
        self._causes = {
            "stop": self._stop,
            "bury": self._kill_parsers,
            "confirm": self._acknowledge,
            "timers": self._let_time_pass,
            "archive": self._plant_orphan,
        }

    async def until_death(self, point: str) -> bool:
        """Work until the gateway has died; false when it did not."""
        worker = asyncio.create_task(self._work(point.partition(".")[0]))
        try:
            return await asyncio.to_thread(self.port.gateway.wait_dead, REACHED_SECONDS_MAX)
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _work(self, step: str) -> None:
        self._poll_one()
        for batch in count():
            small = [sample(next(self.numbers)) for _ in range(4)]
            self.senders.feed([*small, self._large(STAGED_BILLS)] if batch % 4 == 0 else small)
            if cause := self._causes.get(step):
                await cause()
            await asyncio.sleep(1.0)

    def _large(self, bills: int) -> Sample:
        number = next(self.numbers)
        return manifest(number, bills=bills, first_box=number * 3 % 900_000)

    async def _stop(self) -> None:
        os.kill(self.port.gateway.pid, signal.SIGTERM)

    async def _kill_parsers(self) -> None:
        """A file that costs its parser its life each time; the others have gone before."""
        await self.senders.done()
        await self.port.drain()
        self.senders.feed([self._large(5_000)])
        while self.port.gateway.alive:
            for child in self.port.gateway.children():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            await asyncio.sleep(0.05)

    async def _acknowledge(self) -> None:
        """The terminal answers; what it answers about is no matter here."""
        answer = acknowledgement(next(self.numbers))
        self.besides.append((answer, "terminal"))
        await self._send_as_terminal(answer)

    async def _send_as_terminal(self, answer: Sample) -> None:
        sender = HttpSender(self.port.site, self.port.site.terminal, SEED)
        while True:
            try:
                await sender.send(answer)
            except TryAgain:
                await asyncio.sleep(0.1)
            else:
                break
        await sender.close()

    async def _let_time_pass(self) -> None:
        """No clock of ours moves; the deadlines do."""
        for _ in range(10):
            await asyncio.to_thread(_all_timers_due, self.port.site.database)
            await asyncio.sleep(0.5)

    async def _plant_orphan(self) -> None:
        """An object that nothing refers to, older than a day; found by a sweep."""
        name = hashlib.sha256(str(next(self.numbers)).encode()).hexdigest()
        folder = self.port.site.folder / "data" / "archive" / "objects" / name[:2]
        await asyncio.to_thread(_write_old, folder / name)

    def _poll_one(self) -> None:
        """Put one file where the gateway fetches it."""
        assert self.port.ship is not None
        each = manifest(next(self.numbers))
        self.besides.append((each, "poll"))
        part = self.port.ship.root / f"{each.name}.part"
        part.write_bytes(each.data)
        part.rename(self.port.ship.root / "out" / each.name)

    async def end(self) -> None:
        """Until all senders heard OK and the poller has moved every file."""
        async with asyncio.timeout(90):
            await self.senders.done()
            for each, channel in self.besides:
                if channel == "terminal":  # it may have been cut off before its OK
                    await self._send_as_terminal(each)
            assert self.port.ship is not None
            # The gateway moves them.
            while list((self.port.ship.root / "out").iterdir()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        self.senders.ledger.told += [
            Told(s.number, s.name, s.kind, s.token, s.sha256, channel, None, 1, 0.0)
            for s, channel in self.besides
        ]


def _all_timers_due(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute("UPDATE timer SET due_at = 1")


def _every_bill_is_declared_and_charged_once(database: Path) -> None:
    """Each bill of each accepted manifest: one declaration, approved, one live line for its box."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        bills = connection.execute(
            "SELECT count(*) FROM part JOIN document ON document.seq = part.document"
            " WHERE document.type = 'manifest' AND document.state = 'accepted'"
        ).fetchone()[0]
        declared = connection.execute(
            "SELECT count(*), count(DISTINCT bill_of_lading), sum(state = 'approved')"
            " FROM declaration"
        ).fetchone()
        charged = connection.execute(
            "SELECT count(*), count(DISTINCT declaration) FROM charge WHERE state = 'due'"
        ).fetchone()
    assert bills > 0
    assert (*declared, *charged) == (bills,) * 5


def _write_old(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(b"nobody knows me")
    os.utime(path, (1, 1))


@pytest.mark.reliability
@pytest.mark.timeout(3_600 if services.full_size() else 400)
@pytest.mark.parametrize("step", SERVING_STEPS)
async def test_dying_at_every_point_of_a_step_loses_nothing(step, tmp_path):
    chance = random.Random(f"{SEED} {step}")
    rounds = services.sized(1, 25)
    missed = []
    settings = SETTINGS.get(step, {})
    async with (
        world(tmp_path, with_ship=True, **settings) as port,
        Senders(port.site, SEED) as senders,
    ):
        journey = Journey(port, senders, first=STEPS.index(step) * 100_000)
        for round_ in range(rounds):
            for point in points_of(step):
                passing = 1 if round_ == 0 else chance.randint(1, 5)
                with suppress(GatewayDied):  # some points are passed before it is ready
                    await port.start_gateway(f"{point}:{passing}")
                if not await journey.until_death(point):
                    missed.append(point)
                    port.gateway.kill()
                    continue
                assert port.gateway.returncode == KILLED, port.gateway.log_text()[-2000:]
        await port.start_gateway()
        await journey.end()
        await port.drain()
        assert missed == []
        port.verdict(senders.ledger).demand_clean()
        if step == "declare":
            _every_bill_is_declared_and_charged_once(port.site.database)
