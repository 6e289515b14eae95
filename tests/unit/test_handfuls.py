"""What waits together is taken together, and nobody gets another's result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.pipeline.handfuls import Handfuls


class Work:
    """Gives ten times each number; knows what it was given, and how many at a time."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.side_by_side = self.most_side_by_side = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.seen.append(list(numbers))
        self.side_by_side += 1
        self.most_side_by_side = max(self.most_side_by_side, self.side_by_side)
        await self.gate.wait()
        await asyncio.sleep(0)
        self.side_by_side -= 1
        if 13 in numbers:
            raise LookupError("broken")
        return [10 * each for each in numbers]


async def test_each_gets_its_own_result_in_handfuls_of_the_size() -> None:
    work = Work()
    handfuls = Handfuls(work, 4, 2)
    results = await asyncio.gather(*(handfuls.take(n) for n in range(100, 121)))
    assert results == [10 * n for n in range(100, 121)]
    assert [n for handful in work.seen for n in handful] == list(range(100, 121))
    assert max(map(len, work.seen)) == 4
    assert work.most_side_by_side == 2


async def test_who_comes_alone_does_not_wait() -> None:
    work = Work()
    handfuls = Handfuls(work, 4, 1)
    assert [await handfuls.take(n) for n in (1, 2)] == [10, 20]
    assert work.seen == [[1], [2]]


async def test_a_fault_is_told_to_its_handful_and_to_no_other() -> None:
    handfuls = Handfuls(Work(), 2, 1)
    told = await asyncio.gather(*(handfuls.take(n) for n in (12, 13, 14)), return_exceptions=True)
    assert [type(each) for each in told] == [LookupError, LookupError, int]


async def test_who_has_gone_is_not_worked_for() -> None:
    work = Work()
    work.gate.clear()
    handfuls = Handfuls(work, 1, 1)
    tasks = [asyncio.create_task(handfuls.take(n)) for n in (1, 2, 3)]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    work.gate.set()
    assert [await tasks[0], await tasks[2]] == [10, 30]
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]
    assert [n for handful in work.seen for n in handful] == [1, 3]
