"""The HTTP API against hostile clients, over raw sockets, and against its own OpenAPI (S-24)."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from gateway.adapters.http.openapi import export_openapi
from tests import services
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, LIMIT, World, api_key, world_in

KEY = f"authorization: Bearer {api_key('agent')}\r\n".encode()
HOST_LINE = b"host: gateway\r\n"


@pytest.fixture
async def world(tmp_path):
    async with world_in(tmp_path) as made:
        yield made


@pytest.fixture
async def port(world: World):
    async with world.http(body_idle_seconds=0.6, head_seconds=0.6, body_grace_seconds=0.5) as bound:
        yield bound


async def talk(port: int, *pieces: bytes, pause: float = 0.0, seconds: float = 10.0) -> bytes:
    """Send the pieces, read until the server closes (or says no more for a second)."""
    reader, writer = await asyncio.open_connection(HOST, port)
    said = b""
    try:
        async with asyncio.timeout(seconds):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            while True:
                # A first word may take longer where the machine is loaded.
                try:
                    async with asyncio.timeout(1.0 if said else 3.0):
                        chunk = await reader.read(65536)
                except TimeoutError:
                    return said + b"[open]"
                if not chunk:
                    return said
                said += chunk
    except ConnectionError:
        return said + b"[reset]"
    finally:
        writer.close()


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return line + b" HTTP/1.1\r\n" + HOST_LINE + b"".join(headers) + b"\r\n" + body


def status_of(said: bytes) -> int:
    assert said.startswith(b"HTTP/1.1 "), said[:200]
    return int(said[9:12])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01\x02\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /%ff%fe HTTP/1.1\r\nhost: x\r\n\r\n", 404),
        (b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"CONNECT evil.example:22 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", 404),
        (b"GET http://evil.example/v1/outbox HTTP/1.1\r\nhost: x\r\n\r\n", 401),
        (request(b"GET /livez", b"content-length: -1\r\n"), 400),
        (request(b"POST /v1/check", b"content-length: 1\r\ncontent-length: 2\r\n"), 400),
        (
            request(
                b"POST /v1/check", b"content-length: 1\r\ntransfer-encoding: chunked\r\n", body=b"0"
            ),
            400,
        ),
        (request(b"POST /v1/check", KEY, b"transfer-encoding: gzip, chunked\r\n", body=b"z"), 400),
        (request(b"GET /livez", b"x y: 1\r\n"), 400),
        (request(b"GET /livez", b"x: a\x00b\r\n"), 400),
        (request(b"GET /" + b"a" * 40_000), 431),
        (request(b"GET /livez", b"x: " + b"a" * 40_000 + b"\r\n"), 431),
        (request(b"GET /livez", *(b"x%d: 1\r\n" % n for n in range(200))), 431),
        (request(b"GET /livez", *(b"x%d: 1\r\n" % n for n in range(10_000))), 431),
        (request(b"GET /livez", b"upgrade: websocket\r\nconnection: upgrade\r\n"), 200),
        (request(b"TRACE /v1/interchanges", KEY), 405),
        (request(b"PUT /v1/interchanges", KEY), 405),
        (request(b"DELETE /v1/interchanges/x", KEY), 405),
    ],
)
async def test_malformed_requests(port, sent, status):
    said = await talk(port, sent)
    assert status_of(said) == status, said[:300]
    assert b"Traceback" not in said
    assert b"uvicorn" not in said.lower()


PATHS = [
    b"//v1/interchanges", b"/v1//interchanges", b"/v1/interchanges/", b"/v1/./interchanges",
    b"/v1/../v1/interchanges", b"/V1/interchanges", b"/v1/interchanges%2f", b"/v1%2finterchanges",
    b"/v1/interchanges;x", b"/v1/interchanges/..%2f..%2fadmin", b"/%2e%2e/admin/dead-letters",
    b"/v1/interchanges/%00", b"/v1/interchanges/%0d%0aset-cookie:x", b"/v1/interchanges/a/b/raw",
    b"/admin/dead-letters", b"//admin/dead-letters", b"/metrics", b"/v1/../admin/dead-letters",
    b"/v1/outbox/..", b"/v1/outbox/%2e%2e/collected", b"/docs", b"/redoc", b"/openapi.json",
    b"/static/../../etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_is_taken_for_another(world, port, path):
    for method in (b"GET ", b"POST "):
        said = await talk(
            port, request(method + path, KEY, b"content-length: 0\r\nconnection: close\r\n")
        )
        assert status_of(said) in (404, 405), said[:300]
        assert b"set-cookie" not in said.partition(b"\r\n\r\n")[0]
    assert await world.rows() == []


@pytest.mark.parametrize("host", [b"evil.example", b"", b"a b", b"[::1", b"x:99999", b"a\tb"])
async def test_the_host_header_decides_nothing(port, host):
    sent = (
        b"GET /v1/interchanges HTTP/1.1\r\nhost: "
        + host
        + b"\r\n"
        + KEY
        + b"connection: close\r\n\r\n"
    )
    said = await talk(port, sent)
    assert status_of(said) in (200, 400)
    assert b"evil" not in said


async def test_a_host_that_is_not_ours(world):
    async with world.http(allowed_hosts=("gateway.example",)) as port:
        for host, status in (
            (b"gateway.example:443", 200),
            (b"GATEWAY.example", 200),
            (b"evil", 421),
        ):
            sent = b"GET /livez HTTP/1.1\r\nhost: " + host + b"\r\nconnection: close\r\n\r\n"
            assert status_of(await talk(port, sent)) == status


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"GET /livez HTTP/1.1\r\n"],
        [b"GET /livez HTTP/1.1\r\n", *(b"x%d: 1\r\n" % n for n in range(30))],
        [request(b"GET /livez"), b"GET"],
    ],
    ids=["nothing", "one-line", "a-header-now-and-then", "second-request"],
)
async def test_slow_heads_are_closed(port, pieces):
    begun = time.monotonic()
    said = await talk(port, *pieces, pause=0.1)
    assert time.monotonic() - begun < 6
    assert not said.endswith(b"[open]")


@pytest.mark.parametrize("path", [b"/v1/interchanges", b"/v1/check"])
async def test_slow_bodies_are_408(world, port, path):
    silent = request(b"POST " + path, KEY, b"content-length: 10\r\n", body=b"x")
    assert status_of(await talk(port, silent)) == 408
    dribble = [request(b"POST " + path, KEY, b"content-length: 1000\r\n")] + [b"x"] * 30
    assert status_of(await talk(port, *dribble, pause=0.05)) == 408
    assert world.intake._uploads_open == 0
    assert world.leftovers() == []


async def test_a_body_that_nobody_reads_ends_its_connection(port):
    dribble = [request(b"GET /livez", b"content-length: 1000\r\n")] + [b"x"] * 30
    said = await talk(port, *dribble, pause=0.05)
    assert not said.endswith(b"[open]")


async def test_an_announced_body_over_the_limit_is_refused_before_it_comes(world, port):
    for path in (b"/v1/interchanges", b"/v1/outbox/x/collected"):
        sent = request(b"POST " + path, KEY, b"content-length: 10000000000\r\n")
        begun = time.monotonic()
        assert status_of(await talk(port, sent, b"x" * LIMIT)) == 413
        assert time.monotonic() - begun < 5
    assert world.leftovers() == []


async def test_expect_100_is_not_promised_to_the_refused(port):
    expecting = b"expect: 100-continue\r\ncontent-length: 1000\r\n"
    said = await talk(port, request(b"POST /v1/interchanges", expecting))
    assert status_of(said) == 401
    said = await talk(
        port, request(b"POST /v1/interchanges", KEY, expecting), b"x" * 1000, pause=0.2
    )
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202")


async def test_pipelined_requests_are_answered_in_order(port):
    one = request(b"POST /v1/interchanges", KEY, b"content-length: 1\r\n", body=b"1")
    two = request(b"GET /livez", b"connection: close\r\n")
    said = await talk(port, one + two)
    assert said.index(b"202 Accepted") < said.index(b'{"status":"alive"}')


async def test_a_smuggled_request_is_none(port):
    """What follows a refused body is not taken for a request."""
    hidden = request(b"GET /livez")
    said = await talk(port, request(b"POST /v1/interchanges", b"content-length: 3\r\n") + hidden)
    assert status_of(said) in (400, 401)
    assert b"alive" not in said


async def test_connections_are_bounded(world):
    async with world.http(connections_max=5) as port:
        pairs = [await asyncio.open_connection(HOST, port) for _ in range(8)]
        await asyncio.sleep(0.1)
        for _, writer in pairs:
            writer.write(request(b"GET /livez"))
        answers = await asyncio.gather(*(r.read(12) for r, _ in pairs), return_exceptions=True)
        assert sum(1 for answer in answers if answer == b"HTTP/1.1 200") == 5
        for _, writer in pairs:
            writer.close()
        await asyncio.sleep(0.1)
        assert status_of(await talk(port, request(b"GET /livez", b"connection: close\r\n"))) == 200


@pytest.mark.parametrize("given", ["ok-1.2_3", "a b", "x" * 65, "<script>", "{}", '";'])
async def test_a_request_id_is_ours_unless_it_is_plain(port, given):
    async with client_at(f"http://{HOST}:{port}") as client:
        answer = await client.get("/livez", headers={"x-request-id": given})
    taken = answer.headers["x-request-id"] == given
    assert taken is (given == "ok-1.2_3")


@pytest.mark.reliability
@pytest.mark.timeout(600)
async def test_the_openapi_document_tells_the_truth(world, port):
    """schemathesis makes requests of the whole document: no 5xx, every answer is as documented."""
    for number in range(3):
        await world.deliver(f"answer{number}", b"yes")
    base = f"http://{HOST}:{port}"
    document = json.loads(json.dumps(export_openapi()))
    failed = await asyncio.to_thread(_explore, document, base, services.sized(12, 1000, brief=4))
    assert failed == []


def _explore(document: dict, base: str, examples: int) -> list[str]:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=base)
    headers = {"authorization": f"Bearer {api_key('agent')}"}
    failed: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def explore(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers)
            if answer.status_code >= 500:
                failed.append(f"{case.method} {case.path}: {answer.status_code}")
            case.validate_response(answer, checks=CHECKS)

        explore()
    return failed


schemathesis.serializer.alias("application/pdf", "application/octet-stream")

CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]
