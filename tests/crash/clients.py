"""Senders as they are: they upload, lose the connection, and send again until they hear OK.

The ledger says what a sender was told, by whom and when.  Nothing else counts as accepted.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

import asyncssh
import httpx2

from tests.crash.configuration import HOST, Credentials, Site
from tests.crash.files import Sample

_CONNECT_SECONDS: Final = 10
_ANSWER_SECONDS: Final = 20.0
_AGAIN_SECONDS: Final = (0.05, 0.1, 0.2, 0.4)
# Answers after which a sender comes again with the same file.
_COME_AGAIN: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Told:
    """One OK, in the words of the sender."""

    number: int
    name: str
    kind: str
    token: str
    sha256: str
    channel: str
    interchange: str | None
    tries: int
    at: float


@dataclass(slots=True)
class Ledger:
    """All OKs of a run, and every answer that no sender should ever get."""

    told: list[Told] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    broken_tries: int = 0

    def write(self, path: Path) -> None:
        """For the post-mortem: one JSON line each."""
        lines = [json.dumps(asdict(each)) for each in self.told]
        path.write_text("\n".join([*lines, *self.strange, ""]), encoding="utf-8")


class Senders:
    """Several senders over both channels, fed from one queue."""

    def __init__(self, site: Site, seed: int, sftp: int = 3, http: int = 3) -> None:
        self._site = site
        self._seed = seed
        self._counts = {"sftp": sftp, "http": http}
        self._queue: asyncio.Queue[Sample] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self.ledger = Ledger()

    async def __aenter__(self) -> Self:
        for channel, count in self._counts.items():
            for number in range(count):
                sender = _SENDERS[channel](self._site, self._site.agent, self._seed + number)
                self._tasks.append(asyncio.create_task(self._work(sender)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def feed(self, samples: Iterable[Sample]) -> None:
        """More to send."""
        for sample in samples:
            self._queue.put_nowait(sample)

    async def done(self) -> None:
        """Until every file that was fed has been told OK, or a sender broke."""
        joined = asyncio.create_task(self._queue.join())
        await asyncio.wait([joined, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            if task.done():
                task.result()
        await joined

    async def _work(self, sender: Sender) -> None:
        try:
            while True:
                sample = await self._queue.get()
                await self._send(sender, sample)
                self._queue.task_done()
        finally:
            await sender.close()

    async def _send(self, sender: Sender, sample: Sample) -> None:
        tries = 0
        while True:
            tries += 1
            try:
                interchange = await sender.send(sample)
                break
            except TryAgain:
                self.ledger.broken_tries += 1
                waits = _AGAIN_SECONDS
                await asyncio.sleep(waits[min(tries, len(waits)) - 1])
            except Unexpected as error:
                self.ledger.strange.append(f"{sample.name} over {sender.channel}: {error}")
                return
        told = Told(
            sample.number,
            sample.name,
            sample.kind,
            sample.token,
            sample.sha256,
            sender.channel,
            interchange,
            tries,
            time.time(),
        )
        self.ledger.told.append(told)


class TryAgain(Exception):
    """No OK was heard; it may have been accepted all the same."""


class Unexpected(Exception):
    """A good file was refused for good."""


class Sender:
    """One channel; keeps its connection."""

    channel = ""

    def __init__(self, site: Site, account: Credentials, seed: int) -> None:
        self.site = site
        self.account = account
        self.random = random.Random(seed)

    async def send(self, sample: Sample) -> str | None:
        """The interchange id where the channel tells it; raises TryAgain or Unexpected."""
        raise NotImplementedError

    async def close(self) -> None:
        """Hang up."""


class SftpSender(Sender):
    """Half of the files under their own name, half under `.part` and renamed."""

    channel = "sftp"
    _connection: asyncssh.SSHClientConnection | None = None
    _client: asyncssh.SFTPClient | None = None

    async def send(self, sample: Sample) -> str | None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._put(sample)
        except (OSError, asyncssh.DisconnectError, TimeoutError) as error:
            await self.close()
            raise TryAgain from error
        except asyncssh.SFTPError as error:
            await self.close()
            if error.code in (asyncssh.FX_CONNECTION_LOST, asyncssh.FX_NO_CONNECTION):
                raise TryAgain from error
            raise self._judged(error) from error
        except asyncssh.Error as error:
            await self.close()
            raise TryAgain from error
        return None

    @staticmethod
    def _judged(error: asyncssh.SFTPError) -> Exception:
        """SFTP has no code for "come again": the text says it."""
        again = any(word in error.reason for word in ("again", "UNAVAILABLE", "OVERLOADED", "DISK"))
        return TryAgain() if again else Unexpected(f"SFTP {error.code}: {error.reason}")

    async def _put(self, sample: Sample) -> None:
        client = self._client or await self._connect()
        final = f"inbox/{sample.name}"
        way = f"{final}.part" if self.random.random() < 0.5 else final
        async with client.open(way, "wb") as remote:
            await remote.write(sample.data)
        if way != final:
            await client.posix_rename(way, final)
        else:
            # asyncssh's close says nothing when the connection has gone; asking again does.
            await client.stat(final)

    async def _connect(self) -> asyncssh.SFTPClient:
        self._connection = await asyncssh.connect(
            HOST,
            self.site.sftp_port,
            username=self.account.account,
            client_keys=[self.account.ssh_key],
            known_hosts=None,
            config=None,
            agent_path=None,
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_CONNECT_SECONDS,
        )
        self._client = await self._connection.start_sftp_client()
        return self._client

    async def close(self) -> None:
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            with suppress(OSError, asyncssh.Error, TimeoutError):
                async with asyncio.timeout(1):
                    await connection.wait_closed()


class HttpSender(Sender):
    """Half of the files with an Idempotency-Key, half rely on their bytes."""

    channel = "http"
    _client: httpx2.AsyncClient | None = None

    async def send(self, sample: Sample) -> str | None:
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False)
        headers = {
            "Authorization": f"Bearer {self.account.api_key}",
            "X-Filename": sample.name,
            "Content-Type": "application/octet-stream",
        }
        if sample.number % 2:
            headers["Idempotency-Key"] = f"key-{sample.number}"
        url = f"{self.site.url}/v1/interchanges"
        try:
            answer = await self._client.post(url, content=sample.data, headers=headers)
        except httpx2.HTTPError as error:
            await self.close()
            raise TryAgain from error
        if answer.status_code in _COME_AGAIN:
            raise TryAgain
        if answer.status_code != 202:
            raise Unexpected(f"HTTP {answer.status_code}: {answer.text[:500]}")
        return answer.headers["Location"].rpartition("/")[2]

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(httpx2.HTTPError, OSError):
                await client.aclose()


_SENDERS: Final = {"sftp": SftpSender, "http": HttpSender}
