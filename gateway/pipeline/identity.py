"""Ids that we give: unique, ordered by time, safe in file names and URLs."""

from __future__ import annotations

import os
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOCK = threading.Lock()
_last = 0
_RANDOM_BYTES = 10
_POOL_BYTES = 400 * _RANDOM_BYTES
_pool = bytearray()
# A child that is forked must not hand out its parent's randomness.
os.register_at_fork(after_in_child=_pool.clear)


def _random() -> bytes:
    """Ten of many bytes that are fetched at once, under the lock.

    A system call for each id would cost more than all the rest of it.
    """
    if len(_pool) < _RANDOM_BYTES:
        _pool[:] = os.urandom(_POOL_BYTES)
    taken = bytes(_pool[-_RANDOM_BYTES:])
    del _pool[-_RANDOM_BYTES:]
    return taken


def new_id() -> str:
    """26 characters: 48 bits of milliseconds, 80 random bits, base 32; grows within a process.

    Only order and uniqueness are asked of it, so the wall clock is good enough: a clock that jumps
    back gives ids that grow from the last one.
    """
    global _last  # noqa: PLW0603 - ids grow within the process
    with _LOCK:
        value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(_random())
        if value <= _last:
            value = _last + 1
        _last = value
    digits = []
    for _ in range(26):
        digits.append(_ALPHABET[value & 31])
        value >>= 5
    return "".join(reversed(digits))
