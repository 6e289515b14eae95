"""What the gateway expects of a partner's SFTP server and of the driver that talks to it.

Everything here is synchronous and belongs into a thread: a session serves one thread at a time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from gateway import limits


class SftpError(Exception):
    """Base of what a session raises; the text is ours and carries nothing the server said."""


class SftpUnavailable(SftpError):
    """It did not work now and may work later: no answer, a full disk, a folder that is missing."""


class SftpMissing(SftpUnavailable):
    """The named file is not there (for a poller: it was taken meanwhile)."""


class SftpRefused(SftpError):
    """It cannot work until somebody changes something: host key, credentials, configuration."""


class SftpConflict(SftpRefused):
    """Only this file: the final name exists with another size."""


class SftpOversize(SftpRefused):
    """Only this file: the server sent more than `max_bytes`."""


class Secret(Protocol):
    """Shape of pydantic's SecretStr: a value that does not print itself."""

    def get_secret_value(self) -> str: ...


@dataclass(frozen=True)
class SftpTimeouts:
    """Bounds in seconds.  `channel` is the longest silence after one request.

    `total` bounds the whole session from dial to close: a watchdog then cuts the connection, so
    that no thread hangs whatever the server does.
    """

    connect: float = limits.SFTP_CLIENT_CONNECT_SECONDS
    banner: float = limits.SFTP_CLIENT_BANNER_SECONDS
    auth: float = limits.SFTP_CLIENT_AUTH_SECONDS
    channel: float = limits.SFTP_CLIENT_CHANNEL_SECONDS
    total: float = limits.SFTP_CLIENT_TOTAL_SECONDS


@dataclass(frozen=True)
class SftpEndpoint:
    """Where a partner's server is, who it must be and who we are there.

    `host_keys`: OpenSSH public key lines (`ssh-ed25519 AAAA…`), or `known_hosts` lines, plain or
    hashed, which then count only for this host and port; `@revoked` lines take keys away.  Empty
    means: refuse.  `private_key` is the text of an unencrypted PEM or OpenSSH key.
    """

    host: str
    username: str
    port: int = 22
    host_keys: tuple[str, ...] = ()
    password: Secret | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    timeouts: SftpTimeouts = SftpTimeouts()


@dataclass(frozen=True)
class RemoteFile:
    """A regular file in a partner's folder.

    `raw_name` are the bytes of the name where they are not UTF-8 (then `name` was read as GB18030),
    else None.  `mtime` is Unix seconds by the partner's clock, 0 where the server gives none.
    """

    name: str
    raw_name: bytes | None
    size: int
    mtime: int


class SftpSession(Protocol):
    """One authenticated connection.  Every method raises SftpUnavailable or SftpRefused.

    File names are `str`, or the raw bytes of a listed name; one part only, strictly checked.  A
    `str` that the last `list` of that folder gave stands for that very file.
    """

    refused: list[str]
    """Names of the last `list` that were skipped, escaped for people; bounded."""
    truncated: bool
    """The last `list` met more entries than are looked at."""

    def list(self, folder: str) -> list[RemoteFile]:
        """List the regular files in `folder`; links and names that break the rules are left out."""

    def read_into(
        self, folder: str, name: str | bytes, sink: Callable[[bytes], object], max_bytes: int
    ) -> int:
        """Stream the file to `sink` and return the number of bytes.

        `sink` never gets more than `max_bytes`: SftpOversize is raised instead.  What `sink` raises
        passes through.
        """

    def write(self, folder: str, name: str | bytes, chunks: Iterable[bytes], size: int) -> None:
        """Write `name`.part, compare its size, rename it to `name`.

        A final name of the same size counts as done; of another size raises SftpConflict.
        """

    def stat(self, folder: str, name: str | bytes) -> int | None:
        """Return the size of a regular file, None if there is no such file."""

    def move(self, folder: str, name: str | bytes, target_folder: str) -> str:
        """Rename into `target_folder` (made if missing) and return the name there.

        Nothing is overwritten: where the name is taken, a suffix is added.
        """

    def close(self) -> None:
        """End the connection; never raises, may be called again."""


class SftpClient(Protocol):
    """A driver.  `open` raises SftpRefused before any credential is sent to a wrong host key."""

    def open(self, endpoint: SftpEndpoint) -> SftpSession: ...
