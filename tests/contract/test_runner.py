"""The runner contract: every runner brings every event to one recorded end, in order, once.

The suite knows nothing of a runner but how to start it.  Each test names the promise it checks
(house.md 4); steps are witnesses whose effects are claimed in the store, as real steps' are.
"""

from __future__ import annotations

import asyncio

import pytest

from gateway.pipeline.ports import Store
from tests.contract.faust_runner import FaustOnKafka
from tests.contract.runners import Embedded, Passing, RunnerKind, Witness, put, running, until
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

# One worker of the test run holds the broker.
KINDS = [Embedded(), pytest.param(FaustOnKafka(), marks=pytest.mark.xdist_group("kafka"))]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> RunnerKind:
    """Every runner in turn."""
    return request.param


@pytest.fixture
def store(bench: Bench) -> Store:
    """The open store of either database."""
    opened: Store = bench.stores[0]
    return opened


async def backlog(store: Store) -> int:
    """Events that are not done."""
    return sum((await store.read(lambda tx: tx.outbox.backlog())).values())


async def test_events_of_a_lane_keep_their_order(kind: RunnerKind, store: Store) -> None:
    step = Witness(store, "decide")
    names = [f"i{n}" for n in range(40)]
    async with running(kind, store, step):
        await put(store, "decide", *names[:20])
        await put(store, "decide", *names[20:])
        await until(lambda: len(step.effects) == 40)
    assert step.subjects() == names


async def test_a_redelivered_event_has_no_second_effect(kind: RunnerKind, store: Store) -> None:
    step = Witness(store, "decide")
    async with running(kind, store, step):
        await put(store, "decide", "twice", "twice", "once")
        await until(lambda: "once" in step.subjects())
    assert step.subjects() == ["twice", "once"]
    assert step.tries["twice"] == 2


async def test_a_poison_event_is_buried_and_the_others_go_on(
    kind: RunnerKind, store: Store
) -> None:
    def poison(subject: str, _try: int) -> None:
        if subject == "bad":
            raise ValueError("this event breaks its step")

    step = Witness(store, "decide", poison)
    async with running(kind, store, step):
        await put(store, "decide", "first", "bad", "last")
        await until(lambda: "last" in step.subjects())
    letters = await store.read(lambda tx: tx.dead_letters.page("open", None, 10))
    assert [letter.subject for letter in letters.rows] == ["bad"]
    assert "ValueError" in letters.rows[0].trace
    assert step.subjects() == ["first", "last"]


async def test_a_passing_fault_is_waited_out(kind: RunnerKind, store: Store) -> None:
    def shaky(_subject: str, attempt: int) -> None:
        if attempt < 3:
            raise Passing("not yet")

    step = Witness(store, "decide", shaky)
    async with running(kind, store, step):
        await put(store, "decide", "a", "b")
        await until(lambda: len(step.effects) == 2)
    assert step.subjects() == ["a", "b"]
    assert step.tries == {"a": 3, "b": 3}


async def test_a_fault_that_does_not_pass_is_buried_in_the_end(
    kind: RunnerKind, store: Store
) -> None:
    def broken(subject: str, _try: int) -> None:
        if subject == "never":
            raise Passing("never")

    step = Witness(store, "decide", broken)
    async with running(kind, store, step):
        await put(store, "decide", "never", "after")
        await until(lambda: "after" in step.subjects())
    letters = await store.read(lambda tx: tx.dead_letters.page("open", None, 10))
    assert [(each.subject, each.attempts) for each in letters.rows] == [("never", 4)]


async def test_a_stop_brings_what_is_in_hand_to_its_end(kind: RunnerKind, store: Store) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_subject: str, _try: int) -> None:
        begun.set()
        await may_end.wait()

    step = Witness(store, "decide", slow)
    async with running(kind, store, step) as runner:
        await put(store, "decide", "in-hand")
        await asyncio.wait_for(begun.wait(), 10)
        stop = asyncio.create_task(runner.stop())
        await asyncio.sleep(0.05)
        may_end.set()
        await asyncio.wait_for(stop, 10)
    assert step.subjects() == ["in-hand"]


async def test_a_killed_runner_loses_nothing(kind: RunnerKind, store: Store) -> None:
    begun = asyncio.Event()

    async def hang(subject: str, attempt: int) -> None:
        if subject == "i3" and attempt == 1:
            begun.set()
            await asyncio.sleep(60)

    step = Witness(store, "decide", hang)
    names = [f"i{n}" for n in range(8)]
    await put(store, "decide", *names)
    async with running(kind, store, step) as runner:
        await asyncio.wait_for(begun.wait(), 10)
        await runner.kill()
    async with running(kind, store, step):
        await until(lambda: len(step.effects) == 8, 30)
    assert step.subjects() == names


async def test_a_replay_runs_under_its_own_revision(kind: RunnerKind, store: Store) -> None:
    step = Witness(store, "decide")
    async with running(kind, store, step):
        await put(store, "decide", "again", revision=1)
        await until(lambda: len(step.effects) == 1)
        await put(store, "decide", "again", revision=2)
        await until(lambda: len(step.effects) == 2)
    assert step.effects == [("again", 1), ("again", 2)]


async def test_a_slow_event_holds_up_its_own_lane_only(kind: RunnerKind, store: Store) -> None:
    release = asyncio.Event()

    async def slow(subject: str, _try: int) -> None:
        if subject == "slow":
            await release.wait()

    step = Witness(store, "translate", slow)
    async with running(kind, store, step):
        await put(store, "translate", "slow", lane="a")
        await put(store, "translate", *[f"quick{n}" for n in range(5)], lane="b")
        await until(lambda: len(step.effects) == 5)
        release.set()
        await until(lambda: len(step.effects) == 6)
    assert step.subjects()[-1] == "slow"


async def test_done_events_leave_the_outbox(kind: RunnerKind, store: Store) -> None:
    step = Witness(store, "decide")
    async with running(kind, store, step) as runner:
        await put(store, "decide", *[f"i{n}" for n in range(30)])
        await until(lambda: len(step.effects) == 30)
        await runner.stop()
    assert await backlog(store) == 0
