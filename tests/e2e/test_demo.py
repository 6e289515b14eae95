"""`make demo ONCE=1`: what a newcomer sees first works on any ports and leaves nothing running."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gateway.cli.demo.plan import load
from tests import services

REPO = Path(__file__).resolve().parents[2]


@contextmanager
def taken_port(port):
    """Somebody listens on a usual port; whoever was there already will do."""
    with socket.socket() as listener:
        with suppress(OSError):
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield


@pytest.mark.skipif(not services.required(), reason="`make demo ONCE=1` is it; .ci/run runs it")
@pytest.mark.timeout(120)
def test_the_demonstration_sees_every_expected_outcome(tmp_path):
    folder = tmp_path / "demo"
    with taken_port(2222):
        command = [sys.executable, "-m", "gateway", "demo", "--once", "--folder", str(folder)]
        done = subprocess.run(
            command, cwd=REPO, capture_output=True, text=True, timeout=110, check=False
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    drops = load()
    assert done.stdout.count("\n✓ ") >= len(drops)
    config = ["--config", str(folder / "gateway.toml")]
    _journeys_can_be_looked_up(config)
    _nothing_is_left(folder)


def _journeys_can_be_looked_up(config):
    found = _gateway("search", "TEMU3010013", "--json", *config)
    (line,) = found.splitlines()
    document = json.loads(line)
    assert document["state"] == "accepted"
    page = _gateway("show", document["document"], *config)
    for word in ("receive", "translate", "decide", "deliver", "TJTERM01/events", "HTTP 200"):
        assert word in page
    journey = json.loads(_gateway("show", document["interchange"], "--json", *config))
    sent = [d["id"] for d in journey["deliveries"] if d["partner"] == "TJTERM01"]
    assert sent
    assert json.loads(_gateway("show", sent[0], "--json", *config)) == journey
    assert journey["interchange"]["repeats"] == 1
    again = _gateway("replay", "interchange", document["interchange"], "--dry-run", *config)
    assert again.startswith("1 ")


def _gateway(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=REPO, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _nothing_is_left(folder):
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                line = (process / "cmdline").read_bytes()
            except OSError:
                continue  # it ended while we looked
            assert str(folder).encode() not in line
