"""The writer thread of SQLite: groups, savepoints, locks, full disks, kills."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.pipeline.ports import StoreUnavailable
from gateway.store import SchemaMismatch, SqliteTerms, migrate, open_store, schema_state
from tests.services import REPO, sized


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/gateway.db"
    migrate(url)
    return url


def opened(url: str, **terms: float):
    folder = Path(url.removeprefix("sqlite:///")).parent / "archive"
    return open_store(url, FolderArchive(folder), SystemClock(), "tests", SqliteTerms(**terms))


def connect(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=0)


def put(name: str):
    return lambda tx: tx.outbox.put("decide", name, 1, "lane")


async def hold_the_writer(store) -> threading.Event:
    """Keep the writer busy, so that what follows is one group."""
    go, busy = threading.Event(), threading.Event()

    def work(_tx):
        busy.set()
        go.wait(5)

    asyncio.get_running_loop().create_task(store.write(work))
    await asyncio.to_thread(busy.wait, 5)
    return go


def subjects(store) -> set[str]:
    return {row.subject for row in store.read_now(lambda tx: tx.outbox.take(10_000))}


async def test_a_failing_job_does_not_disturb_its_group(url):
    store = opened(url)
    go = await hold_the_writer(store)

    def half(tx):
        tx.outbox.put("decide", "half", 1, "lane")
        raise KeyError("broken")

    def refused(tx):
        tx.outbox.put("decide", "refused", 1, "lane")
        tx.outbox.put(None, "x", 1, "lane")

    work = [put("a"), half, put("b"), refused, put("c")]
    tasks = [asyncio.ensure_future(store.write(each)) for each in work]
    await asyncio.sleep(0.05)
    go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in results] == [
        type(None),
        KeyError,
        type(None),
        sqlite3.IntegrityError,
        type(None),
    ]
    assert subjects(store) == {"a", "b", "c"}
    await store.close()


async def test_a_group_is_one_commit(url):
    store = opened(url)
    await store.write(put("first"))
    go = await hold_the_writer(store)
    commits = count_commits(url)
    tasks = [asyncio.ensure_future(store.write(put(f"s{n}"))) for n in range(100)]
    await asyncio.sleep(0.05)
    go.set()
    await asyncio.gather(*tasks)
    # The one that held the writer wrote nothing, so the counter moved for the group alone.
    assert count_commits(url) - commits == 1
    assert len(subjects(store)) == 101
    await store.close()


def count_commits(url: str) -> int:
    """Commit frames in the WAL: those whose header says how large the database is."""
    wal = Path(url.removeprefix("sqlite:///") + "-wal").read_bytes()
    page = int.from_bytes(wal[8:12], "big")
    frames = range(32, len(wal), 24 + page)
    return sum(int.from_bytes(wal[at + 4 : at + 8], "big") > 0 for at in frames)


async def test_too_many_waiting_writes_are_refused(url):
    store = opened(url, queue_max=3)
    go = await hold_the_writer(store)
    tasks = [asyncio.ensure_future(store.write(put(f"s{n}"))) for n in range(5)]
    await asyncio.sleep(0.05)
    go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in results[3:]] == [StoreUnavailable, StoreUnavailable]
    assert subjects(store) == {"s0", "s1", "s2"}
    await store.close()


async def test_a_foreign_lock_is_waited_for_and_not_told(url):
    """R-15 with shorter times: the lock outlasts one busy timeout, not the writer's patience."""
    store = opened(url, busy_seconds=0.2, lock_seconds=10)
    other = connect(url)
    other.execute("BEGIN IMMEDIATE")
    tasks = [asyncio.ensure_future(store.write(put(f"s{n}"))) for n in range(50)]
    await asyncio.sleep(1.5)
    assert not any(task.done() for task in tasks)
    assert await store.read(lambda tx: tx.outbox.take(1)) == []
    other.execute("ROLLBACK")
    await asyncio.gather(*tasks)
    assert len(subjects(store)) == 50
    other.close()
    await store.close()


async def test_a_foreign_lock_that_stays_is_unavailable(url):
    store = opened(url, busy_seconds=0.1, lock_seconds=0.3)
    with closing(connect(url)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="BUSY"):
            await store.check()
        with pytest.raises(StoreUnavailable, match="BUSY"):
            await asyncio.to_thread(store.write_now, put("x"))
    await store.write(put("y"))
    assert subjects(store) == {"y"}
    await store.close()


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(url):
    store = opened(url)
    go = await hold_the_writer(store)
    tasks = [asyncio.ensure_future(store.write(put(f"s{n}"))) for n in range(5)]
    await asyncio.sleep(0.05)
    closing_now = asyncio.ensure_future(store.close())
    go.set()
    await closing_now
    await asyncio.gather(*tasks)
    with pytest.raises(StoreUnavailable):
        await store.write(put("late"))
    with closing(connect(url)) as reader:
        assert reader.execute("SELECT count(*) FROM outbox").fetchone() == (5,)


async def test_a_cancelled_write_harms_nobody(url):
    store = opened(url)
    go = await hold_the_writer(store)
    tasks = [asyncio.ensure_future(store.write(put(f"s{n}"))) for n in range(3)]
    await asyncio.sleep(0.05)
    tasks[1].cancel()
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert subjects(store) == {"s0", "s2"}
    await store.close()


