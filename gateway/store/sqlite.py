"""SQLITE: the store on one machine.  One writer thread, a few readers on snapshots of their own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from gateway.limits import (
    STORE_BUSY_SECONDS,
    STORE_LOCK_SECONDS,
    STORE_NOTICE_SECONDS,
    STORE_QUEUE_MAX,
    STORE_READERS,
)
from gateway.pipeline.ports import Archive, Clock, StoreUnavailable, Tx
from gateway.store.health import touch
from gateway.store.listeners import Listeners
from gateway.store.query import SQLITE
from gateway.store.session import Session
from gateway.store.sqlite_connection import cause_of, connect, is_disk_error, is_lock_error
from gateway.store.tx import Transaction
from gateway.store.writer import Job, Writer, WriterTerms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SqliteTerms:
    """Waiting times and bounds; tests shorten them."""

    busy_seconds: float = STORE_BUSY_SECONDS
    lock_seconds: float = STORE_LOCK_SECONDS
    notice_seconds: float = STORE_NOTICE_SECONDS
    queue_max: int = STORE_QUEUE_MAX


class SqliteStore:
    """The port `Store` on a migrated file."""

    def __init__(
        self, path: Path, archive: Archive, clock: Clock, owner: str, terms: SqliteTerms
    ) -> None:
        self._path = path
        self._archive = archive
        self._clock = clock
        self._owner = owner
        self._terms = terms
        self._listeners = Listeners()
        self._readers = ThreadPoolExecutor(STORE_READERS, thread_name_prefix="store-reader")
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._lending = threading.Lock()
        self._writer = Writer(
            WriterTerms(
                connect=self._connect,
                begin=self._nouns,
                wake=self._listeners.wake,
                lock_seconds=terms.lock_seconds,
                notice_seconds=terms.notice_seconds,
                queue_max=terms.queue_max,
            )
        )

    @property
    def archive(self) -> Archive:
        """Where large bodies are."""
        return self._archive

    async def write(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writer.submit(Job(work, loop, future))
        return await future

    async def read(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_now, work)

    def read_now(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        try:
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                result = work(self._nouns(connection))
                connection.execute("ROLLBACK")
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            _raise(error)
            raise
        self._give_back(connection)
        return result

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """See the port.  On a connection of its own: the caller need not be the server."""
        deadline = time.monotonic() + self._terms.lock_seconds
        while True:
            try:
                return self._write_once(work)
            except sqlite3.Error as error:
                if not is_lock_error(error) or time.monotonic() >= deadline:
                    _raise(error)
                    raise

    def _write_once(self, work: Callable[[Tx], T]) -> T:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            nouns = self._nouns(connection)
            result = work(nouns)
            connection.execute("COMMIT")
        if nouns.session.woke:
            self._listeners.wake()
        return result

    def _borrow(self) -> sqlite3.Connection:
        """A connection that cannot write: one that is idle, or a new one."""
        with self._lending:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            if self._idle:
                return self._idle.pop()
        return connect(self._path, self._terms.busy_seconds, read_only=True)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lending:
            if not self._closed and len(self._idle) < STORE_READERS:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        return connect(self._path, self._terms.busy_seconds)

    def _nouns(self, connection: sqlite3.Connection) -> Transaction:
        return Transaction(Session(connection.cursor(), SQLITE, self._clock, self._owner))

    def on_write(self, wake: Callable[[], None]) -> None:
        """See the port; the writer thread notices other processes from now on."""
        self._listeners.add(wake)
        self._writer.start()

    async def check(self) -> None:
        """See the port."""
        await self.write(cast("Callable[[Tx], None]", touch))

    async def close(self) -> None:
        """Finish what is queued; nothing is accepted afterwards."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.stop()
        self._readers.shutdown(wait=True)
        with self._lending:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _raise(error: sqlite3.Error) -> None:
    """What is not the statement's fault becomes StoreUnavailable."""
    if is_disk_error(error) or is_lock_error(error):
        raise StoreUnavailable(cause_of(error)) from error
