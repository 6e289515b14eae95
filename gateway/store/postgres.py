"""POSTGRES: the store of many machines.  READ COMMITTED, locks where races matter (session.lock).

A write that meets a race (serialization, deadlock, a unique index) or a lost connection is run
again from its start.  When the connection is lost during a commit nobody knows its outcome: the
second run finds what the first one recorded, since every step is claimed, fenced or unique.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar, cast

import psycopg
from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.limits import (
    STORE_NOTICE_SECONDS,
    STORE_POSTGRES_CONNECTIONS,
    STORE_POSTGRES_IDLE_SECONDS,
    STORE_POSTGRES_SECONDS,
    STORE_QUEUE_MAX,
)
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Archive, Clock, StoreUnavailable, Tx
from gateway.store.health import touch
from gateway.store.listeners import Listeners
from gateway.store.query import POSTGRES
from gateway.store.session import Session
from gateway.store.tx import Transaction

T = TypeVar("T")

# Lost races: run again at once.
_RACES: Final = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.UniqueViolation,
)
_RACES_MAX: Final = 10
# Numbers are drawn before their rows are visible, so a change is told at once and once more after.
_NEWS: Final = (
    "SELECT last_value FROM outbox_seq_seq UNION ALL SELECT last_value FROM delivery_seq_seq"
)


class PostgresStore:
    """The port `Store` on a migrated database."""

    def __init__(
        self,
        url: str,
        archive: Archive,
        clock: Clock,
        owner: str,
        retry_seconds: float = STORE_POSTGRES_SECONDS,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._owner = owner
        self._retry_seconds = retry_seconds
        self._listeners = Listeners()
        self._writes = engine(url, owner)
        self._reads = engine(url, owner, read_only=True)
        self._threads = ThreadPoolExecutor(
            2 * STORE_POSTGRES_CONNECTIONS, thread_name_prefix="store"
        )
        self._waiting = 0
        self._closed = threading.Event()
        self._poller: threading.Thread | None = None

    @property
    def archive(self) -> Archive:
        """Where large bodies are."""
        return self._archive

    async def write(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        return await self._in_thread(self.write_now, work)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        return await self._in_thread(self.read_now, work)

    async def _in_thread(self, run: Callable[[Callable[[Tx], T]], T], work: Callable[[Tx], T]) -> T:
        if self._closed.is_set():
            raise StoreUnavailable("the store is closed")
        if self._waiting >= STORE_QUEUE_MAX:
            raise StoreUnavailable("overload: too many transactions are waiting")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run, work)
        finally:
            self._waiting -= 1

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        result, woke = self._again_and_again(self._writes, work)
        if woke:
            self._listeners.wake()
        return result

    def read_now(self, work: Callable[[Tx], T]) -> T:
        """See the port."""
        return self._again_and_again(self._reads, work)[0]

    def _again_and_again(self, engine: Engine, work: Callable[[Tx], T]) -> tuple[T, bool]:
        deadline = time.monotonic() + self._retry_seconds
        races = 0
        while True:
            try:
                return self._once(engine, work)
            except _RACES as error:
                races += 1
                if races >= _RACES_MAX:
                    raise StoreUnavailable(cause_of(error)) from error
            except (psycopg.OperationalError, psycopg.InterfaceError, DBAPIError) as error:
                if not _may_pass(error) or time.monotonic() >= deadline or self._closed.is_set():
                    raise StoreUnavailable(cause_of(error)) from error
                self._closed.wait(0.2)
            except PoolTimeout as error:
                raise StoreUnavailable(cause_of(error)) from error
            if races:
                time.sleep(random.uniform(0, 0.02))  # noqa: S311  # spreads, guards nothing

    def _once(self, engine: Engine, work: Callable[[Tx], T]) -> tuple[T, bool]:
        with borrowed(engine) as connection:
            session = Session(cast("Any", connection.cursor()), POSTGRES, self._clock, self._owner)
            result = work(Transaction(session))
            if engine is self._writes:
                crash_point("store.before_commit")
            connection.commit()
            if engine is self._writes:
                crash_point("store.committed")
            return result, session.woke

    def on_write(self, wake: Callable[[], None]) -> None:
        """See the port; other processes are noticed by polling, which no failover breaks."""
        self._listeners.add(wake)
        if self._poller is None:
            self._poller = threading.Thread(target=self._poll, name="store-news", daemon=True)
            self._poller.start()

    def _poll(self) -> None:
        seen: object = None
        late = False
        while not self._closed.wait(STORE_NOTICE_SECONDS):
            with suppress(psycopg.Error, DBAPIError, PoolTimeout), borrowed(self._reads) as reader:
                cursor = reader.cursor()
                cursor.execute(_NEWS)
                news = cursor.fetchall()
                if news != seen or late:
                    self._listeners.wake()
                late, seen = news != seen, news

    async def check(self) -> None:
        """See the port."""
        await self.write(cast("Callable[[Tx], None]", touch))

    async def close(self) -> None:
        """Finish what is under way; nothing is accepted afterwards."""
        self._closed.set()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        if self._poller is not None:
            self._poller.join()
        self._writes.dispose()
        self._reads.dispose()


def engine(url: str, owner: str, *, read_only: bool = False) -> Engine:
    """A bounded pool; readers see one snapshot per transaction and cannot write."""
    made = create_engine(
        url,
        pool_size=STORE_POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=STORE_POSTGRES_SECONDS,
        connect_args={
            "connect_timeout": 5,
            "application_name": f"gateway {owner}"[:63],
            # A frozen process must not keep its locks from those who took over.
            "options": f"-c idle_in_transaction_session_timeout={STORE_POSTGRES_IDLE_SECONDS}s",
        },
    )

    def as_reader(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True

    if read_only:
        event.listen(made, "connect", as_reader)
    return made


@contextmanager
def borrowed(engine: Engine) -> Iterator[PoolProxiedConnection]:
    """A connection of the pool; rolled back at the end, thrown away when it is broken."""
    connection = engine.raw_connection()
    try:
        yield connection
    except (psycopg.OperationalError, psycopg.InterfaceError):
        driver = cast("psycopg.Connection[Any] | None", connection.dbapi_connection)
        if driver is None or driver.closed:
            connection.invalidate()
        raise
    finally:
        connection.close()


def cause_of(error: BaseException) -> str:
    """Short words for health checks and logs, without the statement."""
    original = getattr(error, "orig", None) or error
    said = str(original).strip().splitlines()
    return f"{type(original).__name__}: {said[0] if said else ''}"


def _may_pass(error: BaseException) -> bool:
    """A full disk does not pass within seconds, and the sender had better hear of it."""
    original = getattr(error, "orig", None) or error
    return isinstance(original, (psycopg.OperationalError, psycopg.InterfaceError)) and not (
        isinstance(original, psycopg.errors.DiskFull)
    )
