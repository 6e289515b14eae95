"""Who is at the door: limits before anything is said, then a key or a password.

One object per connection.  Unknown users get the same answers in the same time as known ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import asyncssh

from gateway import limits
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.sftp_server import algorithms, host_key
from gateway.adapters.sftp_server.attempts import Attempts, source_of
from gateway.adapters.sftp_server.files import AccountFiles
from gateway.adapters.sftp_server.inbox import InboxParts
from gateway.adapters.sftp_server.password import Passwords
from gateway.adapters.sftp_server.session import SftpSession
from gateway.adapters.sftp_server.settings import SftpSettings
from gateway.pipeline.ports import Directory
from gateway.pipeline.rows import AccountRef
from gateway.telemetry.events import emit, emit_seldom

_SIGNATURES = frozenset(name.encode() for name in algorithms.SIGNATURES)


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What every connection's door works with."""

    settings: SftpSettings
    directory: Directory
    attempts: Attempts
    passwords: Passwords
    inbox: InboxParts
    mailbox: Mailbox
    connections: Connections


class Connections:
    """Open connections, counted where they could become too many."""

    def __init__(self, settings: SftpSettings) -> None:
        self._settings = settings
        self._strangers: Counter[str] = Counter()
        self._accounts: Counter[str] = Counter()
        self.open: set[asyncssh.SSHServerConnection] = set()

    def why_not(self, source: str) -> str | None:
        """The cap that a new connection from this source would break."""
        if len(self.open) >= self._settings.connections_max:
            return "connections"
        if self._strangers.total() >= self._settings.unauthenticated_max:
            return "unauthenticated"
        if self._strangers[source] >= self._settings.unauthenticated_per_source_max:
            return "unauthenticated_per_source"
        return None

    def stranger_came(self, source: str) -> None:
        """A connection without a user yet."""
        self._strangers[source] += 1

    def stranger_went(self, source: str) -> None:
        """It signed in, or left."""
        _take_one(self._strangers, source)

    def account_came(self, account: str) -> bool:
        """False where the account has as many connections as it may."""
        if self._accounts[account] >= self._settings.connections_per_account_max:
            return False
        self._accounts[account] += 1
        return True

    def account_went(self, account: str) -> None:
        """One of its connections ended."""
        _take_one(self._accounts, account)


class Door(asyncssh.SSHServer):
    """Signs in one connection and opens its sessions."""

    def __init__(self, parts: DoorParts) -> None:
        self._parts = parts
        self._connection: asyncssh.SSHServerConnection | None = None
        self._source = ""
        self._stranger = False
        self._guesses = 0
        self._offers = 0
        self._struck = False
        self._granted: str | None = None
        self._account: AccountRef | None = None
        self._channels = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Turn away who must wait, and who would be one too many."""
        peer = conn.get_extra_info("peername")
        self._source = source_of(str(peer[0])) if peer else "unknown"
        why = self._parts.connections.why_not(self._source)
        if why is None and self._parts.attempts.barred(self._source):
            why = "barred"
        if why is not None:
            emit_seldom("sftp_connection_refused", cause=why, level="info", source=self._source)
            conn.abort()
            return
        self._connection = conn
        self._stranger = True
        self._parts.connections.open.add(conn)
        self._parts.connections.stranger_came(self._source)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back every place that was taken."""
        self._settle()
        if self._account is not None:
            self._parts.connections.account_went(self._account.account)
            self._account = None
        if self._connection is not None:
            self._parts.connections.open.discard(self._connection)

    # --- signing in -------------------------------------------------------------------------------

    def begin_auth(self, username: str) -> bool:
        """Everybody must sign in."""
        return True

    def public_key_auth_supported(self) -> bool:
        """For all users alike, known or not."""
        return True

    def password_auth_supported(self) -> bool:
        """For all users alike, known or not."""
        return True

    def kbdint_auth_supported(self) -> bool:
        """One way to send a password is enough to guard."""
        return False

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the key is one of the account's; asyncssh then checks the signature."""
        # Each key comes twice at most: as a question, then with its signature.
        self._offers += 1
        if self._offers > limits.SFTP_KEY_OFFERS_PER_CONNECTION_MAX * 2:
            raise asyncssh.PermissionDenied("too many keys")
        found = self._parts.directory.account(username)
        if found is None or not host_key.strong(key):
            return False
        if key.public_data not in {_public_data(line) for line in found[1].ssh_keys}:
            return False
        # asyncssh would take a SHA-1 signature from a client that sends one unasked (S-12).
        key.all_sig_algorithms = key.all_sig_algorithms & _SIGNATURES
        self._granted = username
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether the password is the account's, if another guess is allowed at all."""
        self._guesses += 1
        if self._guesses > limits.SFTP_GUESSES_PER_CONNECTION_MAX:
            raise asyncssh.PermissionDenied("too many tries")
        if not self._parts.attempts.spend(self._source, username):
            emit_seldom("sftp_guesses_limited", cause=self._source, source=self._source)
            raise asyncssh.PermissionDenied("too many tries, come back later")
        found = self._parts.directory.account(username)
        password_hash = found[1].password_hash if found else None
        if await self._parts.passwords.verify(password_hash, password):
            self._parts.attempts.right(self._source, username)
            self._granted = username
            return True
        self._strike(username)
        if self._guesses >= limits.SFTP_GUESSES_PER_CONNECTION_MAX:
            raise asyncssh.PermissionDenied("too many tries")
        return False

    def auth_completed(self) -> None:
        """The user is who it says."""
        self._settle()
        username = self._username()
        if username is None or username != self._granted:
            return
        found = self._parts.directory.account(username)
        if found is None or not self._parts.connections.account_came(username):
            return
        partner, account = found
        self._account = AccountRef(partner.code, account.name, account.operator)
        self._parts.attempts.succeeded(self._source, username)
        emit("sftp_signed_in", "debug", account=username, source=self._source)

    # --- sessions ---------------------------------------------------------------------------------

    def session_requested(self) -> SftpSession | bool:
        """A channel for SFTP; False where the account is closed or has too many."""
        account = self._account
        if account is None or self._parts.inbox.uploads.stopping:
            return False
        if self._channels >= limits.SFTP_CHANNELS_PER_CONNECTION_MAX:
            return False
        self._channels += 1

        def make_files(channel: asyncssh.SSHServerChannel[bytes]) -> AccountFiles:
            return AccountFiles(
                channel, account, self._parts.directory, self._parts.inbox, self._parts.mailbox
            )

        return SftpSession(make_files, self._channel_closed)

    # --- inside -----------------------------------------------------------------------------------

    def _channel_closed(self) -> None:
        self._channels -= 1

    def _settle(self) -> None:
        if self._stranger:
            self._stranger = False
            self._parts.connections.stranger_went(self._source)

    def _strike(self, username: str) -> None:
        emit_seldom("sftp_login_failed", cause=self._source, source=self._source, user=username)
        if not self._struck:
            self._struck = True
            self._parts.attempts.failed(self._source)

    def _username(self) -> str | None:
        if self._connection is None:
            return None
        name: str | None = self._connection.get_extra_info("username")
        return name


@lru_cache(maxsize=4096)
def _public_data(line: str) -> bytes:
    """The key of an OpenSSH public key line; nothing that a client could offer where it is none."""
    try:
        return bytes(asyncssh.import_public_key(line).public_data)
    except (asyncssh.KeyImportError, ValueError):
        emit("account_key_unreadable", "warning")
        return b""


def _take_one(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
