"""Callbacks: verified (RSA2) against believed in one app; their p99 beside a 45 MB manifest.

Each callback is another event: signed by a key of the bench, inserted durably, answered `success`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.isolation import (
    LARGE_BYTES,
    PROCESSED_SECONDS_MAX,
    _add,
    _clean,
    _state,
    _upload,
    _wait_decided,
)
from tests.bench.load import Answers, drive
from tests.bench.process import cpu_seconds
from tests.bench.row import Row
from tests.crash.configuration import Site
from tests.crash.gateway_process import GatewayProcess
from tests.services import REPO
from tests.unit import callback_makers as make

ROUNDS = 3
SECONDS = 2.0
CONNECTIONS = 8
# More than are answered in a round.
SIGNED = 4_000
IDLE_SECONDS = 4.0
SLICE_SECONDS = 2.0
PAUSE_SECONDS = 0.006


def measure() -> list[Row]:
    """Both, each on a gateway of its own."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        site = _site(Path(folder))
        return [*_throughput(site), _beside_a_large_file(site)]


def _site(folder: Path) -> Site:
    site = Site(folder)
    site.add_agent()
    secret, public = folder / "aggregator.secret", folder / "alipay.pem"
    secret.write_text(make.AGGREGATOR_SECRET, encoding="ascii")
    public.write_text(make.pem(make.key("a")), encoding="ascii")
    site.settings["payments"] = {
        "aggregator": {"merchant": "100200300", "secrets": [f"file:{secret}"]},
        "alipay": {"merchant": "2088001", "public_keys": [f"file:{public}"]},
    }
    GatewayProcess(site).prepare()
    return site


def _throughput(site: Site) -> list[Row]:
    empty = site.folder / "empty.sqlite"
    shutil.copyfile(site.database, empty)
    requests = [_request(make.alipay(notify_id=f"N{number}")) for number in range(SIGNED)]
    wall, cpu, detail = [], [], ""
    for _ in range(ROUNDS):
        figures = {}
        for mode in ("believed", "verified"):
            for left in site.database.parent.glob(f"{site.database.name}*"):
                left.unlink()
            shutil.copyfile(empty, site.database)
            figures[mode] = _round(site, mode, requests)
        wall.append(figures["verified"][0] / figures["believed"][0])
        cpu.append(figures["believed"][1] / figures["verified"][1])
        detail = ", ".join(
            f"{mode} {rate:.0f}/s, {cost * 1e6:.0f} µs CPU, p99 {p99 * 1e3:.1f} ms"
            for mode, (rate, cost, p99) in figures.items()
        )
    name = "callbacks verified (RSA2) / believed, durable"
    return [
        Row(f"{name}, CPU", 0.6, "more", "x", tuple(cpu), detail),
        Row(f"{name}, wall", 0.6, "more", "x", tuple(wall)),
    ]


def _round(site: Site, mode: str, requests: list[bytes]) -> tuple[float, float, float]:
    """(answers a second, server CPU seconds an answer, p99 in seconds)."""
    with _server(site, mode) as (pid, port):
        before, started = cpu_seconds([pid]), time.monotonic()
        answers = _clean(asyncio.run(_drive(port, iter(requests), SECONDS)))
        took, used = time.monotonic() - started, cpu_seconds([pid]) - before
    count = len(answers.seconds)
    return count / took, used / count, answers.percentile(0.99)


async def _drive(port: int, requests: Iterator[bytes], seconds: float) -> Answers:
    try:
        return await drive(port, requests, 200, CONNECTIONS, seconds)
    except* StopIteration as ended:
        raise RuntimeError("more signed callbacks are needed") from ended


def _request(case: dict[str, str]) -> bytes:
    """The HTTP/1.1 request of a case."""
    body = base64.b64decode(case["body_base64"])
    head = (
        f"POST /v1/callbacks/payments/{case['provider']} HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _server(site: Site, mode: str) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "tests.bench.callbacks_server", str(site.file), mode]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, json.loads(process.stdout.readline())["http"]
        finally:
            process.kill()


def _beside_a_large_file(site: Site) -> Row:
    gateway = GatewayProcess(site)
    gateway.start()
    try:
        values, detail = [], ""
        for number in range(ROUNDS):
            idle, busy, seconds = _isolated(site, number)
            values.append(busy / idle)
            detail = f"{idle * 1e3:.1f} → {busy * 1e3:.1f} ms, file decided in {seconds:.1f} s"
    finally:
        gateway.close()
    return Row("p99 of callbacks, 45 MB file / idle", 5.0, "less", "x", tuple(values), detail)


def _isolated(site: Site, number: int) -> tuple[float, float, float]:
    """(idle p99, busy p99, seconds from upload to decision)."""
    _wait_decided(site, _upload(site, 20_000 + number, 1))
    idle = _calls(site, f"i{number}", IDLE_SECONDS)
    large = _upload(site, 30_000 + number, LARGE_BYTES)
    started, turn, busy = time.monotonic(), 0, Answers()
    while _state(site, large) not in ("decided", "quarantined", "dead"):
        if time.monotonic() - started > PROCESSED_SECONDS_MAX:
            raise RuntimeError("the large file is not decided in time")
        turn += 1
        _add(busy, _calls(site, f"b{number}-{turn}", SLICE_SECONDS))
    seconds = time.monotonic() - started
    return idle.percentile(0.99), busy.percentile(0.99), seconds


def _calls(site: Site, mark: str, seconds: float) -> Answers:
    """Small callbacks, each of an order of its own; the gateway settles them meanwhile."""

    def requests() -> Iterator[bytes]:
        number = 0
        while True:
            number += 1
            name = f"{mark}-{number}"
            yield _request(make.aggregator(transaction_id=name, out_trade_no=f"PO{name}"))

    return _clean(asyncio.run(drive(site.http_port, requests(), 200, 2, seconds, PAUSE_SECONDS)))
