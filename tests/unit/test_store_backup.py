"""Backup of a running gateway, and restore where nothing is."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.pipeline.crash_points import ArmedFault, arm
from gateway.pipeline.rows import Arrival, StoredBody
from gateway.store import backup, migrate, open_store, restore
from gateway.store.backup import BackupRefused

LARGE = b"large body " * 10_000


class House:
    """A place with a database and an archive."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/gateway.db"
        self.archive = FolderArchive(folder / "archive")

    def open(self) -> Any:
        return open_store(self.url, self.archive, SystemClock(), "tests")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path / "house")
    migrate(house.url)
    return house


def receive(house: House, store: Any, name: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    reference = None
    if len(content) > 65_536:
        writer = house.archive.begin()
        writer.write(content)
        reference = writer.commit(digest)
    inline = None if reference else content
    body = StoredBody(len(content), digest, inline, reference, content[:10])
    at = datetime.now(UTC)
    one = Arrival(name, "ACME", "acme", "http", name, b"n", None, body, "acme/x", at)
    store.write_now(lambda tx: tx.interchanges.receive(one))


def test_a_backup_of_a_running_gateway_restores(house, tmp_path):
    store = house.open()
    receive(house, store, "small", b"small")
    receive(house, store, "large", LARGE)
    report = backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    receive(house, store, "later", b"later")
    assert (report.objects, report.folder) == (1, tmp_path / "copy")
    other = House(tmp_path / "other")
    assert restore(tmp_path / "copy", other.url, other.archive).objects == 1
    restored = other.open()
    found = restored.read_now(lambda tx: tx.interchanges.page(None, None, 9)).rows
    assert [row.id for row in found] == ["large", "small"]
    assert b"".join(other.archive.read(found[0].archive_ref)) == LARGE
    # It works on: the sequence goes on behind what was restored.
    receive(other, restored, "new", b"new")
    for each in (store, restored):
        asyncio.run(each.close())


def test_nothing_is_overwritten(house, tmp_path):
    backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    with pytest.raises(BackupRefused, match="exists"):
        backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    with pytest.raises(BackupRefused, match="exists"):
        restore(tmp_path / "copy", house.url, house.archive)


def test_a_killed_backup_is_no_backup_and_in_nobodys_way(house, tmp_path):
    arm("backup.before_rename:1:raise")
    with pytest.raises(ArmedFault):
        backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    arm("")
    assert not (tmp_path / "copy").exists()
    backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "archive",
        "backup.json",
        "gateway.db",
    ]


@pytest.mark.parametrize("harm", ["database", "manifest", "object"])
def test_a_doubtful_backup_is_refused(house, tmp_path, harm):
    store = house.open()
    receive(house, store, "large", LARGE)
    asyncio.run(store.close())
    copy = tmp_path / "copy"
    backup(house.url, house.archive, copy, SystemClock())
    if harm == "database":
        with (copy / "gateway.db").open("ab") as database:
            database.write(b"more")
    elif harm == "manifest":
        (copy / "backup.json").unlink()
    else:
        next((copy / "archive").iterdir()).write_bytes(b"other")
    other = House(tmp_path / "other")
    with pytest.raises(BackupRefused):
        restore(copy, other.url, other.archive)
    assert not (tmp_path / "other" / "gateway.db").exists()


def test_a_damaged_archive_is_told_at_backup(house, tmp_path):
    store = house.open()
    receive(house, store, "large", LARGE)
    asyncio.run(store.close())
    (path,) = (tmp_path / "house" / "archive" / "objects").glob("*/*")
    path.write_bytes(b"damaged")
    with pytest.raises(BackupRefused, match="damaged"):
        backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    assert not (tmp_path / "copy").exists()


def test_a_copy_is_one_file_of_one_state(house, tmp_path):
    store = house.open()
    receive(house, store, "one", b"1")
    backup(house.url, house.archive, tmp_path / "copy", SystemClock())
    asyncio.run(store.close())
    path = tmp_path / "copy" / "gateway.db"
    assert not path.with_name("gateway.db-wal").exists()
    assert path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(path)) as copied:
        assert copied.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


def test_postgres_has_tools_of_its_own(tmp_path, house):
    with pytest.raises(BackupRefused, match="pg_dump"):
        backup("postgresql://x/y", house.archive, tmp_path / "copy", SystemClock())
