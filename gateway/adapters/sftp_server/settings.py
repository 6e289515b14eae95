"""What an operator may set about the SFTP server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway import limits


@dataclass(frozen=True, slots=True)
class SftpSettings:
    """port 0 takes a free one.  host_keys: private key files, one or more types.

    Caps and seconds default to gateway/limits; an operator may set them lower or higher.
    """

    host_keys: tuple[Path, ...]
    host: str = "127.0.0.1"
    port: int = 2222
    login_seconds: float = limits.SFTP_LOGIN_SECONDS
    drain_seconds: float = limits.SFTP_DRAIN_SECONDS
    connections_max: int = limits.SFTP_CONNECTIONS_MAX
    connections_per_account_max: int = limits.SFTP_CONNECTIONS_PER_ACCOUNT_MAX
    unauthenticated_max: int = limits.SFTP_UNAUTHENTICATED_MAX
    unauthenticated_per_source_max: int = limits.SFTP_UNAUTHENTICATED_PER_SOURCE_MAX
    uploads_per_account_max: int = limits.SFTP_UPLOADS_PER_ACCOUNT_MAX
