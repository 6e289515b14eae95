"""Two hundred clients race for fifty places: exactly fifty are confirmed, on either database.

SQLite: one process, concurrent tasks and threads of their own connections.  PostgreSQL: several
processes, each with connections of its own.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.pipeline.directory import PartnerDirectory
from gateway.pipeline.gate.booking import request
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.wish import Wish
from gateway.pipeline.rows import AccountRef
from gateway.rules.identifiers import check_container_number
from gateway.store import open_store
from tests.contract.gate_world import SHIP, VOYAGE, GateWorld, at, gate_world, policy
from tests.contract.stores import Bench, Clock, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

CLIENTS, PLACES, PROCESSES = 200, 50, 3


def boxes(count: int) -> list[str]:
    """So many right container numbers."""
    numbers = (f"MSKU{serial:06}{digit}" for serial in range(count) for digit in range(10))
    return [number for number in numbers if check_container_number(number) is None][:count]


def wish(box: str, slot: str) -> Wish:
    return Wish("T1", "export_gate_in", box, slot=slot, vessel=SHIP, voyage=VOYAGE)


def prepare(world: GateWorld) -> str:
    world.call(etb=at("2026-12-01 00:00"), gate_close=at("2026-11-30 12:00"))

    def work(tx: Any) -> None:
        for box in boxes(CLIENTS):
            for kind in ("booking", "eclp", "vgm"):
                tx.gate.fact(kind, box)

    world.bench.write(work)
    return world.slot(quota=PLACES)


def check(world: GateWorld, slot: str, states: list[str]) -> None:
    assert states.count("confirmed") == PLACES
    assert states.count("rejected") == CLIENTS - PLACES
    assert world.used(slot) == PLACES

    def rows(tx: Any) -> list[Any]:
        from gateway.pipeline.gate.rows import AppointmentFilter  # noqa: PLC0415

        return tx.gate.appointments.page(AppointmentFilter(slot=slot), None, 500).rows

    found = world.bench.read(rows)
    assert len(found) == CLIENTS
    refused = [row for row in found if row.state == "rejected"]
    assert {tuple(row.codes) for row in refused} == {("QUOTA",)}


async def test_tasks_over_http(bench: Bench) -> None:
    """Real sockets, one gateway process."""
    world = await gate_world(bench)
    slot = prepare(world)
    body = {"terminal": "T1", "direction": "export_gate_in", "slot": slot}
    body |= {"vessel": SHIP, "voyage": VOYAGE}
    async with world.http():
        clients = [world.client(name) for name in ("fleet", "rival")]
        answers = await asyncio.gather(
            *(
                clients[number % 2].post("/v1/appointments", json={**body, "container": box})
                for number, box in enumerate(boxes(CLIENTS))
            )
        )
    states = ["confirmed" if each.status_code == 201 else "rejected" for each in answers]
    check(world, slot, states)


async def test_threads_with_their_own_connections(bench: Bench) -> None:
    world = await gate_world(bench)
    slot = prepare(world)
    gate = threading.Barrier(16)

    def ask(number: int, box: str) -> str:
        if number < gate.parties:
            gate.wait(20)
        account = AccountRef(*(("FLEET", "fleet") if number % 2 else ("RIVAL", "rival")))
        made = bench.write(lambda tx: request(world.desk, tx, account, wish(box, slot)))
        return str(made.row.state)

    with ThreadPoolExecutor(16) as threads:
        states = await asyncio.to_thread(
            lambda: list(threads.map(ask, range(CLIENTS), boxes(CLIENTS)))
        )
    check(world, slot, states)


@pytest.mark.parametrize("bench", ["postgres"], indirect=True)
async def test_processes_on_postgres(bench: Bench) -> None:
    """Each process is a gateway of its own: own pool of connections, own view of the partners."""
    world = await gate_world(bench)
    slot = prepare(world)
    spawn = multiprocessing.get_context("spawn")
    share = [boxes(CLIENTS)[n::PROCESSES] for n in range(PROCESSES)]
    results = spawn.Queue()
    start = spawn.Barrier(PROCESSES)
    workers = [
        spawn.Process(
            target=work,
            args=(bench.url, str(bench.folder), slot, mine, start, results),
            daemon=True,
        )
        for mine in share
    ]
    for each in workers:
        each.start()
    states = [
        s for _ in workers for s in json.loads(await asyncio.to_thread(results.get, True, 60))
    ]
    for each in workers:
        each.join(20)
    check(world, slot, states)


def work(url: str, folder: str, slot: str, mine: list[str], start: Any, results: Any) -> None:
    """One process: its clients ask at the same time."""
    clock = Clock(at("2026-11-28 10:00"))
    store = open_store(url, FolderArchive(Path(folder) / "archive"), clock, f"race-{mine[0]}")
    directory = PartnerDirectory(store)
    desk = Desk(clock=clock, directory=directory, policies=policy())

    async def run() -> list[str]:
        await directory.refresh()
        await asyncio.to_thread(start.wait, 40)
        account = AccountRef("FLEET", "fleet")
        made = await asyncio.gather(
            *(
                store.write(lambda tx, box=box: request(desk, tx, account, wish(box, slot)))
                for box in mine
            )
        )
        states = [each.row.state for each in made]
        await store.close()
        return states

    results.put(json.dumps(asyncio.run(run())))


async def test_the_same_box_at_once_has_one_appointment(bench: Bench) -> None:
    """The unique index decides, whoever looked first."""
    world = await gate_world(bench)
    slot = prepare(world)
    box = boxes(1)[0]
    accounts = [AccountRef("FLEET", "fleet"), AccountRef("RIVAL", "rival")]
    made = await asyncio.gather(
        *(
            world.store.write(
                lambda tx, who=accounts[n % 2]: request(world.desk, tx, who, wish(box, slot))
            )
            for n in range(20)
        )
    )
    states = [each.row.state for each in made]
    assert states.count("confirmed") == 1
    refused = [each.row.codes for each in made if each.row.state == "rejected"]
    assert refused == [["DUPLICATE_LIVE"]] * 19
    assert world.used(slot) == 1
