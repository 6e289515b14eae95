"""Small files are read together: in one trip, in one transaction, and a fault stays its own."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.adapters.parsers.pool import ParserPool
from gateway.limits import (
    BATCHES_AT_ONCE_MAX,
    PARTS_PER_BATCH_MAX,
    SMALL_FILE_BYTES_MAX,
    SMALL_FILES_TOGETHER_MAX,
)
from gateway.pipeline.ports import ParserDied
from gateway.pipeline.translate import Translate
from tests.contract.customs_world import InProcess
from tests.contract.few_partners import FewPartners
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.crash.files import booking, manifest

__all__ = ["bench", "empty_sqlite"]


# Whether the file in hand kills the child that reads it.
_doomed: ContextVar[bool] = ContextVar("doomed", default=False)


class Pool(ParserPool):
    """A real pool that knows how its files came."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FolderArchive(folder), 1, 0, 30.0)
        self.together: list[int] = []
        self.alone = 0
        self.deadly = ""

    async def parse_small(self, files: Any) -> Any:
        self.together.append(len(files))
        _doomed.set(any(row.name == self.deadly for row, _ in files))
        return await super().parse_small(files)

    async def parse(self, row: Any, partner: Any) -> AsyncIterator[Any]:
        self.alone += 1
        _doomed.set(row.name == self.deadly)
        async for each in super().parse(row, partner):
            yield each

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Process]:
        async with super()._child() as child:
            if _doomed.get():
                child.kill()
            yield child


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[Pool]:
    made = Pool(tmp_path / "archive")
    await made.start()
    yield made
    await made.close()


class World:
    """Received files, and the step."""

    def __init__(self, bench: Bench, parsers: Any) -> None:
        self.bench = bench
        partners: Any = FewPartners({"code": "ACME", "identities": ["ACME"]})
        self.step = Translate(bench.stores[0], parsers, partners)

    def receive(self, *files: Any) -> list[str]:
        return [self.bench.receive(each.data, name=each.name).interchange for each in files]

    async def run(self, *names: str) -> list[BaseException | None]:
        return await asyncio.gather(
            *(self.step.run(name, 1) for name in names), return_exceptions=True
        )

    def documents(self, *names: str) -> list[int]:
        rows = [self.bench.read(lambda tx, n=n: tx.interchanges.find(n)) for n in names]
        return [row.documents if row.state == "translated" else -1 for row in rows]

    def parts(self, name: str) -> int:
        found = self.bench.read(lambda tx: tx.documents.of_interchange(name, 0, 9))
        return sum(each.parts for each in found)


async def test_a_handful_goes_together_and_each_keeps_what_is_its_own(bench: Bench, pool: Pool):
    world = World(bench, pool)
    number = SMALL_FILES_TOGETHER_MAX + 8
    files = [manifest(n, bills=1 + n % 3) if n % 2 else booking(n) for n in range(number)]
    names = world.receive(*files)
    assert await world.run(*names) == [None] * number
    assert world.documents(*names) == [1] * number
    assert [world.parts(name) for name in names] == [
        1 + n % 3 if n % 2 else 1 for n in range(number)
    ]
    assert sum(pool.together) == number
    assert max(pool.together) == SMALL_FILES_TOGETHER_MAX
    assert pool.alone == 0
    decided = {subject for stage, subject, _ in bench.events() if stage == "decide"}
    # The others of the lane are announced by whoever decides the one before them.
    assert decided == {names[0]}


async def test_big_and_packed_files_go_alone_and_the_others_together(bench: Bench, pool: Pool):
    big = manifest(1, bills=60)
    assert len(big.data) > SMALL_FILE_BYTES_MAX
    packed = (b"PK\x03\x04" + b"\x00" * 30, b"\x1f\x8b\x08" + b"\x00" * 20)
    world = World(bench, pool)
    names = world.receive(big, manifest(2), booking(3))
    names += [bench.receive(data).interchange for data in packed]
    assert await world.run(*names) == [None] * 5
    assert world.documents(*names) == [1, 1, 1, 0, 0]
    assert world.parts(names[0]) == 60
    assert pool.together == [2]
    assert pool.alone == 3


async def test_a_few_batches_are_recorded_at_once_and_more_are_staged(
    bench: Bench, pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    store, writes = bench.stores[0], []
    write = store.write

    async def counted(work: Any) -> Any:
        writes.append(work)
        return await write(work)

    monkeypatch.setattr(store, "write", counted)
    world = World(bench, pool)
    most = BATCHES_AT_ONCE_MAX * PARTS_PER_BATCH_MAX
    for bills, transactions in ((most, 1), (most + 1, 2 + BATCHES_AT_ONCE_MAX)):
        (name,) = world.receive(manifest(bills, bills=bills))
        writes.clear()
        assert await world.run(name) == [None]
        assert world.parts(name) == bills
        assert len(writes) == transactions


async def test_one_that_another_process_has_translated_disturbs_nobody(
    bench: Bench, pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    world = World(bench, pool)
    names = world.receive(*(booking(n) for n in range(4)))
    parse_small = pool.parse_small

    async def slow(files: Any) -> Any:
        found = await parse_small(files)
        other = World(bench, InProcess())
        await other.run(names[2])
        return found

    monkeypatch.setattr(pool, "parse_small", slow)
    assert await world.run(*names) == [None] * 4
    assert world.documents(*names) == [1] * 4
    assert [world.parts(name) for name in names] == [1] * 4
    events = [event for event in bench.events() if event[0] == "decide"]
    assert len(events) == len(set(events))


async def test_a_file_that_kills_its_parser_takes_no_other_with_it(bench: Bench, pool: Pool):
    world = World(bench, pool)
    files = [booking(n) for n in range(5)]
    pool.deadly = files[2].name
    names = world.receive(*files)
    told = await world.run(*names)
    assert [type(each) for each in told] == [ParserDied if n == 2 else type(None) for n in range(5)]
    assert world.documents(*names) == [1, 1, -1, 1, 1]


async def test_nothing_of_a_file_is_there_twice_after_a_second_run(bench: Bench, pool: Pool):
    world = World(bench, pool)
    names = world.receive(*(booking(n) for n in range(3)))
    await world.run(*names)
    assert await world.run(*names, *names) == [None] * 6
    assert [world.parts(name) for name in names] == [1] * 3
    assert sum(pool.together) == 3
