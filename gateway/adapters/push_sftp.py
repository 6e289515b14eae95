"""Delivery to a partner's SFTP server: `.part`, size check, rename (interfaces.md, Delivery)."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from gateway import limits
from gateway.adapters.push_result import PushResult
from gateway.adapters.sftp_client.contract import (
    SftpClient,
    SftpEndpoint,
    SftpRefused,
    SftpUnavailable,
)

# Threads of their own: a partner that stalls must not take those of the rest of the process.
_THREADS = ThreadPoolExecutor(limits.SFTP_PUSH_THREADS, thread_name_prefix="push-sftp")
# The watchdog of the session bites first; this only bounds the wait for it.
_GRACE_SECONDS = 5.0


async def push_sftp(
    client: SftpClient,
    endpoint: SftpEndpoint,
    folder: str,
    file_name: str,
    body: bytes | Iterable[bytes],
    size: int,
) -> PushResult:
    """Put `body`, `size` bytes, as `file_name` into `folder` of the partner's server.

    A file of that name and size that is there already counts as sent: it is ours from an attempt
    whose answer was lost, for the name carries the delivery key.  `body` is read in a thread.
    What reading `body` raises passes through: it is no fault of the partner.
    """
    chunks = (body,) if isinstance(body, bytes) else body
    work = asyncio.get_running_loop().run_in_executor(
        _THREADS, _put, client, endpoint, (folder, file_name), chunks, size
    )
    try:
        async with asyncio.timeout(endpoint.timeouts.total + _GRACE_SECONDS):
            return await work
    except TimeoutError:
        return PushResult("retry", "SFTP: not done in time")


def _put(
    client: SftpClient,
    endpoint: SftpEndpoint,
    target: tuple[str, str],
    chunks: Iterable[bytes],
    size: int,
) -> PushResult:
    """Open, write, close, in a thread; errors become the result."""
    try:
        session = client.open(endpoint)
        try:
            session.write(*target, chunks, size)
        finally:
            session.close()
    except SftpRefused as error:
        return PushResult("refused", f"SFTP {error}"[: limits.PUSH_DETAIL_CHARACTERS_MAX])
    except SftpUnavailable as error:
        return PushResult("retry", f"SFTP {error}"[: limits.PUSH_DETAIL_CHARACTERS_MAX])
    return PushResult("sent", f"SFTP: {size} bytes, renamed to its final name")
