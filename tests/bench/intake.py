"""Durable HTTP intake against the same app that reads and drops; CPU time of the server counts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.load import Answers, drive, posts
from tests.bench.process import cpu_seconds
from tests.bench.row import Row
from tests.crash.configuration import Site
from tests.crash.gateway_process import GatewayProcess
from tests.services import REPO

ROUNDS = 5
SECONDS = 3.0
WARM_SECONDS = 0.5
CONNECTIONS = 16
BODY_BYTES = 4096


def measure() -> list[Row]:
    """Interleaved rounds, a fresh process each."""
    wall, cpu, detail = [], [], ""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        site = Site(Path(folder))
        site.add_agent()
        GatewayProcess(site).prepare()
        for number in range(ROUNDS):
            figures = {mode: _round(site, mode, number) for mode in ("drop", "durable")}
            wall.append(figures["durable"][0] / figures["drop"][0])
            cpu.append(figures["drop"][1] / figures["durable"][1])
            detail = ", ".join(
                f"{mode} {rate:.0f}/s, {cost * 1e6:.0f} µs CPU, p99 {p99 * 1e3:.1f} ms"
                for mode, (rate, cost, p99) in figures.items()
            )
    name = "durable HTTP intake / read and drop, 4 KB"
    return [
        Row(f"{name}, CPU", 0.4, "more", "x", tuple(cpu), detail),
        Row(f"{name}, wall", 0.4, "more", "x", tuple(wall)),
    ]


def _round(site: Site, mode: str, number: int) -> tuple[float, float, float]:
    """(answers a second, server CPU seconds an answer, p99 in seconds)."""
    with _server(site, mode) as (pid, port):
        key = site.agent.api_key

        def load(mark: str, seconds: float) -> Answers:
            requests = posts(key, BODY_BYTES, f"{mode}{number}{mark}")
            return asyncio.run(drive(port, requests, 202, CONNECTIONS, seconds))

        load("warm", WARM_SECONDS)
        before = cpu_seconds([pid])
        answers = load("run", SECONDS)
        used = cpu_seconds([pid]) - before
    if answers.strange:
        raise RuntimeError(f"{mode}: answers {sorted(set(answers.strange))}")
    count = len(answers.seconds)
    return count / SECONDS, used / count, answers.percentile(0.99)


@contextmanager
def _server(site: Site, mode: str) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "tests.bench.intake_server", str(site.file), mode]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ports = json.loads(process.stdout.readline())
            yield process.pid, ports["http"]
        finally:
            process.kill()
