"""Small durable POSTs and reads while a 45 MB manifest is processed, against an idle gateway.

Also the peak memory of the whole gateway, parser children included, over a 0.9 MB and a 45 MB file.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx2

from tests.bench.load import Answers, drive, gets, posts
from tests.bench.row import Row
from tests.crash.configuration import HOST, Site
from tests.crash.files import manifest_chunks
from tests.crash.gateway_process import GatewayProcess

ROUNDS = 3
IDLE_SECONDS = 6.0
SLICE_SECONDS = 2.0
CONNECTIONS = 2
PAUSE_SECONDS = 0.004
SMALL_BYTES = 1024
LARGE_BYTES = 45_000_000
PROCESSED_SECONDS_MAX = 300.0


def measure() -> list[Row]:
    """Rounds on one gateway: idle, then a large file."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        site = Site(Path(folder))
        site.add_agent()
        gateway = GatewayProcess(site)
        gateway.prepare()
        gateway.start()
        try:
            rounds = [_round(site, number) for number in range(ROUNDS)]
        finally:
            gateway.close()
    writes = tuple(busy / idle for (idle, busy), _, _ in rounds)
    reads = tuple(busy / idle for _, (idle, busy), _ in rounds)
    (idle_write, busy_write), (idle_read, busy_read), seconds = rounds[-1]
    return [
        Row(
            "p99 of small durable POSTs, 45 MB file / idle",
            5.0,
            "less",
            "x",
            writes,
            f"{idle_write * 1e3:.1f} → {busy_write * 1e3:.1f} ms, file decided in {seconds:.1f} s",
        ),
        Row(
            "p99 of reads, 45 MB file / idle",
            2.0,
            "less",
            "x",
            reads,
            f"{idle_read * 1e3:.1f} → {busy_read * 1e3:.1f} ms",
        ),
    ]


def _round(site: Site, number: int) -> tuple[tuple[float, float], tuple[float, float], float]:
    """((idle, busy) p99 of POSTs, the same of reads, seconds from upload to decision)."""
    known = _upload(site, 10_000 + number, 1)
    _wait_decided(site, known)
    idle_writes = _posts(site, f"idle{number}", IDLE_SECONDS)
    idle_reads = _reads(site, known, IDLE_SECONDS)
    large = _upload(site, number + 1, LARGE_BYTES)
    started, turn = time.monotonic(), 0
    busy_writes, busy_reads = Answers(), Answers()
    while _state(site, large) not in ("decided", "quarantined", "dead"):
        if time.monotonic() - started > PROCESSED_SECONDS_MAX:
            raise RuntimeError("the large file is not decided in time")
        turn += 1
        _add(busy_writes, _posts(site, f"busy{number}-{turn}-", SLICE_SECONDS))
        _add(busy_reads, _reads(site, known, SLICE_SECONDS))
    seconds = time.monotonic() - started
    writes = idle_writes.percentile(0.99), busy_writes.percentile(0.99)
    return writes, (idle_reads.percentile(0.99), busy_reads.percentile(0.99)), seconds


def _add(total: Answers, more: Answers) -> None:
    total.seconds += more.seconds
    total.strange += more.strange


def _posts(site: Site, mark: str, seconds: float) -> Answers:
    requests = posts(site.agent.api_key, SMALL_BYTES, mark)
    drive_ = drive(site.http_port, requests, 202, CONNECTIONS, seconds, PAUSE_SECONDS)
    return _clean(asyncio.run(drive_))


def _reads(site: Site, interchange: str, seconds: float) -> Answers:
    requests = gets(site.agent.api_key, f"/v1/interchanges/{interchange}")
    drive_ = drive(site.http_port, requests, 200, CONNECTIONS, seconds, PAUSE_SECONDS)
    return _clean(asyncio.run(drive_))


def _clean(answers: Answers) -> Answers:
    if answers.strange:
        raise RuntimeError(f"answers {sorted(set(answers.strange))}")
    return answers


def _upload(site: Site, number: int, size: int) -> str:
    headers = {"Authorization": f"Bearer {site.agent.api_key}", "X-Filename": f"{number}.txt"}
    answer = httpx2.post(
        f"http://{HOST}:{site.http_port}/v1/interchanges",
        content=manifest_chunks(number, size),
        headers=headers,
        timeout=120,
        trust_env=False,
    )
    if answer.status_code != 202:
        raise RuntimeError(f"upload: {answer.status_code} {answer.text[:300]}")
    return answer.headers["Location"].rpartition("/")[2]


def _wait_decided(site: Site, interchange: str) -> None:
    ends = time.monotonic() + 60
    while _state(site, interchange) != "decided" and time.monotonic() < ends:
        time.sleep(0.05)


def _state(site: Site, interchange: str) -> str:
    """From the database itself: asking the gateway would be load."""
    with closing(sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT state FROM interchange WHERE id = ?", (interchange,))
        return str(row.fetchone()[0])
