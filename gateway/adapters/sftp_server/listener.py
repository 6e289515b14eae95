"""Start and stop the SFTP server."""

from __future__ import annotations

import asyncio
import logging

import asyncssh

from gateway import limits
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.refusal_memory import RefusalMemory
from gateway.adapters.sftp_server import algorithms, host_key
from gateway.adapters.sftp_server.attempts import Attempts
from gateway.adapters.sftp_server.inbox import InboxParts, Uploads
from gateway.adapters.sftp_server.password import Passwords
from gateway.adapters.sftp_server.settings import SftpSettings
from gateway.adapters.sftp_server.sign_in import Connections, Door, DoorParts
from gateway.pipeline.ports import Clock, Directory, Store
from gateway.pipeline.receive import Intake

_WINDOW_BYTES = limits.MIB
_POLL_SECONDS = 0.05
_GOODBYE_SECONDS = 2.0


class SftpListener:
    """A running server."""

    def __init__(
        self, acceptor: asyncssh.SSHAcceptor, parts: DoorParts, drain_seconds: float
    ) -> None:
        self._acceptor = acceptor
        self._parts = parts
        self._drain_seconds = drain_seconds

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._acceptor.get_port()

    async def close(self) -> None:
        """No new connections or uploads; those under way may end; then everybody goes."""
        self._acceptor.close()
        uploads = self._parts.inbox.uploads
        uploads.stopping = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._drain_seconds
        while uploads.busy and loop.time() < deadline:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(_POLL_SECONDS)
        connections = list(self._parts.connections.open)
        for connection in connections:
            connection.close()
        goodbyes = [asyncio.create_task(each.wait_closed()) for each in connections]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=_GOODBYE_SECONDS)
        for connection in list(self._parts.connections.open):
            connection.abort()
        if uploads.accepting:
            await asyncio.wait(set(uploads.accepting), timeout=self._drain_seconds)
        await self._acceptor.wait_closed()
        self._parts.passwords.close()


async def serve_sftp(
    intake: Intake,
    store: Store,
    directory: Directory,
    mailbox: Mailbox,
    clock: Clock,
    settings: SftpSettings,
) -> SftpListener:
    """Listen; raises OSError (port taken), or the errors of `host_key.load`."""
    logging.getLogger("asyncssh").setLevel(logging.ERROR)
    keys = await asyncio.to_thread(host_key.load, settings.host_keys)
    passwords = await asyncio.to_thread(Passwords)
    uploads = Uploads(settings.uploads_per_account_max)
    parts = DoorParts(
        settings=settings,
        directory=directory,
        attempts=Attempts(clock),
        passwords=passwords,
        inbox=InboxParts(intake, store, clock, uploads, RefusalMemory(clock)),
        mailbox=mailbox,
        connections=Connections(settings),
    )
    try:
        acceptor = await _listen(parts, keys, settings)
    except BaseException:
        passwords.close()
        raise
    return SftpListener(acceptor, parts, settings.drain_seconds)


async def _listen(
    parts: DoorParts, keys: list[asyncssh.SSHKey], settings: SftpSettings
) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen(
        settings.host,
        settings.port,
        server_factory=lambda: Door(parts),
        config=None,
        server_host_keys=keys,
        server_version="gateway",
        kex_algs=algorithms.KEY_EXCHANGES,
        encryption_algs=algorithms.CIPHERS,
        mac_algs=algorithms.MACS,
        compression_algs=algorithms.COMPRESSIONS,
        signature_algs=algorithms.SIGNATURES,
        gss_host=None,
        gss_kex=False,
        gss_auth=False,
        host_based_auth=False,
        kbdint_auth=False,
        x509_trusted_certs=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=False,
        line_editor=False,
        allow_scp=False,
        rdns_lookup=False,
        encoding=None,
        window=_WINDOW_BYTES,
        login_timeout=settings.login_seconds,
        keepalive_interval=30,
        keepalive_count_max=3,
    )
