"""The step of the gate under both runners: a fact comes, the request that waits is confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.faust_runner import FaustOnKafka
from tests.contract.gate_world import SHIP, VOYAGE, GateWorld, at, gate_world
from tests.contract.runners import Embedded, RunnerKind, until
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

# One worker of the test run holds the broker.
KINDS = [Embedded(), pytest.param(FaustOnKafka(), marks=pytest.mark.xdist_group("kafka"))]
BOXES = ("CSQU3054383", "TSTU0000020", "MSKU0000006")


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> RunnerKind:
    """Every runner in turn."""
    return request.param


async def held(world: GateWorld) -> list[str]:
    """Three requests that wait for the VGM; their ids."""
    world.call(etb=at("2026-12-01 00:00"), gate_close=at("2026-11-30 12:00"))
    body: dict[str, Any] = {"terminal": "T1", "direction": "export_gate_in", "wait": True}
    body |= {"slot": world.slot(quota=9), "vessel": SHIP, "voyage": VOYAGE}
    made = []
    async with world.http():
        for box in BOXES:
            world.facts({"booking": True, "eclp": True}, box)
            answer = await world.client("fleet").post(
                "/v1/appointments", json={**body, "container": box}
            )
            assert answer.status_code == 202, answer.text
            made.append(answer.json()["id"])
    return made


async def test_facts_and_cut_offs_reach_appointments(kind: RunnerKind, bench: Bench) -> None:
    world = await gate_world(bench)
    waiting = await held(world)
    steps = dict(world.service.steps(world.store))
    runner = kind(world.store, steps)
    try:
        for box in BOXES:
            # Told twice: confirmed once.
            for _ in range(2):
                await world.store.write(lambda tx, box=box: tx.gate.fact("vgm", box))
        await until(lambda: all(world.row(each).state == "confirmed" for each in waiting), 20)
        early = {"gate_close": at("2026-11-29 13:00")}

        def moved(tx: Any) -> None:
            (call,) = tx.gate.calls.of_voyage(VOYAGE)
            tx.gate.calls.put(early, call.seq)
            tx.outbox.put("gate", f"call-{call.seq}", call.revision + 1, f"gate/call-{call.seq}")

        await world.store.write(moved)
        await until(lambda: all(world.row(each).state == "REVIEW" for each in waiting), 20)
    finally:
        await runner.stop()
    assert [world.row(each).revision for each in waiting] == [3, 3, 3]
    letters = await world.store.read(lambda tx: tx.dead_letters.page("open", None, 9))
    assert letters.rows == []
