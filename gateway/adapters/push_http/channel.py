"""One bounded set of connections for each endpoint."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from gateway import limits


@dataclass(frozen=True)
class ChannelKey:
    """What connections may be shared by: the name stands in SNI, so it is part of the key."""

    scheme: str
    host: str
    port: int
    ca_file: str | None


@dataclass
class _Channel:
    transport: httpx2.AsyncHTTPTransport
    slots: asyncio.Semaphore
    users: int = 0


class Channels:
    """Transports by endpoint, each with a number of slots; idle ones beyond 256 are closed.

    The transport is used bare, without the client around it: no redirects, no cookies, no
    proxies or certificates from the environment, no decompression.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._channels: dict[ChannelKey, _Channel] = {}
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def slot(self, key: ChannelKey) -> AsyncIterator[httpx2.AsyncHTTPTransport]:
        """Waits for a free slot of this endpoint and lends its transport.

        Raises OSError (ssl.SSLError is one) for a CA file that cannot be read.
        """
        channel = await self._channel(key)
        channel.users += 1
        try:
            async with channel.slots:
                yield channel.transport
        finally:
            channel.users -= 1

    async def aclose(self) -> None:
        """Closes every connection."""
        while self._channels:
            _, channel = self._channels.popitem()
            await channel.transport.aclose()

    async def _channel(self, key: ChannelKey) -> _Channel:
        async with self._opening:
            channel = self._channels.pop(key, None)
            if channel is None:
                await self._make_room()
                context = await asyncio.to_thread(_tls_context, key.ca_file)
                channel = _Channel(self._transport(context), asyncio.Semaphore(self._slots))
            self._channels[key] = channel  # now the youngest
            return channel

    async def _make_room(self) -> None:
        surplus = len(self._channels) - limits.PUSH_POOLS_MAX + 1
        idle = [key for key, channel in self._channels.items() if not channel.users]
        for key in idle[: max(surplus, 0)]:
            await self._channels.pop(key).transport.aclose()

    def _transport(self, context: ssl.SSLContext) -> httpx2.AsyncHTTPTransport:
        return httpx2.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            limits=httpx2.Limits(
                max_connections=self._slots,
                max_keepalive_connections=self._slots,
                keepalive_expiry=limits.PUSH_KEEPALIVE_SECONDS,
            ),
        )


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verification is always on; a CA file stands in the place of the system's authorities."""
    return ssl.create_default_context(cafile=ca_file)
