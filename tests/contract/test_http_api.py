"""The HTTP API over real sockets: statuses, repeats, isolation, limits (S-24, R-20)."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from pathlib import Path

import asyncssh
import httpx2
import pytest
from cryptography import x509

from gateway.adapters.http import HttpSettings, ListenerError
from gateway.adapters.http.openapi import text
from gateway.adapters.http.settings import check
from gateway.pipeline import refusal
from gateway.pipeline.rows import (
    Batch,
    DecisionRow,
    NewDelivery,
    StagedDocument,
    StagedPart,
    Translated,
)
from tests.contract.certificates import Authority
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, LIMIT, PASSWORD, World, api_key, world_in

REPO = Path(__file__).resolve().parents[2]
FILE = b"00:IFCSUM:MANIFEST'"
OCTETS = {"content-type": "application/octet-stream"}


@pytest.fixture
async def world(tmp_path):
    async with world_in(tmp_path) as made:
        yield made


@pytest.fixture
async def port(world: World):
    async with world.http(body_idle_seconds=1.0, head_seconds=1.0) as bound:
        yield bound


def client_of(port: int, account: str | None = "agent") -> httpx2.AsyncClient:
    headers = {"authorization": f"Bearer {api_key(account)}"} if account else {}
    return client_at(f"http://{HOST}:{port}", headers=headers, timeout=20)


@pytest.fixture
async def client(port):
    async with client_of(port) as made:
        yield made


def problem_of(answer: httpx2.Response, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    members = answer.json()
    assert members["status"] == status
    assert members["code"] == code
    assert members["zh"]
    assert members["en"]
    assert members["request_id"] == answer.headers["x-request-id"]
    return members


async def post(client, content=FILE, **headers) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/v1/interchanges", content=content, headers=OCTETS | named)


# --- intake ---------------------------------------------------------------------------------------


async def test_a_file_is_kept_before_202(world, client):
    answer = await post(client, x_filename="%E8%88%B1%E5%8D%95.txt", x_request_id="my-1")
    assert answer.status_code == 202
    assert answer.headers["x-request-id"] == "my-1"
    assert "server" not in answer.headers
    assert answer.headers["ratelimit"].startswith('"account";r=')
    (row,) = await world.rows()
    assert answer.headers["location"] == f"/v1/interchanges/{row.id}"
    assert answer.json() == {"id": row.id, "state": "received", "repeat": None}
    assert (row.name, row.channel, row.account, row.partner) == (
        "舱单.txt",
        "http",
        "agent",
        "AGENT",
    )
    assert row.content_type == "application/octet-stream"
    assert await world.body(row) == FILE


async def test_a_repeat_gets_the_same_interchange(world, client):
    first = await post(client, idempotency_key="k1")
    for again in (
        await post(client, idempotency_key="k1"),
        await post(client, idempotency_key="k2"),
        await post(client),
    ):
        assert again.status_code == 202
        assert again.headers["location"] == first.headers["location"]
    assert len(await world.rows()) == 1
    problem_of(await post(client, b"other bytes", idempotency_key="k1"), 422, "KEY_REUSED")


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 422, "EMPTY"),
        (b"x", {"content_type": "multipart/form-data; boundary=b"}, 415, "UNSUPPORTED_TYPE"),
        (b"x", {"content_type": "multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_TYPE"),
        (b"x", {"content_type": "nonsense"}, 415, "UNSUPPORTED_TYPE"),
        (b"x", {"content_encoding": "gzip"}, 415, "UNSUPPORTED_TYPE"),
        (b"x", {"idempotency_key": "k" * 201}, 422, "BAD_KEY"),
        (b"x", {"idempotency_key": ""}, 422, "BAD_KEY"),
        (b"x", {"x_filename": "..%2fetc%2fpasswd"}, 422, "BAD_NAME"),
        (b"x", {"x_filename": "a%0ab"}, 422, "BAD_NAME"),
        (b"x", {"x_filename": "x" * 300}, 422, "BAD_NAME"),
        (b"x", {"x_filename": ".."}, 422, "BAD_NAME"),
        (b"x" * (LIMIT + 1), {}, 413, "TOO_LARGE"),
    ],
)
async def test_what_is_refused(world, client, content, headers, status, code):
    problem_of(await post(client, content, **headers), status, code)
    assert await world.rows() == []
    assert world.leftovers() == []
    assert world.intake._uploads_open == 0


async def chunked(size: int, step: int = 50_000):
    for start in range(0, size, step):
        yield b"x" * min(step, size - start)


@pytest.mark.reliability
@pytest.mark.parametrize("size", [1, LIMIT - 1, LIMIT])
async def test_chunked_bodies_up_to_the_limit(world, client, size):
    assert (await post(client, chunked(size))).status_code == 202
    assert [row.size for row in await world.rows()] == [size]


async def test_a_chunked_body_over_the_limit_is_cut_during_the_transfer(world, port):
    """An endless body: the answer comes after about the limit, not after the body."""
    reader, writer = await asyncio.open_connection(HOST, port)
    head = (
        f"POST /v1/interchanges HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {api_key('agent')}\r\n"
    )
    writer.write(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
    sent = 0
    piece = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    answer = asyncio.create_task(reader.read(12))
    while not answer.done() and sent < 40 * LIMIT:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
        sent += 10_000
    assert await answer == b"HTTP/1.1 413"
    assert sent < 40 * LIMIT
    writer.close()
    assert world.leftovers() == []


async def test_a_retry_storm_of_chunked_bodies_is_answered_at_once(client):
    for _ in range(3):
        answer = await post(client, chunked(LIMIT + 1), x_filename="big.txt")
        problem_of(answer, 413, "TOO_LARGE")
    problem_of(await post(client, chunked(5), x_filename="big.txt"), 413, "TOO_LARGE")
    assert (await post(client, b"small", x_filename="big.txt")).status_code == 202


async def test_a_client_that_hangs_up_leaves_nothing(world, port):
    for sent in range(0, 100_001, 20_000):
        _, writer = await asyncio.open_connection(HOST, port)
        writer.write(
            f"POST /v1/interchanges HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            f"{api_key('agent')}\r\ncontent-length: 100001\r\n\r\n".encode()
            + b"x" * sent
        )
        await writer.drain()
        writer.close()
    async with asyncio.timeout(5):
        while world.intake._uploads_open or world.leftovers():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await world.rows() == []


async def test_quota_and_rate(world):
    async with world.http(requests_per_second=0.5, requests_burst=3) as port:
        async with client_of(port, "small") as small:
            assert (await post(small, b"1")).status_code == 202
            assert (await post(small, b"2")).status_code == 202
            refused = await post(small, b"3")
            problem_of(refused, 429, "OVER_QUOTA")
            assert refused.headers["retry-after"] == "3600"
            refused = await small.get("/v1/interchanges")
            problem_of(refused, 429, "TOO_MANY_REQUESTS")
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.headers["ratelimit"].startswith('"account";r=0')
        async with client_of(port) as other:
            assert (await other.get("/v1/interchanges")).status_code == 200


@pytest.mark.parametrize("why", [refusal.disk_full, refusal.overloaded, refusal.unavailable])
async def test_what_cannot_be_kept_now_is_503(world, client, monkeypatch, why):
    async def refuse(*_args, **_named):
        raise why()

    monkeypatch.setattr(world.intake, "admit", refuse)
    answer = await post(client)
    problem_of(answer, 503, why().code)
    assert int(answer.headers["retry-after"]) > 0


async def test_a_fault_of_ours_says_nothing(world, client, monkeypatch):
    async def fail(*_args, **_named):
        raise RuntimeError("secret-inside")

    monkeypatch.setattr(world.intake, "admit", fail)
    monkeypatch.setattr(world.mailbox, "page", fail)
    for answer in (await post(client), await client.get("/v1/outbox")):
        problem_of(answer, 500, "INTERNAL")
        assert "secret-inside" not in answer.text


# --- who may see what -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 300]
)
@pytest.mark.parametrize("path", ["/v1/interchanges", "/v1/outbox", "/v1/nothing", "/v1/check"])
async def test_no_key_no_answer(port, authorization, path):
    async with client_of(port, None) as client:
        headers = {"authorization": authorization} if authorization else {}
        answer = await client.get(path, headers=headers)
        problem_of(answer, 401, "UNAUTHORIZED")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_reads_are_filtered_by_partner(world, port):
    await world.deliver("secret", b"for other", partner="OTHER")
    async with client_of(port) as agent, client_of(port, "other") as other:
        location = (await post(other)).headers["location"]
        for path in (location, f"{location}/raw", "/v1/outbox/secret-box-1"):
            problem_of(await agent.get(path), 404, "NOT_FOUND")
            assert (await other.get(path)).status_code == 200
        problem_of(await agent.post("/v1/outbox/secret-box-1/collected"), 404, "NOT_FOUND")
        assert (await agent.get("/v1/interchanges")).json()["items"] == []
        assert (await agent.get("/v1/outbox")).json()["items"] == []
        problem_of(await agent.get("/v1/interchanges?partner=OTHER"), 403, "FORBIDDEN")
        problem_of(await agent.get("/v1/documents?container=X&partner=OTHER"), 403, "FORBIDDEN")
        # The same bytes from another partner are another interchange.
        assert (await post(agent)).headers["location"] != location
    async with client_of(port, "operator") as operator:
        assert (await operator.get(location)).status_code == 200
        assert len((await operator.get("/v1/interchanges")).json()["items"]) == 2
        one = await operator.get("/v1/interchanges?partner=OTHER")
        assert [item["partner"] for item in one.json()["items"]] == ["OTHER"]


async def test_pages(client):
    for number in range(5):
        await post(client, b"%d" % number)
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/interchanges", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=AAAA", "cursor=x" * 3,
        "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cursor=4pi6", "state=%27%20or%201", "partner=x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/interchanges", "/v1/outbox"])
async def test_parameters_that_make_no_sense(client, path, query):
    answer = await client.get(f"{path}?{query}")
    known = path == "/v1/interchanges" or not query.startswith(("state", "partner"))
    if known:
        problem_of(answer, 422, "INVALID")
    else:
        assert answer.status_code == 200


# --- the journey of a file ------------------------------------------------------------------------


def finding(code: str) -> dict:
    return {"code": code, "severity": "error", "zh": "错", "en": "wrong"}


async def decide(world: World, interchange: str) -> None:
    document = StagedDocument(
        1,
        "booking",
        "booking/iftmbf-flat",
        "{}",
        "9",
        "IFTMBF",
        None,
        None,
        "{}",
        '{"booking": "B1"}',
    )
    part = StagedPart(
        1, '{"booking": "B1"}', "{}", json.dumps([finding("PART")]), 1, (("booking", "B1"),)
    )
    ended = Translated(
        "flat", "booking/iftmbf-flat", "S", "R", "REF1", "utf-8", True, False, 1,
        [finding("FILE")], 1, 1, {},
    )  # fmt: skip
    decision = DecisionRow(
        f"{interchange}-1", 1, "rejected", ["BAD"], [{"id": "r", "version": "1"}],
        {"zh": "不", "en": "no"}, [finding("RULE")], {}, world.clock.now(),
    )  # fmt: skip

    def write(tx):
        attempt = tx.interchanges.begin_attempt(interchange)
        tx.interchanges.stage(interchange, attempt, Batch((document,), ((1, part),)))
        tx.interchanges.translated(interchange, 1, attempt, ended)
        tx.documents.decide(decision, "rejected", "keep")
        tx.interchanges.decided(interchange, 1, "rejected")

    await world.store.write(write)


async def test_an_interchange_is_told_whole(world, client):
    location = (await post(client)).headers["location"]
    await decide(world, location.rpartition("/")[2])
    told = (await client.get(location)).json()
    assert (told["state"], told["outcome"], told["documents_total"]) == ("decided", "rejected", 1)
    assert [each["code"] for each in told["findings"]] == ["FILE", "PART", "RULE"]
    (document,) = told["documents"]
    assert document["key"] == {"booking": "B1"}
    assert document["decisions"][0]["explanation"] == {"zh": "不", "en": "no"}
    assert told["deliveries"] == []
    found = (await client.get("/v1/documents?booking=B1")).json()["items"]
    assert [each["id"] for each in found] == [document["id"]]
    assert (await client.get("/v1/documents?booking=B2")).json()["items"] == []
    problem_of(await client.get("/v1/documents"), 422, "INVALID")
    problem_of(await client.get("/v1/documents?booking=%20"), 422, "INVALID")


@pytest.mark.parametrize("size", [3, 200_000])
async def test_raw_bytes_are_a_download(client, size):
    content = os.urandom(size)
    location = (await post(client, content, x_filename="%E8%88%B1.html")).headers["location"]
    answer = await client.get(f"{location}/raw")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E8")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_check_stores_nothing(world, client):
    for size in (10, 2_000_000):
        answer = await client.post(
            "/v1/check", content=b"x" * size, headers=OCTETS | {"x-filename": "m.txt"}
        )
        assert answer.json() == {"file": "m.txt", "findings": []}
    assert [each[1:] for each in world.checked] == [
        (10, "m.txt", "AGENT"),
        (2_000_000, "m.txt", "AGENT"),
    ]
    assert world.checked[0][0] == "bytes"
    assert "Path" in world.checked[1][0]
    assert await world.rows() == []
    problem_of(await client.post("/v1/check", content=b"", headers=OCTETS), 422, "EMPTY")


async def test_the_mailbox(world, client):
    for number in range(3):
        await world.deliver(f"answer{number}", b"yes %d" % number)
    page = (await client.get("/v1/outbox?limit=2")).json()
    assert [item["id"] for item in page["items"]] == ["answer0-box-1", "answer1-box-1"]
    rest = (await client.get("/v1/outbox", params={"cursor": page["cursor"]})).json()
    assert [item["size"] for item in rest["items"]] == [5]
    answer = await client.get("/v1/outbox/answer0-box-1")
    assert answer.content == b"yes 0"
    for _ in range(2):
        collected = await client.post("/v1/outbox/answer0-box-1/collected")
        assert collected.json() == {"id": "answer0-box-1", "state": "collected"}
    left = (await client.get("/v1/outbox")).json()["items"]
    assert [item["id"] for item in left] == ["answer1-box-1", "answer2-box-1"]
    problem_of(await client.get("/v1/outbox/nothing"), 404, "NOT_FOUND")
    problem_of(await client.post("/v1/outbox/a%2fb/collected"), 404, "NOT_FOUND")


async def test_a_waiting_document_is_made_when_it_is_asked_for(world, client):
    """Over both channels the same bytes, and the size that SFTP's stat has promised."""
    interchange = (await post(client)).json()["id"]
    await decide(world, interchange)
    delivery = NewDelivery(
        id=f"{interchange}-1-box-1", partner="AGENT", route="box", kind="mailbox", lane="l",
        subject_kind="document", subject=f"{interchange}-1", interchange=interchange,
        event_type="port.booking", file_name="booking.json", content_type="application/json",
        body=None, due_at=world.clock.now(),
    )  # fmt: skip
    await world.store.write(lambda tx: tx.deliveries.add([delivery]))
    answer = await client.get(f"/v1/outbox/{delivery.id}")
    assert answer.json()["key"] == {"booking": "B1"}
    async with (
        world.sftp() as listener,
        asyncssh.connect(
            HOST, listener.port, username="agent", password=PASSWORD, known_hosts=None, config=None,
            client_keys=None, agent_path=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):  # fmt: skip
        assert (await sftp.stat("outbox/booking.json")).size == len(answer.content)
        async with sftp.open("outbox/booking.json", "rb") as file:
            assert await file.read() == answer.content


# --- health, administration, export ---------------------------------------------------------------


async def test_health(world, port):
    async with client_of(port, None) as anybody, world.admin() as admin_port:
        assert (await anybody.get("/livez")).json() == {"status": "alive"}
        assert (await anybody.get("/readyz")).json() == {"status": "ready", "causes": {}}
        world.wrong["store"] = "password=secret"
        answer = await anybody.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "causes": {"store": None}}
        for path in ("/metrics", "/admin/dead-letters", "/docs", "/redoc", "/openapi.json", "/"):
            problem_of(await anybody.get(path), 404, "NOT_FOUND")
        async with client_of(admin_port, None) as admin:
            assert (await admin.get("/readyz")).json()["causes"] == {"store": "password=secret"}


