"""The terminal under test: three legs, each with a ledger of its own; a fourth where asked for.

push: the reference receiver of `examples/` as a process.  drop: a folder that is read at the end.
box: a mailbox, emptied over SFTP by a reader that keeps what it read before it deletes.
ship: a partner's SFTP server, which also holds the files that the gateway polls.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import asyncssh

from tests.crash.configuration import HOST, Credentials, Site
from tests.services import REPO

_TOKEN: Final = re.compile(r"\b(V[0-9A-Z]{5}|TJBK[0-9]{8})\b")
_SESSION_SECONDS: Final = 60.0
PARTNER_PASSWORD: Final = "correct-horse"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a delivery did at a receiver: the file's own token where it can be read from it."""

    leg: str
    delivery: str
    token: str | None
    sha256: str


def token_of(data: bytes | str) -> str | None:
    """The voyage or booking that only one file carries."""
    text = data.decode("gb18030", "replace") if isinstance(data, bytes) else data
    found = _TOKEN.search(text)
    return found.group(1) if found else None


class Receiver:
    """The reference receiver; its port stays the same over restarts."""

    def __init__(self, folder: Path, secret: str) -> None:
        self._folder = folder
        self._ledger = folder / "receiver.sqlite"
        self._secret = folder / "receiver.secret"
        self._secret.write_text(secret, encoding="ascii")
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> None:
        """Serve, on the port of the first start."""
        command = [sys.executable, "-m", "examples.receiver", "--port", str(self.port)]
        command += ["--ledger", str(self._ledger), "--secret-file", str(self._secret)]
        self._process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(json.loads(self._process.stdout.readline())["port"])

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def effects(self) -> list[Effect]:
        """Its ledger, read from the file."""
        with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT delivery_id, business_key, subject, sha256, event_type FROM effects"
                " ORDER BY id"
            ).fetchall()
        return [Effect("push", row[0], token_of(f"{row[1]} {row[2]}"), row[3]) for row in rows]

    def retransmissions(self) -> int:
        """Deliveries that came again and were suppressed."""
        with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as database:
            (count,) = database.execute(
                "SELECT count(*) FROM attempts WHERE outcome = 'repeat'"
            ).fetchone()
        return int(count)

    def conflicts(self) -> int:
        """The same id with other contents: always a fault of the gateway."""
        with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as database:
            (count,) = database.execute(
                "SELECT count(*) FROM attempts WHERE outcome = 'conflict'"
            ).fetchone()
        return int(count)


def folder_effects(folder: Path, leg: str = "drop") -> list[Effect]:
    """A folder of files: each final name is an effect; the id stands before the first dot."""
    effects = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".part" or not path.is_file():
            continue
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        effects.append(Effect(leg, path.name.partition(".")[0], token_of(data), digest))
    return effects


@dataclass(slots=True)
class MailboxReader:
    """Empties one account's `outbox/` over SFTP for as long as it runs."""

    site: Site
    account: Credentials
    effects: list[Effect] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    keep_bodies: bool = False
    repeats: int = 0
    changed: list[str] = field(default_factory=list)
    _seen: dict[str, str] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _ended: bool = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        # A connection that is lost as we cancel makes another exception of the cancellation.
        self._ended = True
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while not self._ended:
            # A gateway that is killed in the middle is what this reader lives with.
            with suppress(OSError, asyncssh.Error, TimeoutError):
                async with asyncio.timeout(_SESSION_SECONDS):
                    await self._session()
            await asyncio.sleep(0.1)

    async def _session(self) -> None:
        connection = asyncssh.connect(
            HOST,
            self.site.sftp_port,
            username=self.account.account,
            client_keys=[self.account.ssh_key],
            known_hosts=None,
            config=None,
            agent_path=None,
            connect_timeout=5,
            login_timeout=5,
        )
        async with connection as opened, opened.start_sftp_client() as client:
            while True:
                names = [name for name in await client.listdir("outbox") if name[:1] != "."]
                for name in names:
                    await self._take(client, name)
                if not names:
                    await asyncio.sleep(0.1)

    async def _take(self, client: asyncssh.SFTPClient, name: str) -> None:
        async with client.open(f"outbox/{name}", "rb") as remote:
            data = await remote.read()
        self._record(name, data)
        await client.remove(f"outbox/{name}")

    def _record(self, name: str, data: bytes) -> None:
        delivery, digest = name.partition(".")[0], hashlib.sha256(data).hexdigest()
        known = self._seen.get(delivery)
        if known is not None:
            self.repeats += 1
            if known != digest:
                self.changed.append(name)
            return
        self._seen[delivery] = digest
        self.effects.append(Effect("box", delivery, token_of(data), digest))
        if self.keep_bodies:
            self.bodies[name] = data


class _Rooted(asyncssh.SFTPServer):
    """Everything beneath one folder."""

    root = b""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=self.root)


class _AnyLogin(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PARTNER_PASSWORD


@dataclass(slots=True)
class PartnerServer:
    """A partner's SFTP server in this process: `in/` takes deliveries, `out/` is polled."""

    root: Path
    port: int = 0
    host_key: str = ""
    _acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self) -> None:
        """Listen on a free loopback port."""
        for name in ("in", "out", "archive"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = key.export_public_key().decode().strip()
        factory = type("Rooted", (_Rooted,), {"root": str(self.root).encode()})
        self._acceptor = await asyncssh.listen(
            HOST, 0, server_factory=_AnyLogin, server_host_keys=[key], sftp_factory=factory
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Hang up."""
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
