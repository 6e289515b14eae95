"""`/inbox` of one session: what is being written, what waits for its rename, what was accepted.

A file is complete when its handle is closed, or, under a temporary name, when it is renamed to its
final one; OK is answered only after the commit.  Two writers of one name are two uploads.  What the
session has not completed when it ends never was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway import limits
from gateway.adapters.refusal_memory import RefusalMemory
from gateway.adapters.sftp_server.incoming import Incoming
from gateway.adapters.sftp_server.paths import is_temporary
from gateway.canonical.partner import Account
from gateway.pipeline import refusal
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Clock, Store
from gateway.pipeline.receive import Intake, Upload, check_name, shown_name
from gateway.pipeline.refusal import Refusal, RefusalCode
from gateway.pipeline.rows import AccountRef, Receipt
from gateway.telemetry.events import emit


@dataclass(frozen=True, slots=True)
class Accepted:
    """An upload that the account may stat and list."""

    name: str
    size: int
    at: datetime


class Uploads:
    """What all sessions share: places per account, acceptances under way, the stop."""

    def __init__(self, per_account_max: int) -> None:
        self._per_account_max = per_account_max
        self._open: dict[str, int] = {}
        self.accepting: set[asyncio.Task[Receipt]] = set()
        self.stopping = False

    @property
    def busy(self) -> bool:
        """Whether anything would be lost to its sender if the server stopped now."""
        return bool(self._open or self.accepting)

    def enter(self, account: str) -> None:
        """Take a place; raises Refusal where the account has taken all of its own."""
        if self.stopping or self._open.get(account, 0) >= self._per_account_max:
            raise refusal.overloaded()
        self._open[account] = self._open.get(account, 0) + 1

    def leave(self, account: str) -> None:
        """Give the place back."""
        left = self._open.get(account, 0) - 1
        if left > 0:
            self._open[account] = left
        else:
            self._open.pop(account, None)


@dataclass(frozen=True, slots=True)
class InboxParts:
    """What an inbox works with."""

    intake: Intake
    store: Store
    clock: Clock
    uploads: Uploads
    refusals: RefusalMemory


class Inbox:
    """Uploads of one session of one account."""

    def __init__(self, parts: InboxParts, account: AccountRef) -> None:
        self._parts = parts
        self._account = account
        self._open: set[Incoming] = set()
        self._held: dict[bytes, Incoming] = {}
        self._mine: dict[str, Accepted] = {}
        self._listed: dict[str, Accepted] = {}
        self._listed_at = float("-inf")

    async def open(self, name: bytes, terms: Account, size: int | None) -> Incoming:
        """An upload under this name; raises Refusal."""
        try:
            incoming = Incoming(name, await self._admit(name, terms, size))
        except Refusal as why:
            emit("upload_refused", channel="sftp", account=self._account.account, code=why.code)
            raise
        self._open.add(incoming)
        return incoming

    async def _admit(self, name: bytes, terms: Account, size: int | None) -> Upload:
        check_name(name)
        self._parts.refusals.check(self._account.account, name)
        self._parts.uploads.enter(self._account.account)
        try:
            return await self._parts.intake.admit(self._account, terms, name, size)
        except BaseException:
            self._parts.uploads.leave(self._account.account)
            raise

    async def close(self, incoming: Incoming) -> None:
        """The client has sent everything: hold it or accept it; raises Refusal."""
        try:
            incoming.complete()
        except Refusal as why:
            self._drop(incoming)
            self._refused(incoming, why)
            raise
        if is_temporary(incoming.name):
            self._hold(incoming)
        else:
            await self._accept(incoming, incoming.name)

    async def rename(self, old: bytes, new: bytes) -> bool:
        """Give a held file its final name; False where nothing of the old name is held."""
        incoming = self._held.get(old)
        if incoming is None:
            return False
        check_name(new)
        del self._held[old]
        if is_temporary(new):
            incoming.name = new
            self._hold(incoming)
        else:
            await self._accept(incoming, new)
        return True

    def discard(self, name: bytes) -> bool:
        """Forget a held file; False where there is none."""
        incoming = self._held.pop(name, None)
        if incoming is not None:
            self._drop(incoming)
        return incoming is not None

    def abandon(self) -> None:
        """The session is over: what was not completed never was."""
        unfinished = [each for each in (*self._open, *self._held.values()) if each.size]
        for incoming in (*self._open, *self._held.values()):
            self._drop(incoming)
        self._held.clear()
        if unfinished:
            emit("upload_aborted", account=self._account.account, files=len(unfinished))

    async def find(self, name: bytes) -> Accepted | None:
        """A held or accepted upload of this name."""
        held = self._held.get(name)
        shown = shown_name(name)
        if held is not None:
            return Accepted(shown, held.size, self._parts.clock.now())
        if shown in self._mine:
            return self._mine[shown]
        return (await self._recent()).get(shown)

    async def listing(self) -> list[Accepted]:
        """Accepted uploads of the last 24 hours, a name once with its newest file."""
        recent = await self._recent()
        recent.update(self._mine)
        newest = sorted(recent.values(), key=lambda each: each.at, reverse=True)
        return newest[: limits.SFTP_LISTING_ENTRIES_MAX]

    async def _recent(self) -> dict[str, Accepted]:
        now = self._parts.clock.monotonic()
        if now - self._listed_at > limits.SFTP_LISTING_SECONDS:
            since = self._parts.clock.now() - timedelta(seconds=limits.SFTP_RECENT_SECONDS)
            rows = await self._parts.store.read(
                lambda tx: tx.interchanges.recent(self._account.account, since)
            )
            rows.sort(key=lambda row: row[2])
            self._listed = {name: Accepted(name, size, at) for name, size, at in rows}
            self._listed_at = now
            self._mine = {n: each for n, each in self._mine.items() if each.at >= since}
        return dict(self._listed)

    def _hold(self, incoming: Incoming) -> None:
        self._open.discard(incoming)
        self.discard(incoming.name)
        if len(self._held) >= limits.SFTP_HELD_PER_SESSION_MAX:
            self._drop(incoming)
            raise _too_many_held()
        self._held[incoming.name] = incoming

    async def _accept(self, incoming: Incoming, name: bytes) -> None:
        """Record it; a session that breaks meanwhile cannot leave the archive half-way."""
        account = self._account.account
        size = incoming.size
        task = asyncio.create_task(
            self._parts.intake.accept(incoming.upload, self._account, name, "sftp")
        )
        self._parts.uploads.accepting.add(task)
        task.add_done_callback(self._settled(incoming))
        try:
            receipt = await asyncio.shield(task)
        except Refusal as why:
            self._refused(incoming, why)
            raise
        self._parts.refusals.forget(account, name)
        shown = shown_name(name)
        self._mine[shown] = Accepted(shown, size, self._parts.clock.now())
        emit(
            "upload_accepted",
            "debug",
            channel="sftp",
            account=account,
            interchange=receipt.interchange,
            size=size,
            repeat=receipt.repeat,
        )
        crash_point("sftp.before_answer")

    def _settled(self, incoming: Incoming) -> Callable[[asyncio.Task[Receipt]], None]:
        def done(task: asyncio.Task[Receipt]) -> None:
            self._parts.uploads.accepting.discard(task)
            self._drop(incoming)
            if not task.cancelled():
                task.exception()  # told to the client where it is still there

        return done

    def _refused(self, incoming: Incoming, why: Refusal) -> None:
        account = self._account.account
        self._parts.refusals.note(account, incoming.name, why)
        emit("upload_refused", channel="sftp", account=account, code=why.code, size=incoming.size)

    def _drop(self, incoming: Incoming) -> None:
        self._open.discard(incoming)
        incoming.abort()
        if not incoming.left:
            incoming.left = True
            self._parts.uploads.leave(self._account.account)


def _too_many_held() -> Refusal:
    return Refusal(
        RefusalCode.OVERLOADED,
        "等待改名的临时文件过多",
        "too many files wait under temporary names for their rename",
    )
