"""argon2 passwords, checked in threads of their own, in the same time for unknown users (S-13)."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

import argon2

from gateway import limits

_HASHER = argon2.PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id text for `Account.password_hash`; about 50 ms and 64 MiB."""
    return _HASHER.hash(password)


class Passwords:
    """A bounded queue of checks.  `close` it with the server."""

    def __init__(self) -> None:
        self._dummy = hash_password(secrets.token_urlsafe(24))
        self._pool = ThreadPoolExecutor(limits.SFTP_PASSWORD_THREADS, "sftp-password")
        self._waiting = 0

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password fits; without a hash the same work is done for nothing.

        False too where too many checks wait already, or for a password of absurd length.
        """
        if len(password) > limits.SFTP_PASSWORD_CHARACTERS_MAX:
            return False
        if self._waiting >= limits.SFTP_PASSWORD_QUEUE_MAX:
            return False
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            fits = await loop.run_in_executor(
                self._pool, _fits, password_hash or self._dummy, password
            )
        finally:
            self._waiting -= 1
        return fits and password_hash is not None

    def close(self) -> None:
        """Let the threads go; checks under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