def test_files_are_private_and_durable(url):
    path = Path(url.removeprefix("sqlite:///"))
    assert path.stat().st_mode & 0o077 == 0
    store = opened(url)

    def pragmas(tx):
        ask = tx.session._cursor.execute
        names = ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum")
        return [ask(f"PRAGMA {name}").fetchall()[0][0] for name in names]

    assert store.write_now(pragmas) == ["wal", 2, 1, 2]
    asyncio.run(store.close())


# ---- Full disks

TINY = 3_000_000


@pytest.fixture
def tiny_disk(tmp_path: Path):
    """A file system of 3 MB, where mounting is allowed."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={TINY}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_told_and_forgotten(tiny_disk):
    """R-07: nothing is accepted that is not durable, and all goes on when there is space again."""
    url = f"sqlite:///{tiny_disk}/gateway.db"
    migrate(url)
    store = opened(url)
    ballast = tiny_disk / "ballast"

    async def write(name: str) -> str:
        await store.write(lambda tx: tx.outbox.put("decide", name, 1, "x" * 20_000))
        return name

    async def until_it_is_full() -> None:
        for n in range(50):
            accepted.append(await write(f"still full {n}"))

    accepted = [await write(f"before{n}") for n in range(10)]
    free = os.statvfs(tiny_disk)
    ballast.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 60_000))
    refused = 0
    for n in range(20):
        tried = await asyncio.gather(
            *(write(f"full{n}/{m}") for m in range(5)), return_exceptions=True
        )
        accepted += [each for each in tried if isinstance(each, str)]
        refused += sum(isinstance(each, StoreUnavailable) for each in tried)
        assert all(isinstance(each, str | StoreUnavailable) for each in tried)
    assert refused > 0
    # Closing a connection may have freed a little.
    with pytest.raises(StoreUnavailable, match="FULL|IOERR|CANTOPEN"):
        await until_it_is_full()
    assert await store.read(lambda tx: tx.outbox.backlog())
    ballast.unlink()
    accepted.append(await write("after"))
    await store.check()
    assert subjects(store) == set(accepted)
    await store.close()
    with closing(connect(url)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


OPEN = """
import asyncio, resource, signal, sys
from pathlib import Path
from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.pipeline.ports import StoreUnavailable
from gateway.store import open_store

def opened(url):
    folder = Path(url.removeprefix("sqlite:///")).parent / "archive"
    return open_store(url, FolderArchive(folder), SystemClock(), "tests")

def put(name):
    return lambda tx: tx.outbox.put("decide", name, 1, "lane")
"""

LIMITED = (
    OPEN
    + """
async def main(url):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = opened(url)
    await store.write(put("first"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    accepted, refused = 1, 0
    for n in range(100):
        try:
            await store.write(lambda tx, n=n: tx.outbox.put("decide", str(n), 1, "x" * 9000))
            accepted += 1
        except StoreUnavailable:
            refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.write(put("last"))
    print(accepted + 1, refused)
    await store.close()

asyncio.run(main(sys.argv[1]))
"""
)


def test_a_file_that_may_not_grow_is_as_good_as_a_full_disk(url):
    """The same where nothing can be mounted: the kernel refuses to let a file grow."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, url],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    accepted, refused = map(int, done.stdout.split())
    assert refused > 0
    with closing(connect(url)) as reader:
        assert reader.execute("SELECT count(*) FROM outbox").fetchone() == (accepted,)
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# ---- Kills

WRITING = (
    OPEN
    + """
async def main(url, first):
    store = opened(url)
    async def one(n):
        await store.write(put(f"{first}/{n}"))
        print(f"{first}/{n}", flush=True)
    n = 0
    while True:
        await asyncio.gather(*(one(n + k) for k in range(7)))
        n += 7

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""
)


def test_a_kill_loses_nothing_that_was_answered(url):
    told: set[str] = set()
    for kill in range(sized(2, 30)):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITING, url, str(kill)],
            cwd=REPO,
            stdout=subprocess.PIPE,
            text=True,
        )
        first = process.stdout.readline()
        time.sleep(0.05 + 0.07 * kill % 0.4)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split("\n")
        process.wait()
        process.stdout.close()
        # The last line may be cut in the middle.
        told |= {first.strip(), *rest[:-1]}
        with closing(connect(url)) as reader:
            assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {row[0] for row in reader.execute("SELECT subject FROM outbox")}
        assert told <= kept
    assert len(told) > 10


# ---- Schemas


def test_a_database_without_our_schema_is_refused(tmp_path, url):
    assert schema_state(url) == "current"
    missing = f"sqlite:///{tmp_path}/none.db"
    assert schema_state(missing) == "empty"
    with pytest.raises(SchemaMismatch, match="migrate"):
        opened(missing)
    assert not (tmp_path / "none.db").exists()
    with closing(connect(url)) as writer:
        writer.execute("UPDATE alembic_version SET version_num = '9999'")
    assert schema_state(url) == "ahead"
    for refused in (opened, migrate):
        with pytest.raises(SchemaMismatch, match="newer"):
            refused(url)


@pytest.mark.parametrize("wrong", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_urls_that_we_do_not_serve_are_refused(wrong):
    with pytest.raises(ValueError, match="SQLite URL|unknown database"):
        schema_state(wrong)
