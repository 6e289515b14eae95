"""What a partner's program does over HTTP and SFTP: single calls, with everything they answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import asyncssh
import httpx2

from tests.crash.configuration import HOST, Credentials, Site

FINAL_STATES: Final = frozenset({"decided", "quarantined", "dead"})
_SECONDS_MAX: Final = 30.0


class Api:
    """One account's HTTP client."""

    def __init__(self, site: Site, account: Credentials) -> None:
        self._client = httpx2.AsyncClient(
            base_url=site.url,
            headers={"Authorization": f"Bearer {account.api_key}"},
            timeout=_SECONDS_MAX,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, **parameters: str) -> httpx2.Response:
        return await self._client.get(path, params=parameters)

    async def post(self, path: str, **arguments: Any) -> httpx2.Response:
        return await self._client.post(path, **arguments)

    async def send(self, name: str, data: Any, key: str | None = None) -> httpx2.Response:
        """Upload; `data` is bytes or an async iterator of bytes (then chunked)."""
        headers = {"X-Filename": name, "Content-Type": "application/octet-stream"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self._client.post("/v1/interchanges", content=data, headers=headers)

    async def accept(self, name: str, data: bytes, key: str | None = None) -> str:
        """Upload and expect 202; the interchange id."""
        answer = await self.send(name, data, key)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    async def interchange(self, id_: str) -> dict[str, Any]:
        answer = await self.get(f"/v1/interchanges/{id_}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def settled(self, id_: str, seconds_max: float = _SECONDS_MAX) -> dict[str, Any]:
        """The interchange once it is decided, quarantined or dead; TimeoutError with its state."""
        ends = time.monotonic() + seconds_max
        while (row := await self.interchange(id_))["state"] not in FINAL_STATES:
            if time.monotonic() > ends:
                raise TimeoutError(row["state"])
            await asyncio.sleep(0.05)
        return row

    async def outbox(self) -> list[dict[str, Any]]:
        """Everything that waits in this partner's mailbox."""
        answer = await self.get("/v1/outbox")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        rows = body if isinstance(body, list) else next(v for v in body.values() if _rows(v))
        return list(rows)


def _rows(value: object) -> bool:
    return isinstance(value, list)


@asynccontextmanager
async def sftp(site: Site, account: Credentials) -> AsyncIterator[asyncssh.SFTPClient]:
    """One SFTP session of an account."""
    connecting = asyncssh.connect(
        HOST,
        site.sftp_port,
        username=account.account,
        client_keys=[account.ssh_key],
        known_hosts=None,
        config=None,
        agent_path=None,
        login_timeout=_SECONDS_MAX,
    )
    async with connecting as connection, connection.start_sftp_client() as client:
        yield client
