"""The poller against a real OpenSSH server, with both drivers: fetched, accepted, then moved."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests import services
from tests.contract.sftp_servers import openssh, public_line
from tests.crash.files import manifest
from tests.crash.world import world

SECONDS_MAX = 40.0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("driver", ["pysftp", "asyncssh"])
async def test_a_partners_server_is_polled(driver, tmp_path):
    program = services.require("openssh")
    folder = tmp_path / "sshd"
    folder.mkdir()
    with openssh(program, folder, services.free_port()) as server:
        for name in ("out", "archive", "in"):
            (server.root / name).mkdir()
        async with world(tmp_path / "port") as port:
            _poll(port.site, server, driver)
            await asyncio.to_thread(port.gateway.prepare)
            files = [manifest(number) for number in range(3)]
            for file in files:
                (server.root / "out" / file.name).write_bytes(file.data)
            await port.start_gateway()
            await _until(lambda: len(list((server.root / "archive").iterdir())) == 3)
            assert list((server.root / "out").iterdir()) == []
            await port.drain()
            tokens = [effect.token for effect in port.effects() if effect.leg == "push"]
            assert sorted(tokens) == sorted(file.token for file in files)
            # The same bytes under another name are a repeat: moved, without an effect.
            (server.root / "out" / "again.txt").write_bytes(files[0].data)
            await _until(lambda: len(list((server.root / "archive").iterdir())) == 4)
            await port.drain()
            assert len([e for e in port.effects() if e.token == files[0].token]) == 3
            assert port.gateway.tracebacks() == []


def _poll(site, server, driver):
    key = site.folder / "poll.key"
    key.write_text(server.client_key)
    key.chmod(0o600)
    partner = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "private_key": f"file:{key}",
        "host_keys": [public_line("ed25519")],
        "driver": driver,
        "folder": str(server.root / "out"),
        "archive": str(server.root / "archive"),
    }
    site.partners["AGENT1"]["polls"] = [{**site.poll({}), **partner}]


async def _until(holds, seconds_max=SECONDS_MAX):
    ends = time.monotonic() + seconds_max
    while not holds():
        assert time.monotonic() < ends, "not in time"
        await asyncio.sleep(0.2)
