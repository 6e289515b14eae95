"""Sends one delivery to one HTTP endpoint, once, within a hard deadline."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx2

from gateway import limits
from gateway.adapters.push_http.answer import excerpt, judge, judge_torn
from gateway.adapters.push_http.channel import ChannelKey, Channels
from gateway.adapters.push_http.envelope import Envelope, OutgoingDelivery, seal
from gateway.adapters.push_http.guard import (
    CheckedTarget,
    Resolver,
    SystemResolver,
    TargetRefusedError,
    TargetUnresolvedError,
    check_target,
    parse_networks,
    parse_url,
)
from gateway.adapters.push_http.signing import decode_secret, sign
from gateway.adapters.push_result import PushResult

__all__ = ["HttpPusher", "HttpTarget", "OutgoingDelivery"]

_BEARER = re.compile(r"[A-Za-z0-9._~+/=-]+\Z", re.ASCII)


@dataclass(frozen=True)
class HttpTarget:
    """A route's endpoint.

    `secrets` are `whsec_<base64>`, every one signs; `allow_networks` are private networks in CIDR
    form that this route may reach; `ca_file` replaces the system's authorities; `bearer` is sent
    as it is.  Raises ValueError, without a secret in its text, for values that cannot be used; the
    URL itself is judged at each push.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    allow_networks: tuple[str, ...] = ()
    timeout_seconds: float = limits.DELIVERY_CALL_SECONDS
    ca_file: str | None = None
    bearer: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.secrets:
            raise ValueError("an HTTP target needs at least one secret")
        for secret in self.secrets:
            decode_secret(secret)
        parse_networks(self.allow_networks)
        if not 0 < self.timeout_seconds <= limits.DELIVERY_CALL_SECONDS:
            raise ValueError(f"a deadline is above 0, at most {limits.DELIVERY_CALL_SECONDS:g} s")
        if self.bearer is not None and not _BEARER.match(self.bearer):
            raise ValueError("a bearer token is letters, digits and ._~+/=-")

    @property
    def confidential(self) -> tuple[str, ...]:
        """What must not stand in a log, a table or an answer."""
        return (*self.secrets, self.bearer) if self.bearer else self.secrets


class HttpPusher:
    """Pushes deliveries; one for a process, closed at its end.

    An endpoint (scheme, name, port, CA file) has four slots.  A push beyond them waits inside its
    own deadline, so a caller that leases more than four deliveries of one route only parks its own
    workers: lease by route.  Other endpoints are never touched by it.
    """

    def __init__(
        self,
        resolver: Resolver | None = None,
        now: Callable[[], float] = time.time,
        slots: int = limits.DELIVERY_SLOTS_PER_ROUTE,
    ) -> None:
        self._system_resolver = SystemResolver()  # starts its threads when it is first asked
        self._resolver = resolver or self._system_resolver
        self._now = now
        self._channels = Channels(slots)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._channels.aclose()
        self._system_resolver.close()

    async def push(self, target: HttpTarget, delivery: OutgoingDelivery) -> PushResult:
        """One attempt; ends within the target's deadline, whatever the other side does.

        Never raises for what a partner, its name server or its network does.
        """
        try:
            async with asyncio.timeout(target.timeout_seconds) as deadline:
                return await self._attempt(target, delivery, deadline)
        except TimeoutError:
            return PushResult("retry", f"no whole answer within {target.timeout_seconds:g} s")
        except TargetRefusedError as refusal:
            return PushResult("refused", str(refusal))
        except TargetUnresolvedError as failure:
            return PushResult("retry", f"no address: {failure}")
        except httpx2.HTTPError as error:
            # Only the kind: the text of a protocol error may repeat a header of ours.
            return PushResult("retry", f"the call failed: {type(error).__name__}")
        except OSError as error:
            return PushResult("retry", f"the call failed: {error.strerror or type(error).__name__}")

    async def _attempt(
        self, target: HttpTarget, delivery: OutgoingDelivery, deadline: asyncio.Timeout
    ) -> PushResult:
        url = parse_url(target.url)
        key = ChannelKey(url.scheme, url.host, url.port, target.ca_file)
        async with self._channels.slot(key) as transport:
            allowed = parse_networks(target.allow_networks)
            checked = await check_target(target.url, allowed, self._resolver)
            envelope = seal(delivery)
            headers = await self._headers(target, checked, delivery.delivery_id, envelope)
            timeouts = {"connect": _connect_seconds(deadline, len(checked.addresses))}
            # The certificate is checked for the name, though the URL holds the address.
            extensions = {"sni_hostname": checked.url.host, "timeout": timeouts}
            requests = (
                httpx2.Request(
                    "POST",
                    checked.url.at(address),
                    headers=headers,
                    content=_stream(envelope),
                    extensions=extensions,
                )
                for address in checked.addresses[: limits.PUSH_CONNECT_ADDRESSES_MAX]
            )
            return await self._send(transport, requests, target)

    async def _headers(
        self, target: HttpTarget, checked: CheckedTarget, delivery_id: str, envelope: Envelope
    ) -> dict[str, str]:
        headers = {
            "Host": checked.url.host_header,
            "Content-Type": "application/cloudevents+json",
            "Content-Length": str(envelope.length_bytes),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "port-edi-gateway",
            "Idempotency-Key": delivery_id,
        }
        if target.bearer:
            headers["Authorization"] = f"Bearer {target.bearer}"
        arguments = (target.secrets, delivery_id, int(self._now()), envelope.pieces())
        if envelope.length_bytes <= limits.PUSH_INLINE_BYTES_MAX:
            return headers | sign(*arguments)
        return headers | await asyncio.to_thread(sign, *arguments)

    async def _send(
        self,
        transport: httpx2.AsyncHTTPTransport,
        requests: Iterable[httpx2.Request],
        target: HttpTarget,
    ) -> PushResult:
        """Sends to the first checked address that can be connected to."""
        failure = ""
        for request in requests:
            try:
                return await self._exchange(transport, request, target)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                cause = excerpt(str(error).encode(), target.confidential) or type(error).__name__
                failure = f"{request.url.host}: {cause}"
        return PushResult("retry", f"no connection to {failure}")

    async def _exchange(
        self, transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, target: HttpTarget
    ) -> PushResult:
        response = await transport.handle_async_request(request)
        try:
            answer = await _read_capped(response)
        except (httpx2.HTTPError, OSError) as error:
            return judge_torn(response.status_code, type(error).__name__)
        finally:
            await response.aclose()
        retry_after = response.headers.get("retry-after")
        return judge(response.status_code, retry_after, answer, self._now(), target.confidential)


def _connect_seconds(deadline: asyncio.Timeout, addresses: int) -> float:
    """The time for each TCP connection and again for each TLS handshake.

    Together they end before the deadline: a handshake that is cancelled from outside would leave
    its socket open (the transport closes it for its own time-outs only).
    """
    remaining = (deadline.when() or 0.0) - asyncio.get_running_loop().time()
    return max(0.4 * remaining / min(addresses, limits.PUSH_CONNECT_ADDRESSES_MAX), 0.001)


async def _stream(envelope: Envelope) -> AsyncIterator[bytes]:
    for piece in envelope.pieces():
        yield piece


async def _read_capped(response: httpx2.Response) -> bytes:
    """The answer's body as sent, up to 64 kB; what is beyond stays unread."""
    body = bytearray()
    async with aclosing(response.aiter_raw()) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) >= limits.PUSH_ANSWER_BYTES_MAX:
                break
    return bytes(body[: limits.PUSH_ANSWER_BYTES_MAX])
