"""uvicorn's HTTP/1.1 protocol with the limits that it lacks (S-24).

uvicorn waits for ever for headers, takes them without bound, and keeps a connection whose request
body nobody reads; here each of these ends.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway import limits
from gateway.adapters.http import problem

_READ_BYTES_MAX = 256 * limits.KIB


class BoundedHttp(HttpToolsProtocol):
    """One connection.  `head_seconds` and `connections_max` are set by `bounded`."""

    head_seconds: float = limits.HTTP_HEAD_SECONDS
    connections_max: int = limits.HTTP_CONNECTIONS_MAX

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._head_deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._fed_bytes = 0
        self._in_head = True
        self._head_too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """One too many is closed without a word; the others have some seconds for their request."""
        super().connection_made(transport)
        if len(self.connections) > self.connections_max:
            transport.abort()
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing ticks on."""
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bound what a single endless header could make the parser keep."""
        if self._in_head:
            self._fed_bytes += len(data)
            if self._fed_bytes > limits.HTTP_HEAD_BYTES_MAX + _READ_BYTES_MAX:
                self._head_too_large = True
                self.send_400_response("")
                return
            if self._head_deadline is None:
                self._expect_head()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A new request on the connection."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Counts as a header."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Bounded in bytes and in number."""
        self._count(len(name) + len(value))
        if len(self.headers) >= limits.HTTP_HEADERS_MAX:
            self._too_large()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The request may run."""
        self._head_done()
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What follows is the next request's head."""
        super().on_message_complete()
        self._in_head = True
        self._fed_bytes = 0

    def on_response_complete(self) -> None:
        """A body that nobody reads ends with its connection."""
        if self.cycle.response_complete and self.cycle.more_body:
            self.transport.close()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """A problem in place of uvicorn's line of text."""
        error = problem.too_many_headers() if self._head_too_large else _unreadable()
        body = error.body("")
        head = [
            f"HTTP/1.1 {error.status} ".encode(),
            b"\r\ncontent-type: application/problem+json",
            b"\r\nx-content-type-options: nosniff",
            b"\r\nconnection: close\r\ncontent-length: ",
            str(len(body)).encode(),
            b"\r\n\r\n",
        ]
        self._head_done()
        self.transport.write(b"".join(head) + body)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > limits.HTTP_HEAD_BYTES_MAX:
            self._too_large()

    def _too_large(self) -> None:
        self._head_too_large = True
        raise httptools.HttpParserError("head too large")

    def _expect_head(self) -> None:
        self._head_deadline = self.loop.call_later(self.head_seconds, self._head_overdue)

    def _head_done(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_overdue(self) -> None:
        self._head_deadline = None
        self.transport.abort()


def bounded(head_seconds: float, connections_max: int) -> type[BoundedHttp]:
    """The protocol with an operator's numbers."""
    numbers = {"head_seconds": head_seconds, "connections_max": connections_max}
    return type("ConfiguredHttp", (BoundedHttp,), numbers)


def _unreadable() -> problem.Problem:
    return problem.Problem(400, "BAD_REQUEST", "不是有效的 HTTP 请求", "not a valid HTTP request")
