"""Small interchanges of one lane are decided together, in order, and a fault stays its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.limits import DOCUMENTS_PER_DECISION_MAX, FOLLOWERS_PER_LOOK
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import Adviser, Counsel, Matter
from gateway.pipeline.decide import Decide
from gateway.pipeline.writers import WRITERS
from gateway.rules.decision import NO_OBJECTION, Ruling
from tests.contract.few_partners import FewPartners
from tests.contract.stores import Bench, bench, body, document, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

_ROUTE = {"name": "box", "kind": "mailbox", "subscriptions": [{"document": "booking"}]}


PARTNERS = FewPartners(
    {"code": "ACME", "identities": ["ACME"], "agreements": [{"document": "booking"}]},
    {"code": "TERM", "routes": [_ROUTE]},
)


@dataclass
class _Lane:
    """Interchanges of one lane; `broken` are those whose decision fails."""

    bench: Bench
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def add(self, documents: int = 1, *, translated: bool = True, **fields: Any) -> str:
        name: str = self.bench.receive(**fields).interchange
        if translated:
            self.translate(name, documents)
        return name

    def translate(self, name: str, documents: int = 1) -> None:
        made = [document(n, f"{name}/{n}") for n in range(1, documents + 1)]
        self.bench.translated(name, *made, sender="ACME", reference=name)

    def step(self) -> Decide:
        partners: Any = PARTNERS
        counsel = Counsel([Adviser("test", "1", self._advise)])
        answering = Answering(partners, WRITERS, "US")
        return Decide(self.bench.stores[0], partners, self.bench.clock, answering, counsel)

    def _advise(self, matter: Matter) -> Ruling:
        self.asked.append(matter.interchange.id)
        if matter.interchange.id in self.broken:
            raise LookupError("broken")
        return NO_OBJECTION

    def states(self, *names: str) -> list[str]:
        return [self.bench.read(lambda tx, n=n: tx.interchanges.find(n)).state for n in names]

    def announced(self) -> set[str]:
        return {subject for stage, subject, _ in self.bench.events() if stage == "decide"}

    def forget_events(self) -> None:
        """As if a runner had brought every event so far to its end."""
        rows = self.bench.read(lambda tx: tx.outbox.take(1000))
        self.bench.write(lambda tx: tx.outbox.done([row.id for row in rows]))


async def test_those_that_wait_behind_are_decided_with_the_first(bench: Bench) -> None:
    lane = _Lane(bench)
    names = [lane.add() for _ in range(3)]
    unread = lane.add(translated=False)
    behind = lane.add()
    lane.forget_events()

    await lane.step().run(names[0], 1)

    assert lane.states(*names, unread, behind) == [*["decided"] * 3, "received", "translated"]
    assert lane.asked == names
    for name in names:
        found = bench.read(lambda tx, n=name: tx.deliveries.of_interchange(n))
        assert {each.partner for each in found} == {"TERM", "ACME"}
    assert not lane.announced()


async def test_more_than_one_look_brings_along_go_too(bench: Bench) -> None:
    lane = _Lane(bench)
    names = [lane.add() for _ in range(2 * FOLLOWERS_PER_LOOK + 2)]
    lane.forget_events()

    await lane.step().run(names[0], 1)

    assert set(lane.states(*names)) == {"decided"}
    assert lane.asked == names
    assert not lane.announced()


async def test_the_event_of_one_that_went_along_does_nothing(bench: Bench) -> None:
    lane = _Lane(bench)
    first, second = lane.add(), lane.add()
    step = lane.step()
    await step.run(first, 1)
    await step.run(second, 1)
    await step.run(first, 1)
    assert lane.asked == [first, second]
    assert len(bench.read(lambda tx: tx.documents.decisions(f"{second}-1"))) == 1


async def test_the_next_is_announced_where_a_transaction_is_full(bench: Bench) -> None:
    lane = _Lane(bench)
    first, small = lane.add(), lane.add()
    large = lane.add(DOCUMENTS_PER_DECISION_MAX - 1)
    lane.forget_events()

    await lane.step().run(first, 1)

    assert lane.states(first, small, large) == ["decided", "decided", "translated"]
    assert lane.announced() == {large}
    await lane.step().run(large, 1)
    assert lane.states(large) == ["decided"]


async def test_a_large_file_is_decided_in_a_transaction_of_its_own(bench: Bench) -> None:
    lane = _Lane(bench)
    first = lane.add()
    archived = replace(body(b"a large one"), inline=None, archive_ref="sha256/large")
    large, last = lane.add(body=archived), lane.add()
    lane.forget_events()

    await lane.step().run(first, 1)

    assert lane.states(first, large, last) == ["decided", "translated", "translated"]
    assert lane.announced() == {large}
    await lane.step().run(large, 1)
    assert lane.states(large, last) == ["decided", "decided"]


async def test_a_fault_of_one_behind_stays_its_own(bench: Bench) -> None:
    lane = _Lane(bench)
    first, second, third = (lane.add() for _ in range(3))
    lane.broken = {second}
    lane.forget_events()
    step = lane.step()

    await step.run(first, 1)
    assert lane.states(first, second, third) == ["decided", "translated", "translated"]
    assert lane.announced() == {second}
    with pytest.raises(LookupError):
        await step.run(second, 1)
    assert lane.states(second, third) == ["translated", "translated"]


async def test_a_transaction_that_is_run_again_takes_nobody_along(bench: Bench) -> None:
    """What lost a race for delivery lanes may not lose the next one the same way."""
    lane = _Lane(bench)
    first, second = lane.add(), lane.add()
    step = lane.step()
    company: list[str] = []

    def lost(tx: Any) -> None:
        step._turn(first, 1, 0, company, tx)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        bench.write(lost)
    assert company == [second]
    bench.write(lambda tx: step._turn(first, 1, 0, company, tx))
    assert lane.states(first, second) == ["decided", "translated"]
    assert second in lane.announced()


async def test_a_fault_of_the_first_is_met_once(bench: Bench) -> None:
    """The runners count tries: a step that tried again by itself would hide every second one."""
    lane = _Lane(bench)
    first, second = lane.add(), lane.add()
    lane.broken = {first}
    with pytest.raises(LookupError):
        await lane.step().run(first, 1)
    assert set(lane.asked) == {first}
    assert lane.states(first, second) == ["translated", "translated"]


async def test_a_file_of_two_pages_is_answered_whole(bench: Bench) -> None:
    lane = _Lane(bench)
    many = DOCUMENTS_PER_DECISION_MAX + 1
    large = lane.add(many)
    await lane.step().run(large, 1)
    (answer,) = [
        each
        for each in bench.read(lambda tx: tx.deliveries.of_interchange(large))
        if each.event_type == "portedi.answer.json"
    ]
    told = json.loads(answer.body)["documents"]
    assert len(told) == many
    assert {each["state"] for each in told} == {"accepted"}
    assert lane.asked == [large] * many


async def test_one_that_waits_behind_has_no_event_before_its_turn(bench: Bench) -> None:
    lane = _Lane(bench)
    first = lane.add(translated=False)
    second = lane.add()
    assert lane.announced() == set()
    lane.translate(first)
    assert lane.announced() == {first}
    lane.broken = {second}
    await lane.step().run(first, 1)
    assert lane.states(first, second) == ["decided", "translated"]
    assert lane.announced() == {first, second}


async def test_a_buried_one_lets_the_next_go(bench: Bench) -> None:
    lane = _Lane(bench)
    first = lane.add(translated=False)
    second = lane.add()
    bench.write(lambda tx: tx.dead_letters.bury("translate", first, 1, ValueError("x"), "", 1))
    assert lane.announced() == {second}
