"""The reference terminal: one effect and one answer for each delivery, whatever is repeated."""

import http.client
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from examples.receiver.event import EnvelopeError, read_event
from examples.receiver.ledger import Ledger, record_effect
from examples.receiver.server import ReceiverServer
from gateway.adapters.push_http.envelope import OutgoingDelivery, seal
from gateway.adapters.push_http.push import HttpPusher, HttpTarget
from gateway.adapters.push_http.signing import sign

ROOT = Path(__file__).parents[2]
SECRET = "whsec_dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE="
OLD_SECRET = "whsec_b2xkLXRlc3Qta2V5LW9mLXRoaXJ0eS10d28tYnl0ZXMh"
DOCUMENT = b'{"key":{"booking":"BK0001","line":"\xe6\xb4\xa5"},"amount":"1.10"}'


def delivery(number=1, body=DOCUMENT, content_type="application/json", **changes):
    fields = {
        "delivery_id": f"m{number}-1-0",
        "event_type": "edi.port.booking.accepted",
        "source": "/gateway/test",
        "subject": f"booking/{number}",
        "time": "2026-11-21T08:00:00Z",
    }
    return OutgoingDelivery(**(fields | changes), content_type=content_type, body=body)


def envelope(*args, **changes):
    return b"".join(seal(delivery(*args, **changes)).pieces())


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


# --- envelope -------------------------------------------------------------------------------------


def test_an_event_gives_back_the_documents_bytes():
    event = read_event(envelope())
    assert event.data == DOCUMENT
    assert event.business_key == '{"booking":"BK0001","line":"津"}'
    raw = "00:IFCSUM:天津'".encode("gb18030")
    event = read_event(envelope(body=raw, content_type="text/plain"))
    assert (event.data, event.business_key) == (raw, "booking/1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 200_000,
        b"1" * 5_000,
        b'{"specversion":"0.3","id":"a","source":"b","type":"c","data":1}',
        b'{"specversion":"1.0","id":"a","source":"b","type":"c"}',
        b'{"specversion":"1.0","id":"a","source":"b","type":"c","data":1,"data_base64":""}',
        b'{"specversion":"1.0","id":"a","source":"b","type":"c","data_base64":"?"}',
        b'{"specversion":"1.0","id":"a","source":"b","type":"c","data_base64":1}',
        b'{"specversion":"1.0","id":"","source":"b","type":"c","data":1}',
        b'{"specversion":"1.0","id":1,"source":"b","type":"c","data":1}',
        b'{"specversion":"1.0","source":"b","type":"c","data":1}',
    ],
)
def test_what_is_no_envelope_is_said_to_be_none(body):
    with pytest.raises(EnvelopeError):
        read_event(body)


def test_a_lone_surrogate_is_kept_in_words():
    head = b'{"specversion":"1.0","id":"a","source":"b","type":"c","subject":"\\ud800"'
    event = read_event(head + b',"data":"\\ud800"}')
    assert event.subject == "\\ud800"
    assert event.fingerprint


# --- ledger ---------------------------------------------------------------------------------------


def test_a_repeat_gets_the_first_answer_and_no_second_effect(ledger):
    event = read_event(envelope())
    first = ledger.receive(event, record_effect)
    again = ledger.receive(event, record_effect)
    assert (first.status, first.body, first.outcome) == (again.status, again.body, "first")
    assert again.outcome == "repeat"
    other = ledger.receive(read_event(envelope(body=b'{"other":1}')), record_effect)
    assert (other.status, other.outcome) == (422, "conflict")
    page = ledger.page()
    assert page["counts"] == {"effects": 1, "attempts": 3, "retransmissions": 1, "conflicts": 1}
    effect = page["effects"][0]
    assert effect["delivery_id"] == "m1-1-0"
    assert effect["subject"] == "booking/1"
    assert (effect["sha256"], effect["bytes"]) == (event.sha256, len(DOCUMENT))


def test_an_effect_that_fails_leaves_nothing(ledger):
    def half(database, event, now):
        record_effect(database, event, now)
        raise sqlite3.OperationalError("disk full")

    event = read_event(envelope())
    with pytest.raises(sqlite3.OperationalError):
        ledger.receive(event, half)
    assert ledger.page()["counts"] == {
        "effects": 0, "attempts": 0, "retransmissions": 0, "conflicts": 0
    }  # fmt: skip
    assert ledger.receive(event, record_effect).outcome == "first"


def test_many_at_once_have_one_effect_and_one_answer(ledger):
    event = read_event(envelope())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ledger.receive(event, record_effect), range(40)))
    assert len({answer.body for answer in answers}) == 1
    assert [answer.outcome for answer in answers].count("first") == 1
    assert ledger.page()["counts"]["retransmissions"] == 39


def test_the_page_is_bounded(ledger):
    for number in range(5):
        ledger.receive(read_event(envelope(number)), record_effect)
    seen, after = [], 0
    while after is not None:
        page = ledger.page(after, 2)
        seen += [effect["delivery_id"] for effect in page["effects"]]
        after = page["next_after"]
    assert seen == [f"m{number}-1-0" for number in range(5)]


def test_the_ledger_is_as_durable_as_it_says(ledger):
    assert ledger._database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert ledger._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- server ---------------------------------------------------------------------------------------


