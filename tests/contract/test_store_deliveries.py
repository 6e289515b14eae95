"""One suite for both databases: deliveries, lanes, leases and slots, and their dead letters."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from gateway.limits import DELIVERY_SLOTS_PER_ROUTE
from gateway.pipeline.ports import Stale
from tests.contract.stores import START, Bench, attempt, bench, delivery, empty_sqlite

__all__ = ["bench", "empty_sqlite"]


def add(bench: Bench, *names: str, **fields: Any) -> None:
    bench.write(lambda tx: tx.deliveries.add([delivery(name, **fields) for name in names]))


def lease(bench: Bench, limit: int = 100, seconds: float = 60) -> list[Any]:
    now = bench.clock.now()
    until = now + timedelta(seconds=seconds)
    return bench.write(lambda tx: tx.deliveries.lease_due(now, until, "me", limit))


def finish(bench: Bench, row: Any, outcome: str = "sent", due_in: float | None = None) -> None:
    due = None if due_in is None else bench.clock.now() + timedelta(seconds=due_in)
    done = attempt(row.id, row.attempts + 1, outcome, f"said {outcome}")
    bench.write(lambda tx: tx.deliveries.finish(row.id, row.fence, done, due))


def state(bench: Bench, *names: str) -> list[str]:
    return [bench.read(lambda tx, n=name: tx.deliveries.find(n)).state for name in names]


def test_a_delivery_is_leased_tried_and_sent(bench: Bench):
    add(bench, "m-term-1", acknowledge_by=START + timedelta(hours=1), body=b"{}")
    add(bench, "m-term-1")
    (row,) = lease(bench)
    assert (row.id, row.state, row.fence, row.body, row.test) == (
        "m-term-1",
        "leased",
        1,
        b"{}",
        False,
    )
    assert bench.read(lambda tx: tx.deliveries.find("m-term-1")) == row
    assert lease(bench) == []
    finish(bench, row, "retry", due_in=30)
    assert lease(bench) == []
    assert bench.read(lambda tx: tx.deliveries.next_due()) == START + timedelta(seconds=30)
    bench.clock.move(30)
    (row,) = lease(bench)
    assert (row.fence, row.attempts, row.last_error) == (2, 1, "said retry")
    finish(bench, row)
    row = bench.read(lambda tx: tx.deliveries.find("m-term-1"))
    assert (row.state, row.sent_at, row.last_error) == ("sent", START, None)
    tries = bench.read(lambda tx: tx.deliveries.attempts("m-term-1"))
    assert [(each.number, each.outcome, each.duration_seconds) for each in tries] == [
        (1, "retry", 0.25),
        (2, "sent", 0.25),
    ]
    assert [each.id for each in bench.read(lambda tx: tx.deliveries.of_interchange("i1"))]
    due = bench.read(lambda tx: tx.timers.due(START + timedelta(hours=1), 9))
    assert [(timer.kind, timer.key) for timer in due] == [("acknowledgement_overdue", "m-term-1")]


def test_a_lane_keeps_its_order(bench: Bench):
    add(bench, "a-1", "b-1", lane="one")
    add(bench, "c-1", lane="two")
    first = {row.id: row for row in lease(bench)}
    assert set(first) == {"a-1", "c-1"}
    finish(bench, first["a-1"], "retry", due_in=5)
    assert lease(bench) == []
    bench.clock.move(5)
    (again,) = lease(bench)
    assert again.id == "a-1"
    finish(bench, again)
    assert [row.id for row in lease(bench)] == ["b-1"]


def test_one_that_was_sent_already_makes_no_room_and_takes_none(bench: Bench):
    """A redelivered event brings it again, with a new one behind it in the same lane."""
    add(bench, "a-1")
    (first,) = lease(bench)
    finish(bench, first)
    add(bench, "a-1", "b-1")
    (second,) = lease(bench)
    assert second.id == "b-1"


def test_lanes_of_two_partners_are_two_lanes(bench: Bench):
    add(bench, "a-1")
    add(bench, "b-1", partner="DEPOT")
    assert {row.id for row in lease(bench)} == {"a-1", "b-1"}


@pytest.mark.parametrize("settled", ["replayed", "skipped"])
@pytest.mark.parametrize("outcome", ["refused", "retry"])
def test_a_dead_one_blocks_its_lane_only(bench: Bench, outcome, settled):
    add(bench, "a-1", "b-1", lane="one")
    add(bench, "c-1", lane="two")
    rows = {row.id: row for row in lease(bench)}
    finish(bench, rows["a-1"], outcome)
    add(bench, "d-1", lane="one")
    assert state(bench, "a-1", "b-1", "c-1", "d-1") == ["dead", "blocked", "leased", "blocked"]
    bench.clock.move(3600)
    assert [row.id for row in lease(bench)] == ["c-1"]
    (letter,) = bench.read(lambda tx: tx.dead_letters.page("open", None, 9)).rows
    assert (letter.stage, letter.subject, letter.partner, letter.revision, letter.error) == (
        "deliver",
        "a-1",
        "TERM",
        1,
        f"said {outcome}",
    )
    assert letter.trace == f"{START.isoformat()} 1 {outcome} 200 said {outcome}"
    assert letter.code == {"refused": "DELIVERY_REFUSED", "retry": "DELIVERY_EXHAUSTED"}[outcome]
    bench.write(lambda tx: tx.dead_letters.settle(letter.id, settled, "operator", None))
    if settled == "replayed":
        (row,) = lease(bench)
        assert (row.id, row.attempts) == ("a-1", 0)
        finish(bench, row)
    else:
        assert state(bench, "a-1") == ["skipped"]
    assert [row.id for row in lease(bench)] == ["b-1"]
    assert state(bench, "d-1") == ["due"]


def test_an_expired_lease_passes_on_and_the_late_one_is_refused(bench: Bench):
    add(bench, "a-1")
    (late,) = lease(bench, seconds=10)
    assert bench.read(lambda tx: tx.deliveries.next_due()) == START + timedelta(seconds=10)
    bench.clock.move(10)
    (row,) = lease(bench)
    assert row.fence == late.fence + 1
    with pytest.raises(Stale):
        finish(bench, late)
    finish(bench, row)
    with pytest.raises(Stale):
        finish(bench, row)
    with pytest.raises(LookupError):
        bench.write(lambda tx: tx.deliveries.finish("no-1", 1, attempt("no-1", 1, "sent"), None))


def test_a_slow_route_keeps_to_its_slots(bench: Bench):
    names = [f"a{n}-1" for n in range(DELIVERY_SLOTS_PER_ROUTE + 3)]
    for name in names:
        add(bench, name, lane=name)
    add(bench, "b-1", lane="b", route="other")
    add(bench, "c-1", lane="c", partner="DEPOT")
    rows = lease(bench)
    assert len([row for row in rows if row.route == "main" and row.partner == "TERM"]) == (
        DELIVERY_SLOTS_PER_ROUTE
    )
    assert {"b-1", "c-1"} <= {row.id for row in rows}
    assert lease(bench) == []
    # Nothing to do before a lease ends, although others are due: no busy loop.
    assert bench.read(lambda tx: tx.deliveries.next_due()) == START + timedelta(seconds=60)
    finish(bench, next(row for row in rows if row.id == "a0-1"))
    assert [row.id for row in lease(bench)] == [names[DELIVERY_SLOTS_PER_ROUTE]]
    assert len(lease(bench, limit=0)) == 0


async def test_two_owners_never_hold_the_same_delivery(bench: Bench):
    for route in range(6):
        for n in range(6):
            add(bench, f"r{route}n{n}-1", route=f"r{route}", lane=f"{route}/{n}")
    stores = [bench.stores[0], bench.open()]
    until = START + timedelta(seconds=60)
    leased = await asyncio.gather(
        *(
            store.write(lambda tx: tx.deliveries.lease_due(START, until, "me", 5))
            for _ in range(5)
            for store in stores
        )
    )
    names = [row.id for rows in leased for row in rows]
    assert len(names) == len(set(names)) == 6 * DELIVERY_SLOTS_PER_ROUTE


async def test_deliveries_added_at_once_keep_one_head(bench: Bench):
    stores = [bench.stores[0], bench.open()]
    await asyncio.gather(
        *(
            stores[n % 2].write(lambda tx, n=n: tx.deliveries.add([delivery(f"d{n}-1")]))
            for n in range(20)
        )
    )
    for _round in range(20):
        (row,) = lease(bench)
        finish(bench, row)
    assert lease(bench) == []


def test_a_mailbox_waits_and_is_collected(bench: Bench):
    add(bench, "a-1", "b-1", "c-1", kind="mailbox", route="box")
    add(bench, "x-1", kind="mailbox", route="box", partner="DEPOT")
    assert lease(bench) == []
    assert bench.read(lambda tx: tx.deliveries.next_due()) is None
    page = bench.read(lambda tx: tx.deliveries.waiting("TERM", 2))
    assert [row.id for row in page.rows] == ["a-1", "b-1"]
    page = bench.read(lambda tx: tx.deliveries.waiting("TERM", 2, page.cursor))
    assert ([row.id for row in page.rows], page.cursor) == (["c-1"], None)
    assert not bench.write(lambda tx: tx.deliveries.collect("DEPOT", "a-1"))
    assert bench.write(lambda tx: tx.deliveries.collect("TERM", "a-1"))
    assert not bench.write(lambda tx: tx.deliveries.collect("TERM", "a-1"))
    assert state(bench, "a-1", "b-1") == ["collected", "waiting"]


def test_the_receivers_word_settles_a_delivery_once(bench: Bench):
    add(bench, "a-1", "b-1", lane="one", acknowledge_by=START)

    def tell(name: str, *, accepted: bool) -> bool:
        return bench.write(lambda tx: tx.deliveries.acknowledge(name, accepted, "because"))

    assert not tell("a-1", accepted=True)
    assert not tell("nothing-1", accepted=True)
    (row,) = lease(bench)
    finish(bench, row)
    assert tell("a-1", accepted=False)
    assert not tell("a-1", accepted=True)
    assert state(bench, "a-1") == ["refused"]
    assert bench.read(lambda tx: tx.deliveries.find("a-1")).last_error == "because"
    assert bench.read(lambda tx: tx.timers.due(START, 9)) == []
    # A word that is faster than the record of its delivery.
    (row,) = lease(bench)
    assert tell("b-1", accepted=True)
    finish(bench, row)
    assert bench.read(lambda tx: tx.deliveries.find("b-1")).state == "confirmed"
    assert len(bench.read(lambda tx: tx.deliveries.attempts("b-1"))) == 1
    with pytest.raises(Stale):
        finish(bench, row)


def test_a_word_about_a_failed_try_ends_the_tries(bench: Bench):
    """The answer was lost on its way: the receiver has it all the same."""
    add(bench, "a-1", "b-1", lane="one")
    (row,) = lease(bench)
    finish(bench, row, "retry", due_in=30)
    assert bench.write(lambda tx: tx.deliveries.acknowledge("a-1", True, ""))
    assert not bench.write(lambda tx: tx.deliveries.acknowledge("b-1", True, ""))
    bench.clock.move(30)
    assert [row.id for row in lease(bench)] == ["b-1"]


def test_sending_again_is_a_new_delivery(bench: Bench):
    add(bench, "m-term-1", body=b"x", acknowledge_by=START + timedelta(hours=2))
    (row,) = lease(bench)
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.deliveries.resend("m-term-1"))
    finish(bench, row)
    bench.clock.move(600)
    assert bench.write(lambda tx: tx.deliveries.resend("m-term-1")) == "m-term-2"
    assert state(bench, "m-term-1", "m-term-2") == ["sent", "due"]
    assert bench.write(lambda tx: tx.deliveries.resend("m-term-1")) == "m-term-3"
    (row,) = lease(bench)
    assert (row.id, row.body) == ("m-term-2", b"x")
    with pytest.raises(LookupError):
        bench.write(lambda tx: tx.deliveries.resend("nothing-1"))


def test_sending_a_dead_one_again_frees_its_lane(bench: Bench):
    add(bench, "a-1", "b-1", lane="one")
    (row,) = lease(bench)
    finish(bench, row, "refused")

    def again(tx):
        name = tx.deliveries.resend("a-1")
        (letter,) = tx.dead_letters.page("replayed", None, 9).rows
        tx.dead_letters.settle(letter.id, "replayed", "operator", "again")
        return name

    assert bench.write(again) == "a-2"
    assert state(bench, "a-1", "b-1", "a-2") == ["superseded", "due", "due"]
    assert [row.id for row in lease(bench)] == ["b-1"]


def test_random_work_keeps_the_order_of_every_lane(bench: Bench):
    """Whatever happens, a lane's deliveries are sent in the order in which they were added."""
    chance = random.Random(7)
    added: dict[str, list[str]] = {}
    sent: dict[str, list[str]] = {}
    for step in range(60):
        lane = f"l{chance.randrange(4)}"
        name = f"d{step}-1"
        add(bench, name, lane=lane, route=f"r{chance.randrange(2)}")
        added.setdefault(lane, []).append(name)
        bench.clock.move(chance.choice([0, 1, 30]))
        for row in lease(bench, limit=3, seconds=20):
            try_once(bench, row, chance.choice(["sent", "sent", "retry", "refused", "lost"]), sent)
        if step % 3 == 0:
            replay_all(bench)
    while True:
        bench.clock.move(60)
        replay_all(bench)
        rows = lease(bench)
        if not rows:
            break
        for row in rows:
            try_once(bench, row, "sent", sent)
    assert sent == added


def try_once(bench: Bench, row: Any, outcome: str, sent: dict[str, list[str]]) -> None:
    if outcome != "lost":
        finish(bench, row, outcome, due_in=5 if outcome == "retry" else None)
    if outcome == "sent":
        sent.setdefault(row.lane, []).append(row.id)


def replay_all(bench: Bench) -> None:
    for letter in bench.read(lambda tx: tx.dead_letters.page("open", None, 99)).rows:
        bench.write(lambda tx, n=letter.id: tx.dead_letters.settle(n, "replayed", "x", None))
