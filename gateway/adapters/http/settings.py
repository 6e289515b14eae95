"""What an operator may set about the HTTP listeners."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from gateway import limits


class ListenerError(ValueError):
    """A listener that would not be safe."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """port 0 takes a free one.

    A host that others reach needs TLS of its own, or `behind_proxy`: the addresses of the proxies
    that end TLS and whose forwarded headers are believed.  requests_per_second None: no limit.
    allowed_hosts: names that clients may call us by; empty for any, since no answer repeats them.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    admin_host: str = "127.0.0.1"
    admin_port: int = 8081
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_proxy: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    requests_per_second: float | None = limits.HTTP_REQUESTS_PER_SECOND
    requests_burst: int = limits.HTTP_REQUESTS_BURST
    head_seconds: float = limits.HTTP_HEAD_SECONDS
    body_idle_seconds: float = limits.HTTP_BODY_IDLE_SECONDS
    body_grace_seconds: float = limits.HTTP_BODY_GRACE_SECONDS
    connections_max: int = limits.HTTP_CONNECTIONS_MAX
    drain_seconds: int = limits.HTTP_DRAIN_SECONDS


def check(settings: HttpSettings) -> None:
    """Raise ListenerError for a listener that would send API keys in the clear, or open /admin."""
    own_tls = settings.tls_certificate is not None and settings.tls_key is not None
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise ListenerError("tls_certificate and tls_key belong together")
    if any(not _is_address(proxy) for proxy in settings.behind_proxy):
        raise ListenerError("behind_proxy names proxies by address or network, never all of them")
    if not _is_loopback(settings.host) and not own_tls and not settings.behind_proxy:
        raise ListenerError("a non-loopback HTTP listener needs TLS or behind_proxy")
    if not _is_loopback(settings.admin_host):
        raise ListenerError("the admin listener stays on loopback")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(proxy: str) -> bool:
    try:
        return ipaddress.ip_network(proxy, strict=False).prefixlen > 0
    except ValueError:
        return False
