"""WRITER: the one thread that writes to SQLite, many results per commit.

It takes what is queued, runs it, commits once (one fsync), and only then answers, one wake-up per
event loop.  Where a job fails, the others are run again in a savepoint each: it is lost alone.
When the disk fails, every job of the group fails and the connection is opened anew: after a failed
sync nothing that it holds can be believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gateway.limits import STORE_GROUP_MAX
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import StoreUnavailable
from gateway.store.sqlite_connection import cause_of, is_disk_error, is_lock_error
from gateway.store.tx import Transaction

_SAVEPOINT: Final = "SAVEPOINT job"
_RELEASE: Final = "RELEASE job"
_UNDO: Final = "ROLLBACK TO job"


@dataclass(slots=True)
class Job:
    """One `write`: what to do, and the future that waits on a loop."""

    work: Callable[[Any], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class WriterTerms:
    """What the writer needs from its store.

    connect: a new connection.  begin: nouns on a connection.  wake: called after commits with news.
    """

    connect: Callable[[], sqlite3.Connection]
    begin: Callable[[sqlite3.Connection], Transaction]
    wake: Callable[[], None]
    lock_seconds: float
    notice_seconds: float
    queue_max: int


class Writer:
    """Starts with the first job, ends with `stop`, which lets queued jobs finish."""

    def __init__(self, terms: WriterTerms) -> None:
        self._terms = terms
        self._queue: queue.Queue[Job | None] = queue.Queue(terms.queue_max)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopped = False
        self._connection: sqlite3.Connection | None = None
        self._tx: Transaction | None = None
        self._seen_version = 0
        self._noticed_at = 0.0

    def start(self) -> None:
        """Start the thread, which also notices the writes of other processes."""
        with self._starting:
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
                self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; raises StoreUnavailable when the queue is full or the store is closed."""
        if self._thread is None:
            self.start()
        if self._stopped:
            raise StoreUnavailable("the store is closed")
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise StoreUnavailable("overload: too many writes are waiting") from None

    def stop(self) -> None:
        """Finish what is queued, close the connection, end the thread."""
        with self._starting:
            first, self._stopped = not self._stopped, True
        if self._thread is not None:
            if first:
                self._queue.put(None)
            self._thread.join()
        self._answer(self._drain_refused())

    def _drain_refused(self) -> list[Job]:
        """Jobs that slipped in behind the end."""
        jobs = []
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._queue.get_nowait()
                if job is not None:
                    job.error = StoreUnavailable("the store is closed")
                    jobs.append(job)
        return jobs

    def _run(self) -> None:
        ended = False
        while not ended:
            group, ended = self._next_group()
            if group:
                self._commit(group)
                self._answer(group)
            if not ended and time.monotonic() - self._noticed_at >= self._terms.notice_seconds:
                self._notice()
        self._close()

    def _next_group(self) -> tuple[list[Job], bool]:
        """What is queued, up to a group; waits a moment for the first.  True at the end."""
        group: list[Job] = []
        try:
            job = self._queue.get(timeout=self._terms.notice_seconds)
            while job is not None:
                if not job.future.cancelled():
                    group.append(job)
                if len(group) >= STORE_GROUP_MAX:
                    return group, False
                job = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _commit(self, group: list[Job]) -> None:
        """Run and commit; each job has its result or its error afterwards."""
        try:
            woke = self._together(group) if len(group) > 1 else None
            if woke is None:
                woke = self._one_by_one([job for job in group if job.error is None])
            crash_point("store.before_commit")
            self._execute("COMMIT")
            crash_point("store.committed")
        except Exception as error:  # noqa: BLE001  # whatever it is, the callers must hear of it
            self._fail(group, error)
            return
        if woke:
            self._terms.wake()

    def _together(self, group: list[Job]) -> bool | None:
        """Run all without a savepoint; None where one has failed, and nothing is left of any.

        Two statements less for each job.  Jobs may be run again from the start (`ports`), so a
        failure, which is rare, costs the others of its group a second run and nothing else.
        """
        tx = self._begin()
        woke = False
        for job in group:
            tx.session.woke = False
            try:
                job.result = job.work(tx)
            except Exception as error:
                assert self._connection is not None
                if is_disk_error(error) or not self._connection.in_transaction:
                    raise
                job.error = error
                self._execute("ROLLBACK")
                return None
            woke = woke or tx.session.woke
        return woke

    def _one_by_one(self, group: list[Job]) -> bool:
        """Run each in a savepoint of its own; whether there is news for the runner."""
        tx = self._begin()
        woke = False
        for job in group:
            job.result = None
            self._perform(tx, job, alone=len(group) == 1)
            woke = woke or (tx.session.woke and job.error is None)
        return woke

    def _perform(self, tx: Transaction, job: Job, *, alone: bool) -> None:
        """Run one job; its own errors stay its own, the disk's are raised."""
        tx.session.woke = False
        if not alone:
            self._execute(_SAVEPOINT)
        try:
            job.result = job.work(tx)
        except Exception as error:
            assert self._connection is not None
            if is_disk_error(error) or not self._connection.in_transaction:
                raise
            job.error = error
            if alone:
                self._execute("ROLLBACK")
                self._execute("BEGIN")
            else:
                self._execute(_UNDO)
        if not alone:
            self._execute(_RELEASE)

    def _begin(self) -> Transaction:
        """Take the write lock, patiently (R-15): the same jobs wait, nobody hears of it."""
        deadline = time.monotonic() + self._terms.lock_seconds
        while True:
            try:
                tx = self._open()
                self._execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not is_lock_error(error) or time.monotonic() >= deadline or self._stopped:
                    raise
            else:
                return tx

    def _open(self) -> Transaction:
        if self._connection is None or self._tx is None:
            self._connection = self._terms.connect()
            self._tx = self._terms.begin(self._connection)
            self._seen_version = self._data_version()
        return self._tx

    def _fail(self, group: list[Job], error: Exception) -> None:
        """Nothing of this group is recorded."""
        self._close()
        for job in group:
            job.result = None
            job.error = StoreUnavailable(cause_of(error))
            job.error.__cause__ = error

    def _answer(self, jobs: list[Job]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        for job in jobs:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, answered in by_loop.items():
            # A loop that is closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, answered)

    def _notice(self) -> None:
        """Wake the listeners when another process has written (a command line)."""
        self._noticed_at = time.monotonic()
        try:
            self._open()
            version = self._data_version()
        except sqlite3.Error:
            # The next write tells its caller what is wrong; here nobody asked.
            self._close()
            return
        if version != self._seen_version:
            self._seen_version = version
            self._terms.wake()

    def _data_version(self) -> int:
        """Changes when another connection has written; our own commits do not count."""
        assert self._connection is not None
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _execute(self, statement: str) -> None:
        assert self._connection is not None
        self._connection.execute(statement)

    def _close(self) -> None:
        connection, self._connection, self._tx = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _settle(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
