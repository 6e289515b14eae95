"""The HTTP side of the reference terminal: checks, hands over to the ledger, answers."""

import json
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from examples.receiver.event import EnvelopeError, read_event
from examples.receiver.ledger import Answer, Ledger, record_effect
from gateway.adapters.push_http.signing import Verification, verify

# The gateway's largest interchange as base64, and its envelope.
_BODY_BYTES_MAX = 170 * 1024 * 1024
# A client that says nothing for so long is left.
_SILENCE_SECONDS = 60


class ReceiverServer(ThreadingHTTPServer):
    """Listens, a thread for each connection; `secrets` are `whsec_…`, the old and the new one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], ledger: Ledger, secrets: Sequence[str]) -> None:
        super().__init__(address, _Handler)
        self.ledger = ledger
        self.secrets = tuple(secrets)

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that breaks off is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            # The stub of the standard library knows one address family only.
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def accept(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one delivery; `headers` with lower-case names."""
        verdict = verify(self.secrets, headers, body, time.time())
        if verdict is not Verification.VERIFIED:
            return _problem(401, verdict.value)
        try:
            event = read_event(body)
        except EnvelopeError as error:
            return _problem(400, str(error))
        keys = {headers["webhook-id"], headers.get("idempotency-key", "").strip('"')}
        if keys != {event.delivery_id}:
            # Only the webhook-id is signed; three names for one delivery would be three effects.
            return _problem(400, "id, webhook-id and Idempotency-Key differ")
        try:
            return self.ledger.receive(event, record_effect)
        except sqlite3.Error:
            return _problem(503, "nothing was kept, send it again")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "reference-receiver"
    sys_version = ""
    timeout = _SILENCE_SECONDS
    # One write for each answer, sent at once: two small ones would wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: ReceiverServer

    def do_POST(self) -> None:
        """Any path takes deliveries."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self.close_connection = True
            self._answer(_problem(411, "Content-Length is required"))
            return
        if int(length) > _BODY_BYTES_MAX:
            self.close_connection = True
            self._answer(_problem(413, "the body is too large"))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True  # the sender broke off: nothing was received
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer(self.server.accept(headers, body))

    def do_GET(self) -> None:
        """`/ledger` shows the effects and the counts."""
        url = urlsplit(self.path)
        if url.path != "/ledger":
            self._answer(_problem(404, "POST deliveries to /, GET /ledger"))
            return
        query = parse_qs(url.query)
        try:
            after, limit = int(query.get("after", ["0"])[0]), int(query.get("limit", ["1000"])[0])
            page = self.server.ledger.page(min(after, 2**62), limit)
        except ValueError:
            self._answer(_problem(400, "after and limit are numbers"))
            return
        self._answer(Answer(200, json.dumps(page, ensure_ascii=False)))

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if answer.outcome == "repeat":
            self.send_header("Idempotency-Replayed", "true")
        if answer.status == 503:
            self.send_header("Retry-After", "1")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence: the ledger is the record."""


def _problem(status: int, title: str) -> Answer:
    return Answer(status, json.dumps({"status": status, "title": title}))
