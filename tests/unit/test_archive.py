"""The folder archive: durable before it is named, orphans swept, nothing outside."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from datetime import UTC, datetime, timedelta

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.limits import CHUNK_BYTES
from tests.services import sized

CONTENT = os.urandom(CHUNK_BYTES * 2 + 17)
REFERENCE = hashlib.sha256(CONTENT).hexdigest()
FUTURE = datetime.now(UTC) + timedelta(days=2)


@pytest.fixture
def archive(tmp_path) -> FolderArchive:
    return FolderArchive(tmp_path / "archive")


def put(archive: FolderArchive, content: bytes = CONTENT) -> str:
    writer = archive.begin()
    for start in range(0, len(content), 100_000):
        writer.write(content[start : start + 100_000])
    return writer.commit(hashlib.sha256(content).hexdigest())


def files(archive: FolderArchive) -> list[str]:
    return sorted(path.name for path in archive._folder.rglob("*") if path.is_file())


def test_what_is_committed_is_read_in_chunks(archive):
    assert put(archive) == REFERENCE
    chunks = list(archive.read(REFERENCE))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) == CHUNK_BYTES
    assert files(archive) == [REFERENCE, "lock"]
    (path,) = archive._objects.glob("*/*")
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_content_is_kept_once(archive):
    put(archive)
    put(archive)
    assert files(archive) == [REFERENCE, "lock"]


def test_nothing_exists_before_commit_or_after_abort(archive):
    writer = archive.begin()
    writer.write(CONTENT)
    with pytest.raises(FileNotFoundError):
        archive.read(REFERENCE)
    writer.abort()
    writer.abort()
    assert files(archive) == []


def test_abort_after_commit_takes_nothing_back(archive):
    writer = archive.begin()
    writer.write(CONTENT)
    writer.commit(REFERENCE)
    writer.abort()
    assert b"".join(archive.read(REFERENCE)) == CONTENT


@pytest.mark.parametrize("reference", ["", "../lock", "a" * 63, "A" * 64, "ab/../../lock"])
def test_a_reference_names_nothing_outside(archive, reference):
    with pytest.raises(FileNotFoundError):
        archive.read(reference)
    writer = archive.begin()
    with pytest.raises(FileNotFoundError):
        writer.commit(reference)
    assert files(archive) == []


def test_orphans_are_swept_when_they_are_old(archive):
    put(archive)
    put(archive, b"known")
    unfinished = archive.begin()
    unfinished.write(b"unfinished")
    known = {hashlib.sha256(b"known").hexdigest()}
    assert archive.sweep(known.__contains__, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert archive.sweep(known.__contains__, FUTURE) == 2
    assert files(archive) == [*known, "lock"]
    unfinished.abort()


def test_an_object_that_comes_back_is_young_again(archive):
    put(archive)
    (path,) = archive._objects.glob("*/*")
    os.utime(path, (0, 0))
    put(archive)
    assert archive.sweep(lambda _ref: False, datetime.now(UTC) - timedelta(hours=1)) == 0


def test_the_order_of_durability(archive, monkeypatch):
    """fsync of the file, rename, fsync of the folder; the reference comes last."""
    steps = []
    real_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append(kind(fd)), real_fsync(fd)))
    monkeypatch.setattr("gateway.adapters.archive.crash_point", steps.append)
    writer = archive.begin()
    writer.write(CONTENT)
    writer.commit(REFERENCE)
    at = steps.index("archive.before_fsync")
    assert steps[at:] == [
        "archive.before_fsync",
        "file",
        "archive.fsynced",
        "folder",
        "archive.renamed",
        "folder",
        "archive.folder_fsynced",
    ]


def kind(descriptor: int) -> str:
    return "folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file"  # noqa: PTH112


def test_a_failed_sync_names_nothing(archive, monkeypatch):
    def fails(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    writer = archive.begin()
    writer.write(CONTENT)
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="Input/output"):
        writer.commit(REFERENCE)
    with pytest.raises(FileNotFoundError):
        archive.read(REFERENCE)
    assert files(archive) == []


def test_free_share(archive):
    assert 0 <= archive.free_share() <= 1


def _sweeping(folder, rounds: int) -> None:
    archive = FolderArchive(folder)
    for _round in range(rounds):
        archive.sweep(lambda _ref: False, datetime.now(UTC) - timedelta(hours=1))


def test_a_sweep_in_another_process_never_takes_what_was_just_committed(archive):
    rounds = sized(200, 5000)
    put(archive, b"x")
    (path,) = archive._objects.glob("*/*")
    sweeper = multiprocessing.get_context("spawn").Process(
        target=_sweeping, args=(archive._folder, rounds * 3)
    )
    sweeper.start()
    try:
        for _round in range(rounds):
            if path.exists():
                os.utime(path, (0, 0))
            reference = put(archive, b"x")
            assert list(archive.read(reference)) == [b"x"]
    except FileNotFoundError as error:
        # Only the ageing of the test itself may meet a swept file.
        raise AssertionError("swept although just committed") from error
    finally:
        sweeper.join(30)
    assert sweeper.exitcode == 0
