"""The TCP connection under an SSH session, and the watchdog that can always cut it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway import limits
from gateway.adapters.sftp_client.contract import SftpUnavailable


def dial(host: str, port: int, seconds: float) -> socket.socket:
    """A connected socket within `seconds` over all addresses of `host`; raises SftpUnavailable."""
    ends = time.monotonic() + seconds
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SftpUnavailable("dial: the host name does not resolve") from error
    for family, kind, protocol, _, address in found[: limits.SFTP_CLIENT_ADDRESSES_MAX]:
        left = ends - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            connection.close()
            continue
        return connection
    raise SftpUnavailable("dial: no address answers")


class Watchdog:
    """Calls `cut` once when the session's time is up; `guard` adds a bound for one step.

    `cut` runs in a thread of its own and must free the thread that serves the session.
    """

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self.expired = False
        self._cut = cut
        self._timer = self._started(seconds)

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._bite)
        timer.daemon = True
        timer.name = "sftp-watchdog"
        timer.start()
        return timer

    def _bite(self) -> None:
        self.expired = True
        self._cut()

    @contextmanager
    def guard(self, seconds: float) -> Iterator[None]:
        """Cut the session if the body takes longer than `seconds`."""
        timer = self._started(seconds)
        try:
            yield
        finally:
            timer.cancel()

    def stop(self) -> None:
        self._timer.cancel()
