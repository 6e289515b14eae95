"""Two processes that take many lanes at once never wait for each other crosswise (PostgreSQL)."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import psycopg
import pytest

from gateway.limits import SMALL_FILES_TOGETHER_MAX
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import NO_COUNSEL
from gateway.pipeline.decide import Decide
from gateway.pipeline.rows import Batch, Translated
from gateway.pipeline.translate import Translate
from gateway.pipeline.writers import WRITERS
from tests.contract.few_partners import FewPartners
from tests.contract.stores import Bench, bench, document, empty_sqlite, ending, part

__all__ = ["bench", "empty_sqlite"]

LANES = 8
FILES = 25 * LANES
_ROUTES = [
    {"name": name, "kind": "folder", "folder": name, "subscriptions": [{"document": "booking"}]}
    for name in ("north", "south", "east")
]
PARTNERS: Any = FewPartners(
    {"code": "ACME", "identities": ["ACME"], "agreements": [{"document": "booking"}]},
    {"code": "TERM", "routes": _ROUTES},
)


class Parsers:
    """Every file is one booking; bookings of all lanes go out by the same few lanes.

    It has no `parse`: no file may fall out of its handful.
    """

    async def parse_small(self, files: Any) -> list[tuple[list[Batch], Translated]]:
        return [self._read(row.id) for row, _partner in files]

    def _read(self, name: str) -> tuple[list[Batch], Translated]:
        made = document(1, f"B{int(name[1:]) % 5}")
        end = ending(sender="ACME", reference=name)
        return [Batch((made,), ((1, part(1, ("booking", name))),))], end


def _deadlocks(url: str) -> int:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


async def _both(bench: Bench, steps: list[Any], names: list[str]) -> None:
    """Each process gets every event, in an order of its own."""
    orders = [random.Random(seed).sample(names, len(names)) for seed in range(len(steps))]
    await asyncio.gather(
        *(step.run(name, 1) for step, own in zip(steps, orders, strict=True) for name in own)
    )


@pytest.mark.parametrize("bench", ["postgres"], indirect=True)
async def test_two_processes_translate_and_decide_the_same_lanes(bench: Bench) -> None:
    lanes = [f"acme{n % LANES}/booking" for n in range(FILES)]
    names = [
        bench.receive(order_key=lane, account=lane.partition("/")[0]).interchange for lane in lanes
    ]
    stores = [bench.stores[0], bench.open()]
    parsers: Any = Parsers()
    await _both(bench, [Translate(store, parsers, PARTNERS) for store in stores], names)
    answering = Answering(PARTNERS, WRITERS, "US")
    steps = [Decide(store, PARTNERS, bench.clock, answering, NO_COUNSEL) for store in stores]
    for _ in range(3):
        # An event that came before its turn does nothing; whoever had the turn goes on with it.
        await _both(bench, steps, names)
    rows = [bench.read(lambda tx, n=n: tx.interchanges.find(n)) for n in names]
    assert {row.state for row in rows} == {"decided"}
    assert FILES > 4 * SMALL_FILES_TOGETHER_MAX
    sent = [bench.read(lambda tx, n=n: tx.deliveries.of_interchange(n)) for n in names]
    assert {sum(each.route in ("north", "south", "east") for each in one) for one in sent} == {3}
    assert _deadlocks(bench.url) == 0
