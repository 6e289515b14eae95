"""R-12 and S-17 against real servers on loopback: every call is bounded, whatever they do.

Deadlines are scaled down; a call may take its deadline and half a second.
"""

import asyncio
import contextlib
import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from cryptography import x509

from gateway.adapters.push_http.push import HttpPusher, HttpTarget, OutgoingDelivery
from gateway.adapters.push_http.signing import Verification, verify
from tests.contract.certificates import Authority

SECRET = "whsec_dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE="
LOOPBACK = ("127.0.0.0/8",)
DEADLINE = 0.4
SLACK = 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
DELIVERY = OutgoingDelivery(
    "m1-1-0", "edi.port.test", "/gateway/test", "s", "2026-11-21T08:00:00Z", "text/plain", b"data"
)


class Server:
    """Reads whole requests, then plays its script; counts and keeps what it saw."""

    def __init__(self, script, context=None):
        self.script, self.context = script, context
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections = self.open = self.open_max = 0
        self.idle = asyncio.Event()

    async def __aenter__(self):
        wait = {"ssl_shutdown_timeout": 0.1} if self.context else {}
        self.server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.context, **wait
        )
        self.port = self.server.sockets[0].getsockname()[1]
        self.tasks: set[asyncio.Task] = set()
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.server.wait_closed()

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.connections += 1
        self.open += 1
        self.idle.clear()
        self.open_max = max(self.open, self.open_max)
        try:
            while await self._request(reader):
                await self.script(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass  # what these tests are about, and what the assertions look at
        finally:
            self.open -= 1
            if not self.open:
                self.idle.set()
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError):
                await writer.wait_closed()

    async def _request(self, reader):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            return False
        headers = dict(line.lower().split(": ", 1) for line in head[1:-2])
        raw = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head[1:-2]}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((raw | {":line": head[0]}, body))
        return True


def says(data, then=None):
    async def script(reader, writer):
        writer.write(data)
        await writer.drain()
        if then is not None:
            await then(reader, writer)

    return script


async def drip(_reader, writer):
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def pour(_reader, writer):
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def hang(reader, _writer):
    """Until the other side is gone."""
    assert await reader.read() == b""


async def reset(_reader, writer):
    writer.transport.abort()


async def close(_reader, writer):
    writer.close()


async def headers_without_end(_reader, writer):
    while True:
        writer.write(b"X-A: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


async def continues_without_end(_reader, writer):
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


_warmed: set[bool] = set()


async def _warm():
    """One push at leisure: the first of a process imports and builds what later ones find."""
    if not _warmed:
        pusher = HttpPusher()
        async with Server(says(OK, close)) as server:
            result = await pusher.push(target(server.port, timeout_seconds=20.0), DELIVERY)
            assert result.outcome == "sent"
        await pusher.aclose()
        _warmed.add(True)


@pytest.fixture
async def pusher():
    await _warm()
    pusher = HttpPusher()
    yield pusher
    await pusher.aclose()


def target(port, scheme="http", host="127.0.0.1", **changes):
    fields = {"secrets": (SECRET,), "allow_networks": LOOPBACK, "timeout_seconds": DEADLINE}
    return HttpTarget(f"{scheme}://{host}:{port}/in", **(fields | changes))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "outcome", "status", "detail"),
    [
        pytest.param(says(b"", hang), "retry", None, "no whole answer", id="says nothing"),
        pytest.param(says(b"H", drip), "retry", None, "", id="a byte at a time, status line"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nX: ", drip), "retry", None, "no whole", id="slow headers"
        ),
        pytest.param(says(LONG, drip), "retry", None, "no whole", id="a byte at a time, body"),
        pytest.param(says(UNTIL_CLOSE, hang), "retry", None, "no whole", id="never closes"),
        pytest.param(says(CHUNKED, hang), "retry", None, "no whole", id="no last chunk"),
        pytest.param(says(LONG, pour), "sent", 200, "HTTP 200", id="10 GB answer"),
        pytest.param(says(UNTIL_CLOSE, pour), "sent", 200, "HTTP 200", id="endless answer"),
        pytest.param(
            says(b"HTTP/1.1 500 No\r\n\r\n", pour), "retry", 500, "xxxx", id="endless 500"
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\n", headers_without_end), "retry", None, "RemoteProtocol",
            id="endless headers",
        ),
        pytest.param(
            says(b"", continues_without_end), "retry", None, "no whole", id="endless 100 Continue"
        ),
        pytest.param(says(b"", reset), "retry", None, "failed", id="reset before the answer"),
        pytest.param(says(b"", close), "retry", None, "failed", id="closed before the answer"),
        pytest.param(says(LONG + b"{", reset), "retry", 200, "broke off", id="reset mid-answer"),
        pytest.param(says(LONG + b"{", close), "retry", 200, "broke off", id="closed mid-answer"),
        pytest.param(
            says(CHUNKED + b"zz\r\n", hang), "retry", 200, "broke off", id="chunk of no length"
        ),
        pytest.param(
            says(b"HTTP/1.1 422 No\r\nContent-Length: 9\r\n\r\n{", close), "refused", 422,
            "broke off", id="closed mid-422",
        ),
        pytest.param(says(b"220 ftp\r\n", hang), "retry", None, "no whole", id="not HTTP"),
        pytest.param(says(b"220 ftp\r\n\r\n", hang), "retry", None, "failed", id="nor this"),
    ],
)  # fmt: skip
async def test_a_hostile_answer_is_bounded(pusher, script, outcome, status, detail):
    async with Server(script) as server:
        started = time.monotonic()
        result = await pusher.push(target(server.port), DELIVERY)
        assert time.monotonic() - started < DEADLINE + SLACK
        assert (result.outcome, result.status) == (outcome, status), result
        assert detail in result.detail
        assert len(result.detail) < 400
        assert len(server.requests) == 1
        # Our side is closed: it cannot be met again from the pool.
        await asyncio.wait_for(server.idle.wait(), SLACK)


