"""A cheap HTTP/1.1 client: it must cost less than the server that it measures.

Connections stay open; each sends its next request when the last answer is complete.  Every body
is another one, since the same bytes would be a repeat.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count


@dataclass(slots=True)
class Answers:
    """Latencies in seconds and status codes other than the wanted one."""

    seconds: list[float] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)
    last_location: str = ""

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def posts(api_key: str, size: int, mark: str) -> Iterator[bytes]:
    """Requests with bodies of `size` bytes, each of its own."""
    head = (
        "POST /v1/interchanges HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {api_key}\r\nContent-Type: application/octet-stream\r\n"
        f"X-Filename: load.txt\r\nContent-Length: {size}\r\n\r\n"
    ).encode()
    start = b"00:IFCSUM:MANIFEST:9:TJAGENT01:TJTERM01:202411210930:CNTXG:CNTXG'44:1:"
    for number in count():
        body = start + f"{mark}{number:09d}".encode()
        yield head + body.ljust(size - 1, b"x") + b"'"


def gets(api_key: str, path: str) -> Iterator[bytes]:
    """The same read again and again."""
    text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api_key}\r\n\r\n"
    while True:
        yield text.encode()


async def drive(
    port: int,
    requests: Iterator[bytes],
    wanted: int,
    connections: int,
    seconds: float,
    pause: float = 0.0,
) -> Answers:
    """Closed loop over some connections for some seconds, with a pause after each answer."""
    answers = Answers()
    ends = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(port, requests, wanted, ends, pause, answers))
    return answers


async def _connection(port, requests, wanted, ends, pause, answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (started := time.perf_counter()) < ends:
            writer.write(next(requests))
            status = await _answer(reader, answers)
            answers.seconds.append(time.perf_counter() - started)
            if status != wanted:
                answers.strange.append(status)
            if pause:
                await asyncio.sleep(pause)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, answers: Answers) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = int(head[9:12]), 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"location":
            answers.last_location = value.strip().decode()
    if length:
        await reader.readexactly(length)
    return status
