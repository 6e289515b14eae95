"""The outermost part: what holds for every request, whatever it asks for.

Request id, host, sign-in and rate before anything else runs; headers that no answer lacks; every
exception becomes a problem that says nothing about our inside.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway import limits
from gateway.adapters.http import problem
from gateway.adapters.http.asgi import (
    ACCOUNT,
    REQUEST_ID,
    App,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    encoded,
    header,
)
from gateway.adapters.http.body import ClientGone, declared_length, has_body, linger
from gateway.adapters.http.problem import Problem
from gateway.adapters.http.rate import Rates
from gateway.pipeline.identity import new_id
from gateway.pipeline.ports import Directory, TransientError
from gateway.pipeline.refusal import Refusal
from gateway.pipeline.rows import AccountRef
from gateway.telemetry.events import emit, emit_seldom

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_BEARER = re.compile(rb"[Bb]earer +([\x21-\x7e]{1,200})")
# Another program on the way may have read such a path otherwise than we do.
_ESCAPED_SEPARATOR = re.compile(rb"%2f|%5c|%00", re.IGNORECASE)
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
)


@dataclass(frozen=True, slots=True)
class EdgeRules:
    """signed_in: path prefixes that need a key; operators: those that need an operator's.

    open: prefixes below `signed_in` that need none, for what carries a signature of its own.
    streams: (method, path) of bare handlers that bound their bodies themselves.
    larger: (pattern of a path, bytes): where a body may be larger than a small one.
    """

    signed_in: tuple[str, ...] = ("/v1/",)
    operators: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    streams: Mapping[tuple[str, str], App] = field(default_factory=dict)
    larger: tuple[tuple[re.Pattern[str], int], ...] = ()
    open: tuple[str, ...] = ()


class Edge:
    """An ASGI application around the others."""

    def __init__(self, app: App, directory: Directory, rates: Rates, rules: EdgeRules) -> None:
        self._app = app
        self._directory = directory
        self._rates = rates
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        call = _Call(scope, receive, send)
        try:
            self._admit(call)
            await self._run(call)
        except ClientGone:
            emit_seldom("http_client_gone", cause=scope["path"][:40], level="info")
        except Problem as error:
            await call.refuse(error)
        except Refusal as error:
            await call.refuse(problem.of_refusal(error))
        except TransientError as error:
            emit_seldom("http_waits", cause=type(error).__name__)
            await call.refuse(problem.unavailable())
        except Exception as error:  # noqa: BLE001 - the last place to make it an answer
            emit("http_fault", "error", error=type(error).__name__, request=call.request_id)
            await call.refuse(problem.internal())

    def _admit(self, call: _Call) -> None:
        scope = call.scope
        if len(scope["headers"]) > limits.HTTP_HEADERS_MAX:
            raise problem.too_many_headers()
        if _ESCAPED_SEPARATOR.search(scope["raw_path"]):
            raise problem.not_found()
        if self._rules.allowed_hosts and _host(scope) not in self._rules.allowed_hosts:
            raise problem.wrong_host()
        path: str = scope["path"]
        if path.startswith(self._rules.open or ("\0",)):
            return
        if path.startswith(self._rules.signed_in):
            account = self._signed_in(scope)
            if path.startswith(self._rules.operators or ("\0",)) and not account.operator:
                raise problem.forbidden()
            call.extra = self._rates.spend(account.account)
            scope[ACCOUNT] = account

    def _signed_in(self, scope: Scope) -> AccountRef:
        found = _BEARER.fullmatch(header(scope, b"authorization") or b"")
        account = self._directory.by_api_key(found[1].decode("ascii")) if found else None
        if account is None:
            raise problem.unauthorized()
        return account

    async def _run(self, call: _Call) -> None:
        scope = call.scope
        stream = self._rules.streams.get((scope["method"], scope["path"]))
        if stream is not None:
            await stream(scope, call.receive, call.send)
            return
        most = self._most(scope["path"])
        if (declared_length(scope) or 0) > most:
            raise problem.body_too_large(most)
        call.body_bytes_max = most
        await self._app(scope, call.receive_bounded, call.send)

    def _most(self, path: str) -> int:
        fitting = (most for pattern, most in self._rules.larger if pattern.fullmatch(path))
        return next(fitting, limits.HTTP_SMALL_BODY_BYTES_MAX)


class _Call:
    """One request's channels, with what every answer carries."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.extra: dict[str, str] = {}
        self.body_bytes_max = limits.HTTP_SMALL_BODY_BYTES_MAX
        self._begun = asyncio.get_running_loop().time()
        self._receive = receive
        self._send = send
        self._size = 0
        self._ended = not has_body(scope)
        self._started = False
        given = header(scope, b"x-request-id") or b""
        self.request_id = given.decode() if _REQUEST_ID.fullmatch(given) else new_id()
        scope[REQUEST_ID] = self.request_id

    async def receive(self) -> Message:
        """As the server gives it; remembers whether the body has been read whole."""
        message = await self._receive()
        if not message.get("more_body", False):
            self._ended = True
        return message

    async def receive_bounded(self) -> Message:
        """As many bytes as this path takes, and not slowly."""
        try:
            async with asyncio.timeout(limits.HTTP_BODY_IDLE_SECONDS if not self._ended else None):
                message = await self.receive()
        except TimeoutError:
            raise problem.too_slow() from None
        self._size += len(message.get("body", b""))
        if self._size > self.body_bytes_max:
            raise problem.body_too_large(self.body_bytes_max)
        taken = asyncio.get_running_loop().time() - self._begun
        late = not self._ended and taken > limits.HTTP_BODY_GRACE_SECONDS
        if late and self._size < taken * limits.HTTP_BODY_BYTES_PER_SECOND_MIN:
            raise problem.too_slow()
        return message

    async def send(self, message: Message) -> None:
        """Add the headers of every answer; give up on a client that does not read."""
        if message["type"] == "http.response.start":
            if self._started:
                return
            self._started = True
            always = [*_ALWAYS, ("x-request-id", self.request_id), *self.extra.items()]
            present = {name for name, _ in message["headers"]}
            more = [pair for pair in encoded(always) if pair[0] not in present]
            message["headers"] = [*message["headers"], *more]
            await self._send(message)
        elif message.get("more_body", False):
            async with asyncio.timeout(limits.HTTP_SEND_SECONDS):
                await self._send(message)
        else:
            await self._send(message)

    async def refuse(self, error: Problem) -> None:
        """Answer with a problem; where a body is still coming, the connection ends with it."""
        if self._started:
            raise ConnectionAbortedError("the answer had begun")
        body = error.body(self.request_id)
        headers = error.all_headers()
        if self._ended:
            await answer(self.send, error.status, headers, body)
            return
        headers |= {"connection": "close", "content-length": str(len(body))}
        pairs = encoded(headers.items())
        start = {"type": "http.response.start", "status": error.status, "headers": pairs}
        await self.send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        await linger(self._receive)
        await self._send({"type": "http.response.body", "body": b""})


def _host(scope: Scope) -> str:
    """The name without its port."""
    value = (header(scope, b"host") or b"").decode("latin-1").lower()
    if value.startswith("["):
        return value.partition("]")[0] + "]"
    return value.partition(":")[0]
