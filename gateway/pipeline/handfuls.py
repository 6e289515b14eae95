"""HANDFULS: what waits at the same time is taken together, a handful at a time.

A trip to another process or to the database costs about as much for thirty small files as for one.
Nobody waits for company: who comes while a place is free goes at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Handfuls(Generic[T, R]):
    """Brings items to `work`, at most `most` in a handful and so many handfuls as `places`.

    work: gives a result for each item; what it raises, every one of the handful gets.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], most: int, places: int
    ) -> None:
        self._work = work
        self._most = most
        self._places = places
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        # A task that has ended is among the hands for a moment longer, and takes nobody any more.
        self._busy = 0
        self._hands: set[asyncio.Task[None]] = set()

    async def take(self, item: T) -> R:
        """The result of this item."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._busy < self._places:
            self._busy += 1
            hand = asyncio.create_task(self._hand())
            self._hands.add(hand)
            hand.add_done_callback(self._hands.discard)
        return await future

    async def _hand(self) -> None:
        """Handful by handful, until nobody waits."""
        try:
            while self._waiting:
                most = min(self._most, len(self._waiting))
                taken = [self._waiting.popleft() for _ in range(most)]
                # Who was cancelled in the meantime is not worked for.
                await self._bring([each for each in taken if not each[1].done()])
        finally:
            self._busy -= 1

    async def _bring(self, taken: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        futures = [future for _item, future in taken]
        try:
            results = await self._work([item for item, _future in taken])
        except BaseException as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for future, result in zip(futures, results, strict=True):
            if not future.done():
                future.set_result(result)
