"""Files in the making that outlive the call they are made for.

Writing a manifest of 45 MB takes longer than a call may.  The first try runs out of time and says
so; the file goes on being written, and the next try finds it done.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from tempfile import SpooledTemporaryFile

from gateway.limits import PARCEL_MEMORY_BYTES_MAX, PARCELS_BEGUN_MAX

Spool = SpooledTemporaryFile[bytes]


class Spooling:
    """Spools being filled in threads, by name; a bounded number waits for its next try."""

    def __init__(self, most: int = PARCELS_BEGUN_MAX) -> None:
        self._most = most
        self._begun: OrderedDict[str, asyncio.Task[Spool]] = OrderedDict()

    async def fill(self, name: str, work: Callable[[Spool], None]) -> Spool:
        """The filled spool, which the caller closes; raises what `work` raises.

        name: of the file; only one caller at a time may ask for it.
        """
        task = self._begun.get(name)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(filled, work), name=f"spool {name}")
            self._begun[name] = task
            self._forget_oldest()
        try:
            return await asyncio.shield(task)
        finally:
            # Given up before it was done, it stays for the next try.
            if task.done():
                self._begun.pop(name, None)

    def _forget_oldest(self) -> None:
        while len(self._begun) > self._most:
            _, task = self._begun.popitem(last=False)
            task.add_done_callback(_thrown_away)


def filled(work: Callable[[Spool], None]) -> Spool:
    """A spool that `work` has filled; in a thread."""
    # The caller closes it, so no `with` here.
    spool = SpooledTemporaryFile[bytes](PARCEL_MEMORY_BYTES_MAX)
    try:
        work(spool)
    except BaseException:
        spool.close()
        raise
    return spool


def _thrown_away(task: asyncio.Task[Spool]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()
