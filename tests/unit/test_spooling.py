"""A file that takes longer than a call is done at the next try, and never made twice at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.pipeline.spooling import Spooling

pytestmark = pytest.mark.asyncio


async def test_the_next_try_finds_what_the_first_had_no_time_for():
    go, made = threading.Event(), []

    def work(spool):
        made.append(1)
        go.wait(5)
        spool.write(b"whole")

    spooling = Spooling()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await spooling.fill("d-1", work)
    go.set()
    with await spooling.fill("d-1", work) as spool:
        assert spool.tell() == 5
    assert made == [1]
    (await spooling.fill("d-1", work)).close()
    assert made == [1, 1]


async def test_what_went_wrong_is_tried_anew():
    spooling = Spooling()

    def broken(_spool):
        raise LookupError("x")

    for _ in range(2):
        with pytest.raises(LookupError):
            await spooling.fill("d-1", broken)
    (await spooling.fill("d-1", lambda spool: None)).close()


async def test_those_that_nobody_comes_back_for_are_thrown_away():
    spooling, go = Spooling(most=1), threading.Event()
    spools = []

    def work(spool):
        spools.append(spool)
        go.wait(5)

    first = asyncio.create_task(spooling.fill("d-1", work))
    await asyncio.sleep(0)
    second = asyncio.create_task(spooling.fill("d-2", work))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    (await second).close()
    await asyncio.sleep(0.05)
    assert [spool.closed for spool in spools] == [True, True]
