"""The words of ASGI that this package uses, typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ACCOUNT = "gateway.account"
REQUEST_ID = "gateway.request_id"


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header that may stand once; the first where it stands more often."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI carries them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    """A whole answer at once."""
    pairs = encoded([*headers.items(), ("content-length", str(len(body)))])
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
