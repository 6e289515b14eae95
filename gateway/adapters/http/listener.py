"""Start and stop the HTTP listeners inside a running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn

from gateway import limits
from gateway.adapters.http import settings as http_settings
from gateway.adapters.http.asgi import App
from gateway.adapters.http.protocol import bounded
from gateway.adapters.http.settings import HttpSettings

_BACKLOG = 1024
_POLL_SECONDS = 0.01


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: bootstrap decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are captured."""
        yield


class HttpListener:
    """A running listener."""

    def __init__(self, server: _Server, task: asyncio.Task[None], port: int) -> None:
        self._server = server
        self._task = task
        self.port = port

    async def close(self) -> None:
        """No new connections; requests under way may end."""
        self._server.should_exit = True
        await self._task


async def serve_http(app: App, settings: HttpSettings) -> HttpListener:
    """Listen for partners; raises OSError (port taken), ListenerError (not safe), ssl.SSLError."""
    http_settings.check(settings)
    return await _start(app, settings, _bind(settings.host, settings.port), tls=True)


async def serve_admin(app: App, settings: HttpSettings) -> HttpListener:
    """Listen for this machine; raises OSError or ListenerError."""
    http_settings.check(settings)
    return await _start(app, settings, _bind(settings.admin_host, settings.admin_port), tls=False)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it; else head and body of an answer wait for each other.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


async def _start(
    app: App, settings: HttpSettings, sock: socket.socket, *, tls: bool
) -> HttpListener:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app,
        http=bounded(settings.head_seconds, settings.connections_max),
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=tls and bool(settings.behind_proxy),
        forwarded_allow_ips=list(settings.behind_proxy),
        timeout_keep_alive=limits.HTTP_KEEPALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_certificate if tls else None,
        ssl_keyfile=settings.tls_key if tls else None,
    )
    server = _Server(config)
    port = int(sock.getsockname()[1])
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        if task.done():
            sock.close()
            task.result()
            raise OSError("the HTTP server ended before it had started")
        await asyncio.sleep(_POLL_SECONDS)
    return HttpListener(server, task, port)