def answer(status, headers="", body="{}"):
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body.encode())}\r\n{headers}\r\n"
    return says(head.encode() + body.encode())


NOW = 1795248000
LATER = format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("script", "outcome", "wait", "detail"),
    [
        (answer(200), "sent", None, "HTTP 200"),
        (answer(202), "sent", None, "HTTP 202"),
        (answer(204, body=""), "sent", None, "HTTP 204"),
        (answer(200, body='{"error":"all wrong"}'), "sent", None, "HTTP 200"),
        (answer(200, "Content-Encoding: gzip\r\n"), "sent", None, "HTTP 200"),
        (answer(301, "Location: http://127.0.0.1:1/\r\n"), "retry", None, "not followed"),
        (answer(302, "Location: http://169.254.169.254/\r\n"), "retry", None, "not followed"),
        (answer(307, "Location: /elsewhere\r\n"), "retry", None, "not followed"),
        (answer(400, body="bad"), "refused", None, "HTTP 400: bad"),
        (answer(401), "retry", None, "HTTP 401"),
        (answer(404), "retry", None, "HTTP 404"),
        (answer(408), "retry", None, "HTTP 408"),
        (answer(409, "Retry-After: 2\r\n"), "retry", 2.0, "HTTP 409"),
        (answer(410), "refused", None, "disabled"),
        (answer(422, "Retry-After: 2\r\n", "other bytes"), "refused", None, "other bytes"),
        (answer(425), "retry", None, "HTTP 425"),
        (answer(429, "Retry-After: 7\r\n"), "retry", 7.0, "HTTP 429"),
        (answer(429, f"Retry-After: {LATER}\r\n"), "retry", 90.0, "HTTP 429"),
        (answer(429, "Retry-After: 999999999\r\n"), "retry", 3600.0, "HTTP 429"),
        (answer(429, "Retry-After: -5\r\n"), "retry", None, "HTTP 429"),
        (answer(429, "Retry-After: soon\r\n"), "retry", None, "HTTP 429"),
        (answer(503, "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n"), "retry", 0.0, "HTTP 503"),
        (answer(500, body="\x1b[31mred\r\n\u202e" + "y" * 999), "retry", None, "[31mred yyy"),
        (answer(500, body=f"you sent {SECRET}"), "retry", None, "you sent ***"),
        (answer(599), "retry", None, "HTTP 599"),
    ],
)
async def test_what_an_answer_means(script, outcome, wait, detail):
    pusher = HttpPusher(now=lambda: NOW)
    async with Server(script) as server:
        result = await pusher.push(target(server.port), DELIVERY)
        assert (result.outcome, result.retry_after_seconds) == (outcome, wait), result
        assert detail in result.detail
        assert "\x1b" not in result.detail
        assert "\u202e" not in result.detail
        assert len(server.requests) == 1
        await pusher.aclose()


