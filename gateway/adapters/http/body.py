"""A request's body, chunk by chunk: neither too long nor too slow (S-24)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway import limits
from gateway.adapters.http import problem
from gateway.adapters.http.asgi import Receive, Scope, header
from gateway.adapters.http.settings import HttpSettings


class ClientGone(Exception):
    """The client hung up in the middle: nothing is accepted, nobody is answered."""


def declared_length(scope: Scope) -> int | None:
    """Content-Length, or None for a chunked body; the server's parser has refused nonsense."""
    value = header(scope, b"content-length")
    if value is None or not value.isdigit() or len(value) > 18:
        return None
    return int(value)


def has_body(scope: Scope) -> bool:
    """Whether bytes follow the headers."""
    return bool(declared_length(scope)) or header(scope, b"transfer-encoding") is not None


async def chunks(receive: Receive, settings: HttpSettings) -> AsyncIterator[bytes]:
    """The bytes as they come; raises ClientGone, or Problem 408 for a body that dribbles."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    size = 0
    more = True
    while more:
        try:
            async with asyncio.timeout(settings.body_idle_seconds):
                message = await receive()
        except TimeoutError:
            raise problem.too_slow() from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        taken = loop.time() - begun
        late = more and taken > settings.body_grace_seconds
        if late and size < taken * limits.HTTP_BODY_BYTES_PER_SECOND_MIN:
            raise problem.too_slow()
        if chunk:
            yield chunk


async def linger(receive: Receive) -> None:
    """Read a little more of what a refused client sends, so that it gets to see its answer.

    A connection closed with unread bytes is reset, and the reset overtakes the answer.
    """
    size = 0
    try:
        async with asyncio.timeout(limits.HTTP_LINGER_SECONDS):
            while size < limits.HTTP_LINGER_BYTES_MAX:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
