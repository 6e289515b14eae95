"""Delivery into a local folder: whole files, under their own name, nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.push_folder import push_folder, write_into_folder

BODY = os.urandom(300_000)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_sent_once_and_again(tmp_path: Path) -> None:
    (tmp_path / "D1.json.part").write_bytes(b"left by a crash")
    for body in (BODY, [BODY[:7], b"", BODY[7:]]):
        result = await push_folder(tmp_path, "D1.json", body, len(BODY))
        assert result.outcome == "sent"
        assert (tmp_path / "D1.json").read_bytes() == BODY
        assert names_in(tmp_path) == ["D1.json"]
    assert (tmp_path / "D1.json").stat().st_mode & 0o007 == 0


def test_other_bytes_under_the_name_stay(tmp_path: Path) -> None:
    (tmp_path / "D1.json").write_bytes(b"12345")
    assert write_into_folder(tmp_path, "D1.json", [b"12346"], 5).outcome == "refused"
    assert (tmp_path / "D1.json").read_bytes() == b"12345"
    assert names_in(tmp_path) == ["D1.json"]


@pytest.mark.parametrize("size", [4, 6])
def test_another_length_than_promised(tmp_path: Path, size: int) -> None:
    assert write_into_folder(tmp_path, "D1.json", [b"12345"], size).outcome == "retry"
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    ["../up", "/abs", "..", ".", "", "a/b", "a\0b", "a\nb", "a\\b", "\u202ea", "\ud800", "x" * 251],
)
def test_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "target"
    folder.mkdir()
    assert write_into_folder(folder, name, [b"1"], 1).outcome == "refused"
    assert names_in(tmp_path) == ["target"]
    assert names_in(folder) == []


def _link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _hard_link(path: Path, outside: Path) -> None:
    path.hardlink_to(outside)


def _fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def _dangling(path: Path, outside: Path) -> None:
    path.symlink_to(outside.with_name("made by following"))


TRAPS = [_link, _hard_link, _fifo, _dangling]


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_in_place_of_the_part(tmp_path: Path, trap: Callable[[Path, Path], None]) -> None:
    folder, outside = tmp_path / "target", tmp_path / "canary"
    folder.mkdir()
    outside.write_bytes(b"canary")
    trap(folder / "D1.json.part", outside)
    assert write_into_folder(folder, "D1.json", [BODY], len(BODY)).outcome == "sent"
    assert outside.read_bytes() == b"canary"
    assert names_in(tmp_path) == ["canary", "target"]
    assert (folder / "D1.json").read_bytes() == BODY


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_in_place_of_the_file(tmp_path: Path, trap: Callable[[Path, Path], None]) -> None:
    folder, outside = tmp_path / "target", tmp_path / "canary"
    folder.mkdir()
    outside.write_bytes(b"canary")
    trap(folder / "D1.json", outside)
    assert write_into_folder(folder, "D1.json", [BODY], len(BODY)).outcome == "refused"
    assert outside.read_bytes() == b"canary"
    assert names_in(tmp_path) == ["canary", "target"]


def test_the_folder_itself(tmp_path: Path) -> None:
    real, link, file = tmp_path / "real", tmp_path / "link", tmp_path / "file"
    real.mkdir()
    link.symlink_to(real)
    file.write_bytes(b"")
    assert write_into_folder(link, "D1", [b"1"], 1).outcome == "refused"
    assert write_into_folder(file, "D1", [b"1"], 1).outcome == "refused"
    assert write_into_folder(tmp_path / "not mounted", "D1", [b"1"], 1).outcome == "retry"
    assert names_in(real) == []


def test_a_body_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield BODY
        raise RuntimeError("the archive is damaged")

    with pytest.raises(RuntimeError, match="archive"):
        write_into_folder(tmp_path, "D1.json", broken(), len(BODY))
    assert names_in(tmp_path) == []
