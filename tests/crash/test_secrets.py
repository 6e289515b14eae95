"""S-21: thirty marked secrets are planted and a whole journey runs; then everything is searched."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import httpx2
import pytest

from tests.crash.api import Api, sftp
from tests.crash.clients import Senders
from tests.crash.configuration import DOCUMENTS, HOST, LOOPBACK
from tests.crash.files import booking, manifest, sample
from tests.crash.world import World, world
from tests.services import free_port

MARK = "MARKEDSECRET"
WEBHOOKS, BEARERS, PASSWORDS, KEYS = range(10), range(10, 16), range(16, 22), range(22, 30)


def mark(number: int) -> str:
    return f"{MARK}{number:02d}x7Qz0000000000000"


def needles() -> list[bytes]:
    """Each secret as text, in base64 and in hexadecimal."""
    found = []
    for number in range(30):
        text = mark(number).encode()
        found += [text, text.hex().encode(), base64.b64encode(text)[:32]]
    return found


def plant(port: World) -> None:
    """Half of them as files, half in the environment; in routes that work and routes that fail."""
    secrets = {n: f"whsec_{base64.b64encode(mark(n).encode()).decode()}" for n in WEBHOOKS}
    secrets |= {n: mark(n) for n in [*BEARERS, *PASSWORDS, *KEYS]}
    references = {}
    for number, secret in secrets.items():
        if number % 2:
            port.gateway.environment[f"PLANTED_{number}"] = secret
            references[number] = f"env:PLANTED_{number}"
        else:
            path = port.site.folder / "secrets" / f"{number}"
            path.parent.mkdir(exist_ok=True)
            path.write_text(secret)
            references[number] = f"file:{path}"
    port.site.partners["LEAKY1"] = {
        "name": "Leaky terminal",
        "routes": [*_http_routes(port, references), *_sftp_routes(references)],
    }


def _http_routes(port, references):
    ports = [port.receiver.port, free_port()]
    return [
        {
            "name": f"web{number}",
            "kind": "http",
            "url": f"http://{HOST}:{ports[number % 2]}/",
            "secrets": [references[number]],
            "bearer": references[BEARERS[number % len(BEARERS)]],
            "allow_networks": LOOPBACK,
            "attempts_max": 2,
            "subscriptions": [{"document": DOCUMENTS[0]}],
        }
        for number in WEBHOOKS
    ]


def _sftp_routes(references):
    """Nobody listens there, or what is no key is used as one: both must fail without words."""
    return [
        {
            "name": f"ssh{number}",
            "kind": "sftp",
            "host": HOST,
            "port": free_port(),
            "username": "gateway",
            "host_keys": [
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDEmMhO3SOpkwRUcFZg8Z3JMFAkVW2Pn0eHzZDpuHmPX"
            ],
            "folder": "/in",
            "attempts_max": 2,
            "subscriptions": [{"document": DOCUMENTS[0]}],
            ("password" if number in PASSWORDS else "private_key"): references[number],
        }
        for number in [*PASSWORDS, *KEYS]
    ]


@pytest.mark.reliability
@pytest.mark.timeout(180)
async def test_no_secret_is_found_anywhere(tmp_path):
    async with world(tmp_path, log_level="debug") as port:
        plant(port)
        await asyncio.to_thread(port.gateway.prepare)
        await port.start_gateway()
        async with Senders(port.site, 1) as senders:
            senders.feed([manifest(1), booking(2), *(sample(n) for n in range(3, 9))])
            await senders.done()
        said = await _everything_it_says(port)
        await port.drain(20)
        await asyncio.to_thread(port.gateway.run, "backup", str(tmp_path / "backup"))
        await asyncio.to_thread(port.gateway.stop)
        assert not _hits(said), f"said aloud: {_hits(said)}"
        assert _found_in(tmp_path) == []
        api_keys = [port.site.agent.api_key.encode(), port.site.terminal.api_key.encode()]
        assert _found_in(tmp_path, api_keys) == []


def _hits(data: bytes, wanted: list[bytes] | None = None) -> list[bytes]:
    return [needle for needle in wanted or needles() if needle in data]


def _found_in(folder: Path, wanted: list[bytes] | None = None) -> list[str]:
    """Files that carry a secret, apart from those in which it was planted."""
    own = folder / "secrets"
    return [
        f"{path.relative_to(folder)}: {hits[0]!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and own not in path.parents
        if (hits := _hits(path.read_bytes(), wanted))
    ]


async def _everything_it_says(port: World) -> bytes:
    """Health, metrics, API answers (also to wrong sign-ins) and the process list."""
    said = b""
    pages = ("/livez", "/readyz", "/metrics", "/admin", "/openapi.json", "/v1/outbox")
    async with httpx2.AsyncClient(trust_env=False) as client:
        for base in (port.site.url, port.site.admin_url):
            for page in pages:
                said += (await client.get(base + page)).content
        wrong = {"Authorization": f"Bearer {mark(1)}"}
        answer = await client.get(f"{port.site.url}/v1/outbox", headers=wrong)
        assert answer.status_code == 401
        said += answer.content
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept("again.txt", manifest(50).data)
        said += (await api.get(f"/v1/interchanges/{id_}")).content
        await api.settled(id_)
        said += (await api.get(f"/v1/interchanges/{id_}")).content
    async with sftp(port.site, port.site.agent) as client:
        said += str(await client.listdir("outbox")).encode()
    return said + _process_list([port.gateway.pid, *port.gateway.children()])


def _process_list(pids: list[int]) -> bytes:
    return b"\n".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)
