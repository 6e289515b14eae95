"""The server's own keys: read, checked for strength, made where there is none yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from gateway import limits


class WeakKey(ValueError):
    """A key that no server or account should use."""


def load(paths: Sequence[Path]) -> list[asyncssh.SSHKey]:
    """Read private host keys; raises OSError, asyncssh.KeyImportError or WeakKey."""
    if not paths:
        raise WeakKey("no host key is configured")
    keys = [asyncssh.read_private_key(str(path)) for path in paths]
    for key, path in zip(keys, paths, strict=True):
        if not strong(key):
            raise WeakKey(f"{path.name}: {key.get_algorithm()} is too weak a host key")
    return keys


def make(path: Path) -> None:
    """Write a new Ed25519 key, readable by its owner only; an existing one is left alone."""
    text = asyncssh.generate_private_key("ssh-ed25519", comment="gateway").export_private_key()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def strong(key: asyncssh.SSHKey) -> bool:
    """No DSA, no RSA below 3072 bits; curves are strong enough by their kind."""
    kind = key.get_algorithm()
    if kind == "ssh-rsa":
        bits = getattr(key.pyca_key, "key_size", 0)
        return int(bits) >= limits.SFTP_RSA_BITS_MIN
    return kind.startswith(("ssh-ed25519", "ecdsa-sha2-nistp", "sk-ssh-ed25519"))
