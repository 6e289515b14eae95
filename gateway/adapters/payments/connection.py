"""CONNECTION to payment platforms: TLS unless loopback, no redirects, bounded in time and size."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from gateway import limits
from gateway.pipeline.money.ports import ProviderRefused
from gateway.pipeline.ports import TransientError


class PlatformAway(TransientError):
    """The platform cannot be reached, or says that it cannot answer now."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A platform's answer; headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One client for each authority; closed at the end of the process."""

    def __init__(self) -> None:
        self._clients: dict[str | None, httpx2.AsyncClient] = {}

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        ca_file: str | None = None,
    ) -> Answered:
        """Raises PlatformAway; ProviderRefused for an address that is not safe."""
        check_url(url)
        client = self._client(ca_file)
        try:
            async with asyncio.timeout(limits.PAYMENT_CALL_SECONDS):
                request = client.build_request(method, url, headers=headers, content=content)
                response = await client.send(request, stream=True)
                try:
                    body = await _read(response)
                finally:
                    await response.aclose()
        except (httpx2.HTTPError, OSError, TimeoutError) as error:
            raise PlatformAway(type(error).__name__) from None
        if response.status_code >= 500 or response.status_code == 429:
            raise PlatformAway(f"status {response.status_code}")
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status_code, lowered, body)

    async def aclose(self) -> None:
        """Close all connections."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    def _client(self, ca_file: str | None) -> httpx2.AsyncClient:
        if ca_file not in self._clients:
            self._clients[ca_file] = httpx2.AsyncClient(
                verify=ssl.create_default_context(cafile=ca_file),
                trust_env=False,
                follow_redirects=False,
                timeout=limits.PAYMENT_CALL_SECONDS,
            )
        return self._clients[ca_file]


def check_url(url: str) -> None:
    """Raise ProviderRefused for anything but https, or http to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise ProviderRefused("UNSAFE_ADDRESS")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limits.PAYMENT_ANSWER_BYTES_MAX:
            raise PlatformAway("the answer is too large")
    return bytes(body)
