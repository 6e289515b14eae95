"""Where we may send to: checks a route's URL and every address behind its name (S-17).

A URL is read strictly: what two parsers could read in two ways is refused, not repaired.  The name
is resolved once, all its addresses are checked, and the call goes to a checked address, so that a
second answer of the name server (DNS rebinding) is never asked for.

Public addresses need HTTPS.  A route may allow-list private networks; there, HTTP and other ports
are fine too.  Link-local (the metadata services of clouds), multicast, unspecified and reserved
addresses are refused even when listed.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

from gateway import limits

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<target>(?:/[^#]*)?)\Z",
    re.ASCII,
)
# RFC 3986 without '#', and '%' only before two hexadecimal digits.
_TARGET = re.compile(r"(?:[A-Za-z0-9/?:@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*\Z", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z", re.ASCII)
# What resolvers take for a number: decimal, octal or hexadecimal, as a whole or as the last label.
_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z", re.ASCII)

_IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this host": Linux connects to itself
        "169.254.0.0/16",  # link-local, metadata services
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/128",  # unspecified
        "::ffff:0:0/96",  # IPv4-mapped: hides an IPv4 address from its check
        "64:ff9b::/96",  # NAT64, hides one too
        "64:ff9b:1::/48",  # local NAT64
        "fe80::/10",  # link-local
        "ff00::/8",  # multicast
        "2002::/16",  # 6to4, hides one too
        "2001::/32",  # Teredo, hides one too
    )
)
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "172.16.0.0/12",  # RFC 1918
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # RFC 1918
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "2001::/23",  # protocol assignments
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)


class TargetRefusedError(Exception):
    """The policy forbids this target; trying again cannot help.  `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class TargetUnresolvedError(Exception):
    """The name has no address now; it may have one later."""


class Resolver(Protocol):
    """Asks for the addresses of a name; raises OSError when there are none."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses as text, in the order of preference."""
        ...


@dataclass(frozen=True)
class TargetUrl:
    """A URL that was read without doubt.  `host` is lower case, an IPv6 address unbracketed."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str
    literal: IpAddress | None

    @property
    def host_header(self) -> str:
        """`Host` as RFC 9110 wants it: brackets for IPv6, no default port."""
        return f"{_bracketed(self.host)}{self._port_suffix}"

    def at(self, address: IpAddress) -> str:
        """The same URL with the checked address in the place of the name."""
        return f"{self.scheme}://{_bracketed(str(address))}:{self.port}{self.target}"

    @property
    def _port_suffix(self) -> str:
        return "" if self.port == _default_port(self.scheme) else f":{self.port}"


@dataclass(frozen=True)
class CheckedTarget:
    """A URL with its addresses, each of which may be connected to."""

    url: TargetUrl
    addresses: tuple[IpAddress, ...]


def parse_url(text: str) -> TargetUrl:
    """Read a URL; raises TargetRefusedError with the code URL_FORM, URL_HOST or URL_PORT."""
    if len(text) > limits.PUSH_URL_CHARACTERS_MAX:
        raise TargetRefusedError("URL_FORM", "the URL is too long")
    found = _URL.match(text)
    if found is None or _TARGET.match(found["target"]) is None:
        raise TargetRefusedError(
            "URL_FORM",
            "wanted: http(s)://host[:port][/path][?query], without user, zone or fragment",
        )
    scheme: Literal["http", "https"] = "https" if found["scheme"] == "https" else "http"
    port = int(found["port"] or _default_port(scheme))
    if port > 65535:
        raise TargetRefusedError("URL_PORT", "a port is at most 65535")
    host, literal = _parse_host(found["host"])
    return TargetUrl(scheme, host, port, found["target"] or "/", literal)


def parse_networks(texts: Sequence[str]) -> tuple[IpNetwork, ...]:
    """A route's allow-list, such as `10.20.0.0/16`; raises ValueError for anything else.

    An entry without a prefix length is one address; one with bits behind its prefix is an error.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


def check_address(address: IpAddress, url: TargetUrl, allowed: Sequence[IpNetwork]) -> None:
    """Raises TargetRefusedError unless this address may be called by this URL.

    Codes: ADDRESS_NEVER, ADDRESS_PRIVATE, URL_PORT, HTTP_PUBLIC.
    """
    if _within(address, _NEVER):
        raise TargetRefusedError("ADDRESS_NEVER", f"{address} is never a partner's server")
    if _within(address, allowed):
        if url.port < 1024 and url.port not in limits.PUSH_PRIVATE_LOW_PORTS:
            raise TargetRefusedError("URL_PORT", f"port {url.port} belongs to another protocol")
        return
    if not _is_public(address):
        raise TargetRefusedError("ADDRESS_PRIVATE", f"{address} is private and not allow-listed")
    if url.scheme != "https":
        raise TargetRefusedError("HTTP_PUBLIC", "http is for allow-listed networks only")
    if url.port not in limits.PUSH_PUBLIC_PORTS:
        raise TargetRefusedError("URL_PORT", f"port {url.port} is not for public addresses")


async def check_target(
    text: str, allowed: Sequence[IpNetwork], resolver: Resolver
) -> CheckedTarget:
    """Read the URL, resolve its name once, check every address.

    One bad address among good ones refuses the whole target.  Raises TargetRefusedError or
    TargetUnresolvedError.
    """
    url = parse_url(text)
    addresses = (url.literal,) if url.literal is not None else await _resolve(url, resolver)
    for address in addresses:
        check_address(address, url, allowed)
    return CheckedTarget(url, addresses)


class SystemResolver:
    """The machine's own name resolution, on threads of its own (getaddrinfo cannot be ended)."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(limits.PUSH_RESOLVER_THREADS, "push-resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """See `Resolver`."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _getaddrinfo, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Ends the threads that are idle; waits for none."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(row[4][0]) for row in rows]


async def _resolve(url: TargetUrl, resolver: Resolver) -> tuple[IpAddress, ...]:
    try:
        texts = await resolver(url.host, url.port)
    except (OSError, UnicodeError) as error:
        raise TargetUnresolvedError(f"{url.host}: {error}") from error
    if not texts:
        raise TargetUnresolvedError(f"{url.host}: no address")
    if len(texts) > limits.PUSH_ADDRESSES_MAX:
        raise TargetRefusedError("ADDRESS_COUNT", f"{url.host} has too many addresses")
    return tuple(_parse_address(text) for text in texts)


def _parse_address(text: str) -> IpAddress:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise TargetRefusedError("ADDRESS_NEVER", "the resolver gave no IP address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise TargetRefusedError("ADDRESS_NEVER", "an address with a zone is link-local")
    return address


def _parse_host(text: str) -> tuple[str, IpAddress | None]:
    try:
        if text.startswith("["):
            address = ipaddress.IPv6Address(text[1:-1])
            return str(address), address
        host = text.lower()
        labels = host.split(".")
        if _NUMERIC_LABEL.match(labels[-1]):
            # Only the one dotted form of an IPv4 address: no octal, no hexadecimal, no short form.
            return host, ipaddress.IPv4Address(host)
    except ValueError:
        raise TargetRefusedError("URL_HOST", "not the plain form of an IP address") from None
    if not all(_LABEL.match(label) for label in labels):
        raise TargetRefusedError("URL_HOST", "not a host name")
    return host, None


def _is_public(address: IpAddress) -> bool:
    if address.version == 6 and address not in _IPV6_GLOBAL_UNICAST:
        return False
    return not _within(address, _NOT_PUBLIC)


def _within(address: IpAddress, networks: Sequence[IpNetwork]) -> bool:
    return any(address.version == net.version and address in net for net in networks)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