@pytest.fixture
def server(ledger):
    server = ReceiverServer(("127.0.0.1", 0), ledger, [SECRET, OLD_SECRET])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def post(port, body, headers, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def signed(body, webhook_id="m1-1-0", secret=SECRET, age=0):
    stamp = int(time.time()) - age
    return sign([secret], webhook_id, stamp, [body]) | {"Idempotency-Key": webhook_id}


def test_first_repeat_conflict_over_http(server):
    port, body = server.server_address[1], envelope()
    first = post(port, body, signed(body))
    again = post(port, body, signed(body, secret=OLD_SECRET))
    assert first[:2] == again[:2]
    assert first[0] == 200
    assert "Idempotency-Replayed" not in first[2]
    assert again[2]["Idempotency-Replayed"] == "true"
    other = envelope(body=b"{}")
    assert post(port, other, signed(other))[0] == 422
    status, page = get(port, "/ledger")
    assert status == 200
    assert page["counts"] == {"effects": 1, "attempts": 3, "retransmissions": 1, "conflicts": 1}
    assert get(port, "/ledger?after=1&limit=10")[1]["effects"] == []


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda body: {}, 401),
        (lambda body: signed(body + b" "), 401),
        (lambda body: signed(body, age=400), 401),
        (lambda body: signed(body, age=-400), 401),
        (lambda body: signed(body, secret="whsec_" + "QUFB" * 10), 401),
        (lambda body: signed(body) | {"webhook-id": "m2-1-0"}, 401),
        (lambda body: signed(body, "m2-1-0"), 400),
        (lambda body: signed(body) | {"Idempotency-Key": "m2-1-0"}, 400),
        (lambda body: signed(body) | {"Idempotency-Key": ""}, 400),
        (lambda body: signed(body) | {"Idempotency-Key": '"m1-1-0"'}, 200),
        (lambda body: signed(body) | {"Content-Length": "x"}, 411),
        (lambda body: signed(body) | {"Content-Length": "-1"}, 411),
        (lambda body: signed(body) | {"Content-Length": "99999999999"}, 413),
    ],
)
def test_who_is_let_in(server, make, status):
    body = envelope()
    assert post(server.server_address[1], body, make(body))[0] == status
    expected = int(status == 200)
    assert get(server.server_address[1], "/ledger")[1]["counts"]["effects"] == expected


def test_other_faults_over_http(server):
    port = server.server_address[1]
    assert post(port, b"{}", signed(b"{}"))[0] == 400
    assert get(port, "/elsewhere")[0] == 404
    assert get(port, "/ledger?after=x")[0] == 400
    assert get(port, "/ledger?after=99999999999999999999999&limit=-1")[0] == 200


def test_a_broken_database_says_come_again(server, ledger):
    ledger._database.execute("DROP TABLE inbox")
    body = envelope()
    status, _, headers = post(server.server_address[1], body, signed(body))
    assert (status, headers["Retry-After"]) == (503, "1")


# --- the program, with the gateway's pusher ------------------------------------------------------


class Terminal:
    """The program in a process of its own."""

    def __init__(self, folder):
        (folder / "secrets").write_text(SECRET + "\n")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "examples.receiver", "--port", "0",
             "--ledger", folder / "ledger.sqlite", "--secret-file", folder / "secrets"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        ready = json.loads(self.process.stdout.readline())
        assert ready["event"] == "ready"
        self.port = ready["port"]

    def end(self, number):
        self.process.send_signal(number)
        self.process.stdout.close()
        return self.process.wait(10)


async def test_kill_and_repeat_from_the_gateways_pusher(tmp_path):
    pusher = HttpPusher()
    deliveries = [delivery(number) for number in range(8)]
    deliveries.append(delivery(8, "舱单".encode("gb18030") * 200_000, "text/plain"))
    try:
        for signal_number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
            terminal = Terminal(tmp_path)
            target = HttpTarget(
                f"http://127.0.0.1:{terminal.port}/", (OLD_SECRET, SECRET), ("127.0.0.0/8",)
            )
            results = [await pusher.push(target, one) for one in deliveries]
            assert {result.outcome for result in results} == {"sent"}, results
            page = get(terminal.port, "/ledger")[1]
            assert terminal.end(signal_number) == code
    finally:
        await pusher.aclose()
    assert [effect["delivery_id"] for effect in page["effects"]] == [
        one.delivery_id for one in deliveries
    ]
    assert page["effects"][8]["bytes"] == 800_000
    assert page["counts"]["retransmissions"] == 9


async def test_other_bytes_under_the_same_key_are_refused_for_good(server):
    pusher = HttpPusher()
    target = HttpTarget(
        f"http://127.0.0.1:{server.server_address[1]}/", (SECRET,), ("127.0.0.0/8",)
    )
    try:
        assert (await pusher.push(target, delivery())).outcome == "sent"
        result = await pusher.push(target, delivery(body=b"{}"))
        assert (result.outcome, result.status) == ("refused", 422)
        assert "other contents" in result.detail
    finally:
        await pusher.aclose()


@pytest.mark.parametrize("arguments", [[], ["--secret", "hunter2"], ["--secret-file", "/nowhere"]])
def test_the_program_wants_a_secret(tmp_path, arguments):
    ended = subprocess.run(
        [sys.executable, "-m", "examples.receiver", "--ledger", tmp_path / "l", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "l").exists()
