"""`POST /v1/callbacks/payments/{provider}`: no key, but a signature; the provider's own answers.

The path chooses the provider, the body never does.  A provider hears its word of success only after
the commit, and always within its own time limit: a store that is slow is answered 503, and the
provider sends again.
"""

from __future__ import annotations

import asyncio

from gateway import limits
from gateway.adapters.http import body, problem
from gateway.adapters.http.asgi import App, Receive, Scope, Send, answer, encoded
from gateway.adapters.http.rate import Rates
from gateway.adapters.http.settings import HttpSettings
from gateway.pipeline.money.callbacks import Callbacks
from gateway.rules.callbacks.contract import Reply

PREFIX = "/v1/callbacks/"


def streams(
    callbacks: Callbacks, rates: Rates, settings: HttpSettings
) -> dict[tuple[str, str], App]:
    """A handler per provider that is set up; any other path below PREFIX does not exist."""
    return {
        ("POST", f"{PREFIX}payments/{name}"): CallbackRoute(name, callbacks, rates, settings)
        for name in callbacks.names()
    }


class CallbackRoute:
    """The handler of one provider."""

    def __init__(
        self, provider: str, callbacks: Callbacks, rates: Rates, settings: HttpSettings
    ) -> None:
        self._provider = provider
        self._callbacks = callbacks
        self._rates = rates
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One callback."""
        self._rates.spend(self._provider)
        content = await self._gather(scope, receive)
        if content is None:
            await _refuse_early(self._callbacks.too_large(self._provider), receive, send)
            return
        reply = await self._take(scope, content)
        await answer(send, reply.status, _headers(reply), reply.body.encode())

    async def _take(self, scope: Scope, content: bytes) -> Reply:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            async with asyncio.timeout(limits.CALLBACK_ANSWER_SECONDS):
                return await self._callbacks.take(self._provider, headers, content)
        except TimeoutError:
            # It may be on record all the same: the provider's next sending is a repeat then.
            raise problem.unavailable() from None

    async def _gather(self, scope: Scope, receive: Receive) -> bytes | None:
        """The raw bytes; None where there are more than any callback has (the rest is not read)."""
        most = limits.CALLBACK_BODY_BYTES_MAX
        if (body.declared_length(scope) or 0) > most:
            return None
        content = bytearray()
        async for chunk in body.chunks(receive, self._settings):
            content += chunk
            if len(content) > most:
                return None
        return bytes(content)


def _headers(reply: Reply) -> dict[str, str]:
    return {"content-type": reply.content_type} if reply.body else {}


async def _refuse_early(reply: Reply, receive: Receive, send: Send) -> None:
    """Answer while the body is still coming; the connection ends with it."""
    content = reply.body.encode()
    headers = _headers(reply) | {"connection": "close", "content-length": str(len(content))}
    pairs = encoded(headers.items())
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    await body.linger(receive)
    await send({"type": "http.response.body", "body": b""})
