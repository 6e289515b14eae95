"""The operator's commands about firms and the audit chain."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.pipeline.sealing import AUDIT_SEALS_PER_ROUND

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with `init` done, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "gateway.toml").write_text("")
    assert run(["init", "--config", str(folder / "gateway.toml")]) == 0
    return folder


@pytest.fixture
def gateway(prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in a copy of that site: (exit code, stdout, stderr)."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    capsys.readouterr()

    def call(*arguments: Any) -> tuple[int, str, str]:
        code = run([*map(str, arguments), "--config", str(tmp_path / "gateway.toml")])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


def _sealed(folder: Path) -> None:
    """What the running gateway does in the background."""
    from gateway.adapters.archive import FolderArchive  # noqa: PLC0415
    from gateway.adapters.clock import SystemClock  # noqa: PLC0415
    from gateway.store import open_store  # noqa: PLC0415

    url = f"sqlite:///{folder}/data/gateway.sqlite"
    store = open_store(url, FolderArchive(folder / "archive"), SystemClock(), "tests")
    assert store.write_now(lambda tx: tx.audit.seal(AUDIT_SEALS_PER_ROUND)) > 0


def test_audit_verify_says_when_somebody_changed_an_event(gateway: Call, tmp_path: Path) -> None:
    _sealed(tmp_path)
    code, out, _ = gateway("audit", "verify")
    head = out.strip()
    assert code == 0
    assert gateway("audit", "verify", "--head", head)[0] == 0
    with closing(sqlite3.connect(tmp_path / "data/gateway.sqlite")) as connection:
        connection.execute("UPDATE audit_event SET who = 'nobody' WHERE seq = 1")
        connection.commit()
    code, out, _ = gateway("audit", "verify")
    assert code == 1
    assert "event 1 was changed" in out
    assert gateway("audit", "verify", "--head", "1")[0] == 2


def test_audit_list_tells_who_and_what(gateway: Call) -> None:
    code, out, _ = gateway("audit", "list", "--json")
    assert code == 0
    assert '"what": "partner.applied"' in out
    assert "PORTEDI" in out
