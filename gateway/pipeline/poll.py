"""POLL: fetch files from a partner's SFTP server, as if they had been uploaded.

One poller acts at a time (lease).  A file is read when it is old enough and has kept its size, and
is moved to the archive folder only after our commit; should the move fail, the same path, size,
time and bytes are recognised next time (house.md 6) and only moved.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from gateway.canonical.partner import Account, Partner, Poll
from gateway.limits import INTERCHANGE_BYTES_MAX, POLL_FILES_PER_ROUND_MAX
from gateway.pipeline.channels import RemoteFolder, RemoteName
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import (
    Clock,
    Directory,
    Store,
    TransientError,
    Tx,
)
from gateway.pipeline.receive import Intake
from gateway.pipeline.refusal import Refusal
from gateway.pipeline.rows import AccountRef, Lease
from gateway.telemetry.events import emit, emit_seldom

_TICK_SECONDS = 1.0
# What a killed process held keeps its successor waiting for so long; the living one renews it.
_LEASE_SECONDS = 15.0
_RENEW_SECONDS = 5.0
# A round that hangs is cut by the session's own watchdog well before.
_ROUND_SECONDS_MAX = 600.0

Open = Callable[[Poll], RemoteFolder]


class PollJob:
    """All polls of all partners, each at its own pace."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        clock: Clock,
        intake: Intake,
        open_folder: Open,
        owner: str,
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._intake = intake
        self._open = open_folder
        self._owner = owner
        self._next: dict[tuple[str, str], float] = {}
        self._rounds: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; a round in progress ends after its current file."""
        while not stopping.is_set():
            for partner, poll in self._directory.polls():
                self._start(partner, poll, stopping)
            try:
                async with asyncio.timeout(_TICK_SECONDS):
                    await stopping.wait()
            except TimeoutError:
                continue
        if self._rounds:
            await asyncio.wait(self._rounds.values(), timeout=_ROUND_SECONDS_MAX)

    def _start(self, partner: Partner, poll: Poll, stopping: asyncio.Event) -> None:
        key = (partner.code, poll.name)
        now = self._clock.monotonic()
        running = self._rounds.get(key)
        if now < self._next.get(key, 0) or (running is not None and not running.done()):
            return
        self._next[key] = now + poll.every_seconds
        self._rounds[key] = asyncio.create_task(self._round(partner, poll, stopping))

    async def _round(self, partner: Partner, poll: Poll, stopping: asyncio.Event) -> None:
        """One round under its lease; nothing a server does gets further than a warning."""
        name = f"poll:{partner.code}:{poll.name}"
        now = self._clock.now()
        until = now + timedelta(seconds=_LEASE_SECONDS)
        try:
            lease = await self._store.write(
                lambda tx: tx.leases.acquire(name, self._owner, now, until)
            )
            if lease is None:
                return
            keeper = asyncio.create_task(self._keep(lease))
            try:
                taken = await self.once(partner, poll, stopping)
            finally:
                keeper.cancel()
                await self._store.write(lambda tx: tx.leases.release(lease))
        except TransientError as error:
            emit_seldom("poll_waits", name, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - see the next line
            # A partner's server is not ours to trust: any fault of a round is told, not raised.
            emit_seldom("poll_failed", name, error=type(error).__name__)
        else:
            if taken:
                emit("polled", partner=partner.code, poll=poll.name, files=taken)

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease while the round goes on; a lost one only costs work done twice."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            until = self._clock.now() + timedelta(seconds=_LEASE_SECONDS)
            with contextlib.suppress(TransientError):
                await self._store.write(partial(self._renew, lease, until))

    @staticmethod
    def _renew(lease: Lease, until: datetime, tx: Tx) -> None:
        tx.leases.renew(lease, until)

    async def once(self, partner: Partner, poll: Poll, stopping: asyncio.Event) -> int:
        """Fetch what is there now; how many files were taken."""
        account = next(a for a in partner.accounts if a.name == poll.account)
        folder = await asyncio.to_thread(self._open, poll)
        taken = 0
        try:
            files = await asyncio.to_thread(folder.list, poll.folder)
            for file in list(files)[:POLL_FILES_PER_ROUND_MAX]:
                if stopping.is_set():
                    break
                if self._is_ripe(file, poll):
                    taken += await self._take(partner, account, poll, folder, file)
        finally:
            await asyncio.to_thread(folder.close)
        return taken

    def _is_ripe(self, file: RemoteName, poll: Poll) -> bool:
        """Old enough by the server's own clock, and not under a temporary name."""
        age = self._clock.now().timestamp() - file.mtime
        temporary = file.name.startswith(".") or file.name.endswith((".part", ".tmp", ".filepart"))
        return age >= poll.minimum_age_seconds and not temporary

    async def _take(
        self, partner: Partner, terms: Account, poll: Poll, folder: RemoteFolder, file: RemoteName
    ) -> int:
        """One file: read, commit, then move; a refused file stays where it is and is told."""
        account = AccountRef(partner.code, terms.name)
        name = file.raw_name or file.name.encode("utf-8", "surrogateescape")
        try:
            upload = await self._intake.admit(account, terms, name, file.size)
        except Refusal as refused:
            emit_seldom("poll_refused", f"{poll.name}:{refused.code}", file=file.name)
            return 0
        try:
            size = await asyncio.to_thread(
                folder.read_into, poll.folder, file.name, upload.write, INTERCHANGE_BYTES_MAX
            )
            if size != file.size:
                # It is still growing; the next round sees its new size.
                return 0
            crash_point("poll.read")
            source = f"{poll.name}:{poll.folder}/{file.name}:{file.size}:{file.mtime}"
            await self._intake.accept(upload, account, name, f"poll:{poll.name}", source_key=source)
        except Refusal as refused:
            emit_seldom("poll_refused", f"{poll.name}:{refused.code}", file=file.name)
            return 0
        finally:
            upload.close()
        crash_point("poll.accepted")
        await asyncio.to_thread(folder.move, poll.folder, file.name, poll.archive)
        crash_point("poll.moved")
        return 1
