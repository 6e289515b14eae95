"""R-20: nothing, one byte, exactly the limit, one more, and ten gigabytes of nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncssh
import pytest

from tests.crash.api import Api, sftp
from tests.crash.configuration import HOST
from tests.crash.files import manifest
from tests.crash.world import running

pytestmark = [pytest.mark.reliability, pytest.mark.timeout(120)]

LIMIT = 1 << 20
TEN_GB = 10 * 1000**3
INTAKE = {"intake": {"bytes_max": LIMIT}}


def exactly(size: int) -> bytes:
    """A manifest with a blank tail, which formats.md 10 allows."""
    return manifest(size).data.ljust(size)


async def _endless(site, framing: str) -> tuple[int, int]:
    """Send zeros until the server answers, as curl does; (status, bytes sent)."""
    reader, writer = await asyncio.open_connection(HOST, site.http_port)
    head = f"POST /v1/interchanges HTTP/1.1\r\nHost: {HOST}\r\nX-Filename: sparse.txt\r\n{framing}"
    writer.write(f"{head}\r\nAuthorization: Bearer {site.agent.api_key}\r\n\r\n".encode())
    piece = bytes(1 << 16)
    wire = b"10000\r\n" + piece + b"\r\n" if "chunked" in framing else piece
    answer = asyncio.create_task(reader.readuntil(b"\r\n"))
    sent = 0
    while not answer.done():
        writer.write(wire)
        with suppress(OSError):  # the answer may stand before the reset
            await writer.drain()
        sent += len(piece)
        await asyncio.sleep(0)
    writer.close()
    return int((await answer).split()[1]), sent


async def _pieces(data: bytes):
    for start in range(0, len(data), 10_000):
        yield data[start : start + 10_000]


async def test_sizes_over_http(tmp_path):
    async with running(tmp_path, **INTAKE) as port, Api(port.site, port.site.agent) as api:
        assert (await api.send("zero.txt", b"")).status_code in (400, 422)
        assert (await api.send("one.txt", b"0")).status_code == 202
        assert (await api.send("limit.txt", exactly(LIMIT))).status_code == 202
        assert (await api.send("limit-chunked.txt", _pieces(exactly(LIMIT)))).status_code == 202
        for data in (exactly(LIMIT + 1), _pieces(exactly(LIMIT + 1))):
            answer = await api.send("more.txt", data)
            assert answer.status_code == 413
            assert answer.json()["zh"]
        for framing in ("Transfer-Encoding: chunked", f"Content-Length: {TEN_GB}"):
            status, sent = await _endless(port.site, framing)
            assert status == 413
            assert sent < 64 * LIMIT, "cut at the limit, not at the end"
        one = await api.send("one.txt", b"0")
        row = await api.settled(one.headers["Location"].rpartition("/")[2])
        assert row["state"] in ("quarantined", "decided")
        assert row["findings"]


async def test_sizes_over_sftp(tmp_path):
    async with running(tmp_path, **INTAKE) as port, sftp(port.site, port.site.agent) as client:
        await _put(client, "one.txt", b"1")
        await _put(client, "limit.txt", exactly(LIMIT))
        for name, data in (("zero.txt", b""), ("more.txt", exactly(LIMIT + 1))):
            with pytest.raises(asyncssh.SFTPError) as refused:
                await _put(client, name, data)
            assert refused.value.reason
        with pytest.raises(asyncssh.SFTPError):
            async with client.open("inbox/sparse.txt", "wb") as remote:
                await remote.write(b"x", offset=TEN_GB - 1)
        listed = set(await client.listdir("inbox")) - {".", ".."}
        assert listed == {"one.txt", "limit.txt"}
        assert port.gateway.tracebacks() == []


async def _put(client, name, data):
    async with client.open(f"inbox/{name}", "wb") as remote:
        await remote.write(data)
