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


FIRM = """
code = "FLEET1"
name = "示例集装箱运输有限公司"
state = "submitted"
types = ["普通车队", "船代"]
services = ["港口一站通"]
[[accounts]]
name = "fleet1"
"""


def test_a_firm_from_the_command_line(gateway: Call, tmp_path: Path) -> None:
    file = tmp_path / "FLEET1.toml"
    file.write_text(FIRM, encoding="utf-8")
    assert gateway("partners", "create", file)[:2] == (0, "FLEET1 submitted\n")
    assert gateway("partners", "create", file)[0] == 2
    assert gateway("partners", "review", "FLEET1", "--why", "complete")[1] == "FLEET1 review\n"
    assert gateway("partners", "return", "FLEET1")[1] == "FLEET1 submitted\n"
    assert gateway("partners", "approve", "FLEET1")[1] == "FLEET1 active\n"
    assert gateway("partners", "suspend", "FLEET1")[1] == "FLEET1 suspended\n"
    code, _, err = gateway("partners", "suspend", "FLEET1")
    assert code == 2
    assert "not possible in the state suspended" in err
    assert gateway("partners", "resume", "FLEET1")[1] == "FLEET1 active\n"
    assert gateway("partners", "payment", "FLEET1", "--open")[0] == 0
    shown = gateway("partners", "show", "FLEET1")[1]
    assert '"payment_enabled": true' in shown
    # Its types opened what it sends.
    assert '"booking"' in shown

    code, key, _ = gateway("partners", "add-account", "FLEET1", "clerk1", "--service", "港口一站通")
    assert (code, key[:3]) == (0, "gw_")
    assert gateway("partners", "add-account", "FLEET1", "clerk1")[0] == 2
    assert gateway("partners", "add-account", "FLEET1", "中文")[0] == 2
    assert gateway("partners", "add-account", "FLEET1", "clerk2", "--service", "x")[0] == 2
    assert gateway("partners", "rotate-key", "FLEET1", "clerk1")[1] != key
    assert "港口一站通" in gateway("partners", "accounts", "FLEET1")[1]
    assert gateway("partners", "remove-account", "FLEET1", "clerk1")[0] == 0
    assert gateway("partners", "remove-account", "FLEET1", "fleet1")[0] == 2
    assert gateway("partners", "accounts", "NOBODY")[0] == 2
    what = gateway("audit", "list", "FLEET1")[1]
    assert "firm.approve" in what
    assert "gw_" + key[3:] not in what


def test_files_and_the_api_keep_out_of_each_others_way(gateway: Call, tmp_path: Path) -> None:
    file = tmp_path / "partners" / "FLEET1.toml"
    file.write_text(FIRM, encoding="utf-8")
    assert gateway("partners", "apply")[0] == 0
    code, _, err = gateway("partners", "approve", "FLEET1")
    assert code == 2
    assert "managed by its file" in err
    file.unlink()
    other = FIRM.replace("FLEET1", "FLEET2").replace("fleet1", "fleet2")
    (tmp_path / "FLEET2.toml").write_text(other, encoding="utf-8")
    assert gateway("partners", "create", tmp_path / "FLEET2.toml")[0] == 0
    (tmp_path / "partners" / "FLEET2.toml").write_text(other, encoding="utf-8")
    code, _, err = gateway("partners", "apply")
    assert code == 2
    assert "managed by the API" in err
    assert gateway("partners", "discard", "FLEET2")[0] == 0
    assert gateway("partners", "apply")[0] == 0


def test_release_needs_something_quarantined(gateway: Call) -> None:
    assert gateway("release")[0] == 2
    assert gateway("release", "nothing")[0] == 2
    assert gateway("release", "--partner", "NOBODY") == (0, "", "")
    assert gateway("release", "x", "--partner", "NOBODY")[0] == 2