async def test_what_the_receiver_sees(pusher, monkeypatch):
    """Signed CloudEvents under the delivery's key; proxies of the environment play no part."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with Server(says(OK)) as server:
        result = await pusher.push(target(server.port, bearer="tok-1"), DELIVERY)
    assert result.outcome == "sent"
    headers, body = server.requests[0]
    assert headers[":line"] == "POST /in HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["idempotency-key"] == headers["webhook-id"] == "m1-1-0"
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["authorization"] == "Bearer tok-1"
    assert verify([SECRET], headers, body, time.time()) is Verification.VERIFIED
    assert json.loads(body)["data_base64"] == "ZGF0YQ=="


async def test_a_big_body_arrives_whole_and_signed():
    """20 MB as base64, streamed and signed off the loop."""
    big = OutgoingDelivery("m2-1-0", "t", "/s", "", "", "text/plain", bytes(15 * 1024 * 1024))
    pusher = HttpPusher()
    async with Server(says(OK)) as server:
        result = await pusher.push(target(server.port, timeout_seconds=10), big)
        assert result.outcome == "sent", result
    await pusher.aclose()
    headers, body = server.requests[0]
    assert verify([SECRET], headers, body, time.time()) is Verification.VERIFIED


async def test_a_receiver_that_does_not_read_is_left(pusher):
    class Deaf(asyncio.Protocol):
        def connection_made(self, transport):
            transport.pause_reading()
            transports.append(transport)

    transports = []
    server = await asyncio.get_running_loop().create_server(Deaf, "127.0.0.1", 0)
    big = OutgoingDelivery("m3-1-0", "t", "/s", "", "", "text/plain", bytes(20 * 1024 * 1024))
    started = time.monotonic()
    result = await pusher.push(target(server.sockets[0].getsockname()[1]), big)
    assert result.outcome == "retry"
    assert time.monotonic() - started < DEADLINE + SLACK
    for transport in transports:
        transport.abort()
    server.close()


async def test_nobody_listens(pusher):
    async with Server(says(OK)) as server:
        port = server.port
    result = await pusher.push(target(port), DELIVERY)
    assert result.outcome == "retry"
    assert "no connection to 127.0.0.1" in result.detail


# --- slots ----------------------------------------------------------------------------------------


async def test_a_slow_partner_uses_no_more_than_its_slots_and_delays_nobody(pusher):
    async with Server(says(b"", hang)) as slow, Server(says(OK)) as quick:
        stuck = [asyncio.create_task(pusher.push(target(slow.port), DELIVERY)) for _ in range(20)]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        results = await asyncio.gather(
            *(pusher.push(target(quick.port, timeout_seconds=5), DELIVERY) for _ in range(40))
        )
        # Behind the twenty they would have waited for five deadlines.
        assert time.monotonic() - started < 3 * DEADLINE
        assert {result.outcome for result in results} == {"sent"}
        assert quick.connections <= 4  # kept and used again
        assert {result.outcome for result in await asyncio.gather(*stuck)} == {"retry"}
        assert slow.open_max == 4


async def test_slots_are_free_again_after_a_cancelled_push(pusher):
    async with Server(says(b"", hang)) as slow:
        for _ in range(6):
            push = asyncio.create_task(pusher.push(target(slow.port), DELIVERY))
            await asyncio.sleep(0.02)
            push.cancel()
            with pytest.raises(asyncio.CancelledError):
                await push
        slow.script = says(OK)
        assert (await pusher.push(target(slow.port), DELIVERY)).outcome == "sent"


# --- names and addresses --------------------------------------------------------------------------


async def test_the_checked_address_is_called_and_a_rebound_name_is_not():
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def resolver(_host, _port):
        return answers.pop(0)

    pusher = HttpPusher(resolver)
    async with Server(says(OK)) as server:
        named = target(server.port, host="partner.example", allow_networks=("127.0.0.1/32",))
        assert (await pusher.push(named, DELIVERY)).outcome == "sent"
        assert server.requests[0][0]["host"] == f"partner.example:{server.port}"
        second = await pusher.push(named, DELIVERY)
        assert second.outcome == "refused"
        assert "ADDRESS_PRIVATE" in second.detail
        assert len(server.requests) == 1
    await pusher.aclose()


async def test_the_next_checked_address_is_tried_when_the_first_refuses():
    async def resolver(_host, _port):
        return ["127.0.0.9", "127.0.0.1"]

    pusher = HttpPusher(resolver)
    async with Server(says(OK)) as server:
        result = await pusher.push(target(server.port, host="partner.example"), DELIVERY)
        assert result.outcome == "sent"
    await pusher.aclose()


async def test_a_name_server_that_hangs_or_fails():
    async def hangs(_host, _port):
        await asyncio.sleep(60)

    async def fails(_host, _port):
        raise OSError("Name or service not known")

    for resolver in (hangs, fails):
        pusher = HttpPusher(resolver)
        started = time.monotonic()
        result = await pusher.push(target(443, "https", "partner.example"), DELIVERY)
        assert result.outcome == "retry"
        assert time.monotonic() - started < DEADLINE + SLACK
        await pusher.aclose()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:9/", "ADDRESS_PRIVATE"),
        ("https://169.254.169.254/latest/meta-data/", "ADDRESS_NEVER"),
        ("file:///etc/passwd", "URL_FORM"),
        ("https://2130706433/", "URL_HOST"),
    ],
)
async def test_a_forbidden_target_is_refused_for_good(pusher, url, code):
    result = await pusher.push(HttpTarget(url, (SECRET,)), DELIVERY)
    assert (result.outcome, result.status) == ("refused", None)
    assert code in result.detail


@pytest.mark.parametrize(
    "change",
    [
        {"secrets": ()},
        {"secrets": ("hunter2-hunter2",)},
        {"allow_networks": ("10.0.0.1/8",)},
        {"timeout_seconds": 0},
        {"timeout_seconds": 31},
        {"bearer": "hunter2\r\nX: y"},
    ],
)
def test_a_target_that_cannot_be_used_says_so_at_once(change):
    with pytest.raises(ValueError, match="must|secret|bits|deadline|bearer") as caught:
        target(1, **change)
    assert "hunter2" not in str(caught.value)


def test_secrets_do_not_show():
    assert "whsec" not in repr(target(1, bearer="hunter2"))
    assert "hunter2" not in repr(target(1, bearer="hunter2"))


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "port")


async def local(_host, _port):
    return ["127.0.0.1"]


NAME = x509.DNSName("partner.example")


@pytest.mark.parametrize(
    ("names", "life", "ca", "host", "outcome"),
    [
        ([NAME], 1, "port", "partner.example", "sent"),
        ([x509.IPAddress(ip_address("127.0.0.1"))], 1, "port", "127.0.0.1", "sent"),
        ([x509.DNSName("other.example")], 1, "port", "partner.example", "retry"),
        # A certificate for the address does not stand in for the name.
        ([x509.IPAddress(ip_address("127.0.0.1"))], 1, "port", "partner.example", "retry"),
        ([NAME], -1, "port", "partner.example", "retry"),
        ([NAME], 1, "stranger", "partner.example", "retry"),
        ([NAME], 1, None, "partner.example", "retry"),
    ],
)
async def test_the_certificate_is_checked_for_the_name(authority, names, life, ca, host, outcome):
    context = authority.context(names, timedelta(life))
    asked = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    ca_file = authority.file if ca == "port" else Authority(authority.folder, "stranger").file
    pusher = HttpPusher(local)
    async with Server(says(OK), context) as server:
        result = await pusher.push(
            target(server.port, "https", host, ca_file=str(ca_file) if ca else None), DELIVERY
        )
        assert result.outcome == outcome, result
        assert len(server.requests) == (outcome == "sent")
        await pusher.aclose()
    assert asked == [None if host == "127.0.0.1" else host]
    if outcome != "sent":
        assert "CERTIFICATE_VERIFY_FAILED" in result.detail


async def test_plain_http_behind_an_https_url_and_a_missing_ca_file(pusher):
    async with Server(says(OK)) as server:
        result = await pusher.push(target(server.port, "https"), DELIVERY)
        assert result.outcome == "retry"
        missing = await pusher.push(target(server.port, "https", ca_file="/nowhere.pem"), DELIVERY)
        assert missing.outcome == "retry"
        assert "No such file" in missing.detail
        assert server.requests == []


async def test_a_tls_handshake_that_hangs_leaves_no_socket(pusher):
    class Mute(asyncio.Protocol):
        def connection_lost(self, _error):
            lost.set()

    lost = asyncio.Event()
    server = await asyncio.get_running_loop().create_server(Mute, "127.0.0.1", 0)
    started = time.monotonic()
    result = await pusher.push(target(server.sockets[0].getsockname()[1], "https"), DELIVERY)
    assert result.outcome == "retry"
    assert "no connection" in result.detail
    assert time.monotonic() - started < DEADLINE + SLACK
    await asyncio.wait_for(lost.wait(), SLACK)
    server.close()