async def bury(world: World, interchange: str) -> int:
    return await world.store.write(
        lambda tx: tx.dead_letters.bury("decide", interchange, 1, RuntimeError("x"), "trace", 3)
    )


async def test_dead_letters_are_for_operators_on_this_machine(world, port):
    async with client_of(port) as client:
        ids = [(await post(client, content)).json()["id"] for content in (b"1", b"2")]
    for interchange in ids:
        await decide(world, interchange)
    letters = [await bury(world, interchange) for interchange in ids]
    async with world.admin() as admin_port:
        async with client_of(admin_port, None) as nobody:
            assert b"gateway_events_total" in (await nobody.get("/metrics")).content
            problem_of(await nobody.get("/admin/dead-letters"), 401, "UNAUTHORIZED")
            rebound = await nobody.get("/metrics", headers={"host": "evil.example"})
            problem_of(rebound, 421, "WRONG_HOST")
        async with client_of(admin_port) as agent:
            problem_of(await agent.get("/admin/dead-letters"), 403, "FORBIDDEN")
        async with client_of(admin_port, "operator") as operator:
            listed = (await operator.get("/admin/dead-letters")).json()["items"]
            assert {item["id"] for item in listed} == set(letters)
            assert "trace" not in listed[0]
            done = await operator.post(f"/admin/dead-letters/{letters[0]}/replay")
            assert done.json() == {"id": letters[0], "state": "replayed", "subject": ids[0]}
            done = await operator.post(f"/admin/dead-letters/{letters[1]}/skip?note=old")
            assert done.json()["state"] == "skipped"
            for letter in letters:
                again = await operator.post(f"/admin/dead-letters/{letter}/replay")
                problem_of(again, 409, "CONFLICT")
            problem_of(await operator.post("/admin/dead-letters/999/skip"), 404, "NOT_FOUND")
            assert (await operator.get("/admin/dead-letters")).json()["items"] == []


