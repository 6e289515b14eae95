"""R-12, end to end: a slow, dead or lying partner delays nobody else and ends on record."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.crash.checker import read_gateway
from tests.crash.clients import Senders
from tests.crash.configuration import DOCUMENTS, HOST, LOOPBACK
from tests.crash.files import sample
from tests.crash.world import World, world
from tests.services import free_port

SEED = 20261125
pytestmark = [pytest.mark.reliability, pytest.mark.timeout(120)]

FILES = 20
# What an undisturbed port needs for its three legs, three times over.
OTHERS_SECONDS_MAX = 15.0
TRIES = {"delivery": {"retry_seconds": [0.2, 0.2], "call_seconds": 2.0, "lease_seconds": 3.0}}


async def _silent(reader, writer):
    """Takes everything and never answers."""
    while await reader.read(1 << 16):
        pass
    writer.close()


async def _dripping(reader, writer):
    """One byte of an answer a second."""
    await reader.readuntil(b"\r\n\r\n")
    try:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello":
            writer.write(bytes([letter]))
            await writer.drain()
            await asyncio.sleep(1)
    except OSError:
        writer.close()


async def _broken(reader, writer):
    """An error for each."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 500 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


def _add_bad_partner(port: World, listener: int) -> None:
    subscriptions = [{"document": document} for document in DOCUMENTS]
    route = {
        "name": "bad",
        "kind": "http",
        "url": f"http://{HOST}:{listener}/",
        "secrets": [f"file:{port.site.folder / 'terminal.secret'}"],
        "allow_networks": LOOPBACK,
        "subscriptions": subscriptions,
    }
    port.site.partners["BAD1"] = {"name": "Bad terminal", "routes": [route]}


@pytest.mark.parametrize("behaviour", [_silent, _dripping, _broken, None])
async def test_a_bad_partner_delays_nobody(behaviour, tmp_path):
    listener, server = free_port(), None
    if behaviour is not None:
        server = await asyncio.start_server(behaviour, HOST, listener)
    try:
        async with world(tmp_path, **TRIES) as port:
            _add_bad_partner(port, listener)
            await asyncio.to_thread(port.gateway.prepare)
            await port.start_gateway()
            await _all_others_in_time(port)
    finally:
        if server is not None:
            server.close()


async def _all_others_in_time(port: World) -> None:
    async with Senders(port.site, SEED) as senders:
        started = time.monotonic()
        senders.feed(sample(number) for number in range(FILES))
        await senders.done()
    while len(port.effects()) < FILES * len(port.legs):
        assert time.monotonic() - started < OTHERS_SECONDS_MAX, "others are delayed"
        await asyncio.sleep(0.1)
    assert port.gateway.health("/readyz")[0] == 200
    bad = [d for d in read_gateway(port.site.database).deliveries if d.route == "bad"]
    assert len(bad) == FILES
    assert all(each.state in ("due", "leased", "blocked", "dead") for each in bad)
    await _first_is_on_record(port)


async def _first_is_on_record(port: World) -> None:
    """Its tries are bounded: the head of each lane becomes a dead letter with the original."""
    ends = time.monotonic() + 40
    while True:
        ledger = read_gateway(port.site.database, check_file=False)
        letters = [letter for letter in ledger.dead_letters if letter.stage == "deliver"]
        if letters:
            break
        assert time.monotonic() < ends, "no dead letter"
        await asyncio.sleep(0.2)
    assert all(letter.code and letter.state == "open" for letter in letters)
    sent = {each.sha256 for each in ledger.interchanges}
    assert {sample(number).sha256 for number in range(FILES)} <= sent


class LossyWay:
    """Hands every request on to the receiver and loses the answer for as long as it is told to."""

    def __init__(self, receiver_port: int) -> None:
        self.lossy = True
        self._receiver_port = receiver_port

    async def serve(self, reader, writer) -> None:
        there, back = await asyncio.open_connection(HOST, self._receiver_port)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        back.write(head + await reader.readexactly(length))
        answer = await there.readuntil(b"}")
        if not self.lossy:
            writer.write(answer)
            await writer.drain()
        for each in (back, writer):
            each.close()


async def test_a_replay_after_lost_answers_has_no_second_effect(tmp_path):
    """The terminal booked it, no answer came back: the dead letter is replayed under its id."""
    async with world(tmp_path, **TRIES) as port:
        way = LossyWay(port.receiver.port)
        server = await asyncio.start_server(way.serve, HOST, 0)
        listener = server.sockets[0].getsockname()[1]
        push = port.site.partners["TERM1"]["routes"][0]
        push["url"] = f"http://{HOST}:{listener}/deliveries"
        await asyncio.to_thread(port.gateway.prepare)
        await port.start_gateway()
        async with Senders(port.site, SEED) as senders:
            senders.feed(sample(number) for number in range(6))
            await senders.done()
        await port.drain()
        letters = read_gateway(port.site.database).dead_letters
        assert {(each.stage, each.state) for each in letters} == {("deliver", "open")}
        assert len(letters) == len(port.receiver.effects()) == 6
        way.lossy = False
        await asyncio.to_thread(port.gateway.run, "replay", "dead-letters")
        await port.drain()
        server.close()
        verdict = port.verdict(senders.ledger)
        verdict.demand_clean()
        assert verdict.buried == 0
        assert port.receiver.retransmissions() >= 6
