"""init, migrate, partners, lookups, dead letters, replay, backup: what they do and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from gateway.cli.app import run
from gateway.pipeline.directory import KEY_PREFIX_CHARACTERS
from gateway.settings import load
from gateway.store import schema_state

AGENT = """
code = "AGENT1"
name = "示例代理 Example Agency"
identities = ["AGENT1"]
[[accounts]]
name = "agent1"
api_keys = ["{key}"]
[[agreements]]
document = "booking"
"""


@pytest.fixture
def site(tmp_path):
    """A folder with a configuration that leaves everything at its default."""
    (tmp_path / "gateway.toml").write_text("")
    return tmp_path


@pytest.fixture
def gateway(site, capsys):
    """Runs a command of that site: (exit code, stdout, stderr)."""

    def call(*arguments):
        code = run([*map(str, arguments), "--config", str(site / "gateway.toml")])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A site with `init` done and one partner applied, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    config = folder / "gateway.toml"
    config.write_text("")
    assert run(["init", "--config", str(config)]) == 0
    (folder / "partners" / "AGENT1.toml").write_text(AGENT.format(key="abcdefghijkl:" + "0" * 64))
    assert run(["partners", "apply", "--config", str(config)]) == 0
    return folder


@pytest.fixture
def ready(gateway, site, prepared):
    """As `gateway`, in a copy of that site."""
    shutil.copytree(prepared, site, dirs_exist_ok=True)
    return gateway


def test_init_makes_everything_and_shows_the_key_once(gateway, site):
    code, out, err = gateway("init")
    assert code == 0
    assert out.startswith("gw_")
    assert len(out.splitlines()) == 1
    assert "shown this once" in err
    assert schema_state(load(site / "gateway.toml").store.url) == "current"
    key = site / "data" / "ssh_host_ed25519_key"
    assert key.stat().st_mode & 0o077 == 0
    assert (site / "data" / "gateway.sqlite").stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    code, out, err = gateway("init")
    assert (code, out) == (0, "")
    assert "administrator: exists" in err
    assert key.read_bytes() == before


def test_migrate_alone_makes_the_database(gateway, site):
    assert gateway("migrate")[0] == 0
    assert gateway("migrate")[0] == 0
    assert (site / "data" / "gateway.sqlite").is_file()


LOOKUPS = [
    ["search", "TEMU3010013"],
    ["show", "nothing"],
    ["dead-letters"],
    ["partners", "list"],
    ["replay", "dead-letter", "1"],
    ["run"],
]


@pytest.mark.parametrize("command", LOOKUPS, ids=" ".join)
def test_without_a_database_the_way_out_is_told(gateway, site, command):
    code, out, err = gateway(*command)
    assert (code, out) == (2, "")
    assert "gateway init" in err
    assert not (site / "data" / "gateway.sqlite").exists()


def test_a_strange_database_is_told_from_ours(gateway, site):
    (site / "data").mkdir()
    (site / "data" / "gateway.sqlite").write_bytes(b"no database at all, but long enough" * 100)
    code, _, err = gateway("partners", "list")
    assert code == 2
    assert "cannot be used now" in err


def test_a_wrong_key_of_the_configuration_is_named(gateway, site):
    (site / "gateway.toml").write_text('[http]\nport = "many"\nhots = "x"\n')
    code, _, err = gateway("partners", "list")
    assert code == 2
    assert "http.port" in err
    assert "http.hots" in err
    assert run(["partners", "list", "--config", str(site / "no-such.toml")]) == 2


def test_partner_files_are_checked_all_at_once(ready, site):
    (site / "partners" / "BAD.toml").write_text('code = "OTHER"\nname = "x"\nnonsense = 1\n')
    (site / "partners" / "WORSE.toml").write_text("no toml")
    code, _, err = ready("partners", "check")
    assert code == 1
    assert "nonsense" in err
    assert "✗ WORSE.toml" in err
    assert "✓ AGENT1.toml" in err
    code, _, err = ready("partners", "apply")
    assert code == 2
    assert "nothing was applied" in err


def test_partners_apply_says_what_changed_and_can_retire(ready, site):
    assert "changed: none" in ready("partners", "apply")[1]
    text = (site / "partners" / "AGENT1.toml").read_text()
    (site / "partners" / "AGENT1.toml").write_text(text.replace("示例代理", "样例代理"))
    assert "changed: AGENT1" in ready("partners", "apply")[1]
    (site / "partners" / "AGENT1.toml").unlink()
    assert "AGENT1" in ready("partners", "list")[1]
    ready("partners", "apply", "--remove")
    listed = ready("partners", "list", "--json")[1]
    codes = {json.loads(line)["code"] for line in listed.splitlines()}
    assert "AGENT1" not in codes
    assert "PORTEDI" in codes  # made by init, not by a file


def test_show_keeps_hashes_to_itself(ready):
    code, out, _ = ready("partners", "show", "AGENT1")
    assert code == 0
    shown = json.loads(out)
    assert shown["accounts"][0]["api_keys"] == ["abcdefghijkl…"]
    assert "0" * 64 not in out
    assert ready("partners", "show", "NOBODY")[0] == 2


def test_a_new_key_of_a_partner_file_is_for_its_owner_to_enter(ready, site):
    code, out, err = ready("partners", "new-key", "agent1")
    assert code == 0
    key = out.strip()
    (entry,) = [line for line in err.splitlines() if "api_keys" in line]
    assert f'"{key[:KEY_PREFIX_CHARACTERS]}:' in entry
    assert key not in err
    entered = entry.split('"')[1]
    (site / "partners" / "AGENT1.toml").write_text(AGENT.format(key=entered))
    assert ready("partners", "apply")[0] == 0


def test_a_new_key_of_the_administrator_is_in_force_at_once(ready, site):
    before = ready("partners", "show", "PORTEDI")[1]
    assert ready("partners", "new-key", "admin")[0] == 0
    after = ready("partners", "show", "PORTEDI")[1]
    assert len(json.loads(after)["accounts"][0]["api_keys"]) == 2
    assert len(json.loads(before)["accounts"][0]["api_keys"]) == 1
    assert ready("partners", "new-key", "nobody")[0] == 2


def test_a_password_is_read_and_only_its_hash_is_told(site, ready):
    command = [sys.executable, "-m", "gateway", "--config", str(site / "gateway.toml")]
    command += ["partners", "set-password", "agent1"]
    done = subprocess.run(
        command, input="correct horse battery\n", capture_output=True, text=True, timeout=30,
        check=True,
    )  # fmt: skip
    assert "$argon2id$" in done.stderr
    assert "correct horse" not in done.stdout + done.stderr
    short = subprocess.run(
        command, input="short\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert short.returncode == 2


def test_nothing_found_is_1_and_no_such_id_is_2(ready):
    assert ready("search", "TEMU3010013")[0] == 1
    assert ready("search", "X", "--kind", "colour")[0] == 2
    assert ready("show", "01nothing")[0] == 2
    assert ready("dead-letters")[0] == 0
    assert ready("dead-letters", "show", "7")[0] == 2
    assert ready("dead-letters", "skip", "7")[0] == 2


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["dead-letter", "7"], 2),
        (["dead-letter", "7", "--dry-run"], 0),
        (["dead-letters", "--partner", "AGENT1"], 0),
        (["interchange", "01nothing"], 2),
        (["interchange", "01nothing", "--stage", "nonsense"], 2),
        (["interchanges", "--state", "dead", "--dry-run"], 0),
        (["interchanges", "--state", "dead", "--since", "yesterday"], 2),
        (["delivery", "01nothing"], 2),
        ([], 2),
    ],
)
def test_replay_of_nothing(ready, command, code):
    assert ready("replay", *command)[0] == code


def test_backup_and_restore_to_an_empty_place(ready, site, tmp_path_factory, capsys):
    folder = site / "backup"
    assert ready("backup", folder)[0] == 0
    assert ready("backup", folder)[0] == 2  # never over another one
    assert ready("restore", folder)[0] == 2  # never over a database
    other = tmp_path_factory.mktemp("other")
    (other / "gateway.toml").write_text("")
    config = ["--config", str(other / "gateway.toml")]
    assert run(["restore", str(folder), *config]) == 0
    capsys.readouterr()
    assert run(["partners", "list", "--json", *config]) == 0
    assert "AGENT1" in capsys.readouterr().out
    assert run(["restore", str(site / "no-backup"), *config]) == 2


def test_a_fault_of_ours_has_a_traceback_only_when_asked(ready, monkeypatch):
    def broken(*_):
        raise RuntimeError("internal")

    monkeypatch.setattr("gateway.cli.lookup._found", broken)
    code, _, err = ready("search", "X")
    assert code == 2
    assert "RuntimeError at" in err
    with pytest.raises(RuntimeError):
        ready("search", "X", "--trace")