@pytest.mark.parametrize(
    ("settings", "safe"),
    [
        ({"host": "127.0.0.1"}, True),
        ({"host": "::1"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "gateway.example"}, False),
        ({"host": "0.0.0.0", "behind_proxy": ("127.0.0.1",)}, True),
        ({"host": "0.0.0.0", "behind_proxy": ("*",)}, False),
        ({"host": "0.0.0.0", "behind_proxy": ("0.0.0.0/0",)}, False),
        ({"host": "0.0.0.0", "tls_certificate": Path("c")}, False),
        ({"host": "0.0.0.0", "tls_certificate": Path("c"), "tls_key": Path("k")}, True),
        ({"admin_host": "0.0.0.0"}, False),
    ],
)
def test_a_listener_that_others_reach_is_safe(settings, safe):
    if safe:
        check(HttpSettings(**settings))
    else:
        with pytest.raises(ListenerError):
            check(HttpSettings(**settings))


async def test_tls_of_its_own(world, tmp_path):
    authority = Authority(tmp_path, "ca")
    authority.context([x509.DNSName("localhost")])
    (chain,) = (path for path in tmp_path.glob("*.pem") if path != authority.file)
    trust = ssl.create_default_context(cafile=str(authority.file))
    async with (
        world.http(tls_certificate=chain, tls_key=chain) as port,
        httpx2.AsyncClient(base_url=f"https://localhost:{port}", verify=trust) as client,
    ):
        assert (await client.get("/livez")).json() == {"status": "alive"}
        with pytest.raises(httpx2.HTTPError):
            await client.get(f"http://{HOST}:{port}/livez")


def test_the_exported_openapi_has_not_drifted():
    exported = REPO / "schemas" / "http" / "openapi.json"
    assert exported.read_text(encoding="utf-8") == text(), (
        "run: python -c 'from pathlib import Path; from gateway.adapters.http.openapi import "
        'write_openapi; write_openapi(Path("schemas/http/openapi.json"))\''
    )


async def test_a_stop_finishes_the_request_under_way(world):
    async with world.http() as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(
            f"POST /v1/interchanges HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            f"{api_key('agent')}\r\ncontent-length: 4\r\n\r\nab".encode()
        )
        await writer.drain()
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(0.3, writer.write, b"cd")
    assert await reader.read(12) == b"HTTP/1.1 202"
    writer.close()
    assert len(await world.rows()) == 1
