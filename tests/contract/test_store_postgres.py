"""What only PostgreSQL has: servers that restart, chunks in tables, readers on snapshots."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from gateway.limits import CHUNK_BYTES
from gateway.pipeline.ports import StoreUnavailable
from gateway.store import migrate, open_archive
from gateway.store.archive_chunks import ChunkArchive
from gateway.store.postgres import PostgresStore
from tests import services
from tests.contract.stores import START, Clock, arrival

CONTENT = os.urandom(2 * CHUNK_BYTES + 5)
REFERENCE = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def url(postgres: services.Postgres) -> Iterator[str]:
    name = postgres.create(postgres.template("store", migrate))
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def archive(url: str) -> Iterator[ChunkArchive]:
    archive = open_archive(url, Clock())
    assert archive is not None
    yield archive
    archive.close()


def count(url: str, table: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def put(archive: ChunkArchive) -> str:
    writer = archive.begin()
    for start in range(0, len(CONTENT), 100_000):
        writer.write(CONTENT[start : start + 100_000])
    return writer.commit(REFERENCE)


def test_chunks_are_read_back_and_kept_once(url, archive):
    assert put(archive) == put(archive) == REFERENCE
    chunks = list(archive.read(REFERENCE))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) == CHUNK_BYTES
    assert (count(url, "archive_upload"), count(url, "archive_chunk")) == (1, 3)


def test_nothing_exists_before_commit_or_after_abort(url, archive):
    writer = archive.begin()
    writer.write(CONTENT)
    with pytest.raises(FileNotFoundError):
        archive.read(REFERENCE)
    writer.abort()
    assert count(url, "archive_chunk") == 0


def test_orphans_are_swept_when_they_are_old(url, archive):
    put(archive)
    archive.begin().write(CONTENT)
    later = START + timedelta(days=1)
    assert archive.sweep(lambda _ref: False, START) == 0
    assert archive.sweep(lambda ref: ref == REFERENCE, later) == 1
    assert b"".join(archive.read(REFERENCE)) == CONTENT
    assert archive.sweep(lambda _ref: False, later) == 1
    assert count(url, "archive_chunk") == 0


def stop_and_start(cluster: services.Postgres) -> None:
    """As `pg_ctl restart -m immediate`: no farewell, recovery at the start."""
    cluster._process.send_signal(signal.SIGQUIT)
    cluster._process.wait(10)
    program = services.require("postgres").parent / "postgres"
    port = cluster.port
    services.free_port, real = (lambda: port), services.free_port
    try:
        cluster._serve(program, services._unprivileged())
    finally:
        services.free_port = real


async def test_a_restart_under_load_loses_and_doubles_nothing(tmp_path):
    """R-16: callers see at most StoreUnavailable, and everything answered is there once."""
    cluster = services.Postgres.start(services.require("postgres"))
    try:
        url = cluster.url(cluster.create())
        migrate(url)
        store = PostgresStore(url, None, Clock(), "tests")
        told, stopping = [], asyncio.Event()

        async def sender(number: int) -> None:
            n = 0
            while not stopping.is_set():
                one = arrival(b"%d/%d" % (number, n))
                receipt = await store.write(lambda tx, one=one: tx.interchanges.receive(one))
                told.append((one.id, receipt))
                n += 1

        senders = [asyncio.ensure_future(sender(number)) for number in range(8)]
        for _restart in range(services.sized(1, 50)):
            await asyncio.sleep(0.5)
            before = len(told)
            await asyncio.to_thread(stop_and_start, cluster)
            await asyncio.sleep(0.7)
            assert len(told) > before > 0
        stopping.set()
        await asyncio.gather(*senders)
        # A commit whose answer was lost was found again under its own id.
        assert all(receipt.interchange == name for name, receipt in told)
        assert count(url, "interchange") == count(url, "outbox") == len(told)
        await store.close()
    finally:
        cluster.stop()


async def test_a_server_that_is_gone_is_unavailable(postgres):
    name = postgres.create(postgres.template("store", migrate))
    store = PostgresStore(postgres.url(name), None, Clock(), "tests", retry_seconds=0.3)
    await store.check()
    postgres.drop(name)
    with pytest.raises(StoreUnavailable, match="does not exist|terminating"):
        await store.check()
    with pytest.raises(StoreUnavailable):
        await store.read(lambda tx: tx.outbox.take(1))
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.write(lambda tx: None)


async def test_a_reader_sees_one_snapshot(url):
    store = PostgresStore(url, None, Clock(), "tests")

    def work(tx):
        before = tx.outbox.backlog()
        store.write_now(lambda other: other.outbox.put("decide", "x", 1, "lane"))
        return before, tx.outbox.backlog()

    assert await store.read(work) == ({}, {})
    assert await store.read(lambda tx: tx.outbox.backlog()) == {"decide": 1}
    await store.close()
