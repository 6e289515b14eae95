"""HTTP FOR ACCOUNTS: intake as a bare ASGI handler, queries with FastAPI, limits around both.

Interfaces.md, "HTTP", is what the outside relies on; docs/howto/send-over-http.md tells it to a
partner.
"""

from gateway.adapters.http.app import build_admin_app, build_app
from gateway.adapters.http.listener import HttpListener, serve_admin, serve_http
from gateway.adapters.http.openapi import export_openapi
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.settings import HttpSettings, ListenerError

__all__ = [
    "HttpListener",
    "HttpPorts",
    "HttpSettings",
    "ListenerError",
    "build_admin_app",
    "build_app",
    "export_openapi",
    "serve_admin",
    "serve_http",
]
