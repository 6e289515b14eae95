"""Data files are found by their path in the tree, in a checkout and in a wheel; nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway import resources

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A package with `schemas/` beside it, as in a checkout."""
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "gateway" / "resources.py"))
    monkeypatch.setattr(resources, "files", lambda _package: tmp_path / "gateway")
    folder = tmp_path / "schemas" / "flat"
    folder.mkdir(parents=True)
    (folder / "b.toml").write_text("值 = 1", encoding="utf-8")
    (folder / "a.toml").write_text("", encoding="utf-8")
    (folder / "a.txt").write_text("", encoding="utf-8")
    return tmp_path


def test_a_checkout_has_them_beside_the_package(tree):
    assert resources.read_text("schemas/flat/b.toml") == "值 = 1"
    assert resources.names("schemas/flat", ".toml") == ("a.toml", "b.toml")


def test_the_packaged_folder_comes_first(tree):
    packaged = tree / "gateway" / "_data" / "schemas" / "flat"
    packaged.mkdir(parents=True)
    (packaged / "b.toml").write_text("packaged", encoding="utf-8")
    assert resources.read_bytes("schemas/flat/b.toml") == b"packaged"


@pytest.mark.parametrize(
    "path",
    ["partners/A.toml", "schemas/../secret", "schemas//etc", "/etc/passwd", "schemas/..\\a", ""],
)
def test_a_path_that_leaves_the_folders_is_refused(tree, path):
    with pytest.raises(ValueError, match="resource path|data folder"):
        resources.resource(path)


@pytest.mark.parametrize("path", ["schemas/flat/c.toml", "tariffs"])
def test_what_is_missing_is_said_to_be_missing(tree, path):
    with pytest.raises(FileNotFoundError):
        resources.resource(path)


def test_a_wheel_carries_the_data_and_finds_it(tmp_path):
    """Built by the project's own settings, then read with nothing but the wheel on the path."""
    source, site = tmp_path / "source", tmp_path / "site"
    for name in ("pyproject.toml", "gateway/__init__.py", "gateway/resources.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / name, source / name)
    for name in resources.FOLDERS:
        (source / name / "deep").mkdir(parents=True)
        (source / name / "deep" / "file.toml").write_text(name, encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    assert sorted(path.name for path in site.iterdir() if path.suffix != ".dist-info") == [
        "gateway"
    ]

    program = (
        "from gateway import resources as r;"
        "print(r.__file__, *(r.read_text(f'{f}/deep/file.toml') for f in r.FOLDERS))"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    read = [sys.executable, "-c", program]
    done = subprocess.run(
        read, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(site / "gateway" / "resources.py"), *resources.FOLDERS]
