"""A file in an archive of several is compared with earlier ones as if it had come alone."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.pipeline.answering import Answering
from gateway.pipeline.decide import Decide
from gateway.pipeline.packed import translate_file
from gateway.pipeline.rows import Batch
from gateway.pipeline.staging import staged
from gateway.pipeline.writers import WRITERS
from tests.contract.few_partners import FewPartners
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

_SAMPLES = Path(__file__).parents[2] / "schemas" / "samples"
_COPARN = (_SAMPLES / "booking" / "coparn.edi").read_bytes()
_MANIFEST = (_SAMPLES / "manifest" / "ifcsum-flat.txt").read_bytes()
_ROUTE = {
    "name": "box",
    "kind": "mailbox",
    "subscriptions": [{"document": "booking"}, {"document": "manifest"}],
}


def booking(reference: str, number: str, sender: str = "TJAGENT01") -> bytes:
    """A whole file of one booking."""
    return (
        _COPARN.replace(b"I2611200001", reference.encode())
        .replace(b"TJBK26112001", number.encode())
        .replace(b"TJAGENT01", sender.encode())
    )


def wrong(file: bytes) -> bytes:
    """The file with a count that makes its document one to be rejected."""
    assert b"UNT+14" in file
    return file.replace(b"UNT+14", b"UNT+99")


def packed(*files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files, 1):
            archive.writestr(f"{number}.edi", data)
    return target.getvalue()


# A sender of bookings and manifests, and a receiver.
PARTNERS = FewPartners(
    {
        "code": "ACME",
        "identities": ["TJAGENT01"],
        "agreements": [{"document": "booking"}, {"document": "manifest"}],
    },
    {"code": "TERM", "routes": [_ROUTE]},
)


@dataclass
class _Port:
    """Files go through receive, translate and decide, as the runner takes them there."""

    bench: Bench

    async def send(self, content: bytes, **fields: Any) -> str:
        name: str = self.bench.receive(content, **fields).interchange
        row = self.bench.read(lambda tx: tx.interchanges.find(name))
        if row.state == "received":
            self._translate(name, content)
            await self.step().run(name, 1)
        return name

    def _translate(self, name: str, content: bytes) -> None:
        *batches, end = staged(translate_file([content]))

        def work(tx: Any) -> None:
            attempt = tx.interchanges.begin_attempt(name)
            for each in batches:
                assert isinstance(each, Batch)
                tx.interchanges.stage(name, attempt, each)
            tx.interchanges.translated(name, 1, attempt, end)

        self.bench.write(work)

    def step(self) -> Decide:
        partners: Any = PARTNERS
        answering = Answering(partners, WRITERS, "US")
        return Decide(self.bench.stores[0], partners, self.bench.clock, answering)

    def decided(self, name: str) -> list[tuple[str, set[str]]]:
        """State and codes of each document."""

        def work(tx: Any) -> list[tuple[str, set[str]]]:
            return [
                (each.state, set(tx.documents.decisions(each.id)[-1].codes))
                for each in tx.documents.of_interchange(name, 0, 2000)
            ]

        found: list[tuple[str, set[str]]] = self.bench.read(work)
        return found

    def delivered(self, name: str) -> int:
        """How many documents of an interchange went on to the receiver."""
        rows = self.bench.read(lambda tx: tx.deliveries.of_interchange(name))
        return len([each for each in rows if each.partner == "TERM"])

    def row(self, name: str) -> Any:
        return self.bench.read(lambda tx: tx.interchanges.find(name))


GOOD: tuple[str, set[str]] = ("accepted", set())
REUSED = ("rejected", {"REFERENCE_REUSED"})
REPEATED = ("accepted", {"ALREADY_RECEIVED"})


async def test_a_reference_that_came_alone_is_used(bench: Bench) -> None:
    port = _Port(bench)
    await port.send(booking("R1", "TJBK1"))
    archive = await port.send(packed(booking("R1", "TJBK2"), booking("R2", "TJBK3")))
    assert port.decided(archive) == [REUSED, GOOD]
    assert port.row(archive).outcome == "partly"


async def test_a_reference_of_an_archive_is_used(bench: Bench) -> None:
    port = _Port(bench)
    first = await port.send(packed(booking("R1", "TJBK1"), booking("R2", "TJBK2")))
    alone = await port.send(booking("R1", "TJBK3"))
    archive = await port.send(packed(booking("R3", "TJBK4"), booking("R2", "TJBK5")))
    assert port.decided(first) == [GOOD, GOOD]
    assert port.decided(alone) == [REUSED]
    assert port.decided(archive) == [GOOD, REUSED]


async def test_a_reference_twice_in_one_archive(bench: Bench) -> None:
    port = _Port(bench)
    archive = await port.send(
        packed(booking("R1", "TJBK1"), booking("R2", "TJBK2"), booking("R1", "TJBK3"))
    )
    assert port.decided(archive) == [GOOD, GOOD, REUSED]


async def test_what_was_rejected_gives_its_reference_up(bench: Bench) -> None:
    port = _Port(bench)
    archive = await port.send(
        packed(wrong(booking("R1", "TJBK1")), booking("R1", "TJBK2"), booking("R2", "TJBK3"))
    )
    assert port.decided(archive)[1:] == [GOOD, GOOD]
    half = await port.send(packed(wrong(booking("R5", "TJBK5")), booking("R6", "TJBK6")))
    assert [state for state, _ in port.decided(half)] == ["rejected", "accepted"]
    assert port.decided(await port.send(booking("R5", "TJBK5"))) == [GOOD]
    assert port.decided(await port.send(booking("R6", "TJBK7"))) == [REUSED]
    # Given up once, it is somebody else's now.
    assert port.decided(await port.send(packed(booking("R5", "TJBK8"), _MANIFEST)))[0] == REUSED


async def test_the_same_bytes_again_have_no_new_effect(bench: Bench) -> None:
    port = _Port(bench)
    once, other = booking("R1", "TJBK1"), booking("R2", "TJBK2")
    first = await port.send(once)
    archive = await port.send(packed(once, other, other))
    assert port.decided(archive) == [REPEATED, GOOD, REPEATED]
    assert (port.delivered(first), port.delivered(archive)) == (1, 1)
    again = await port.send(packed(booking("R3", "TJBK3"), other))
    assert port.decided(again) == [GOOD, REPEATED]
    alone = await port.send(other)
    assert port.decided(alone) == [REPEATED]
    assert port.delivered(alone) == 0


async def test_packing_makes_no_other_file_of_it(bench: Bench) -> None:
    port = _Port(bench)
    once = booking("R1", "TJBK1")
    assert port.decided(await port.send(once)) == [GOOD]
    for again in (packed(once), gzip.compress(once, mtime=0)):
        assert port.decided(await port.send(again)) == [REPEATED]
    assert port.decided(await port.send(packed(booking("R1", "TJBK2")))) == [REUSED]


async def test_flat_files_have_no_reference_but_bytes(bench: Bench) -> None:
    port = _Port(bench)
    await port.send(_MANIFEST)
    archive = await port.send(packed(_MANIFEST, booking("R1", "TJBK1")))
    assert port.decided(archive) == [REPEATED, GOOD]
    newer = _MANIFEST.replace(b"202611200930", b"202611201030")
    older = _MANIFEST.replace(b"202611200930", b"202611200830")
    assert port.decided(await port.send(packed(newer, older))) == [
        ("accepted", {"REPLACES_HELD"}),
        ("rejected", {"OUT_OF_DATE", "REPLACES_HELD"}),
    ]
    assert port.decided(await port.send(packed(newer, booking("R2", "TJBK2")))) == [REPEATED, GOOD]


async def test_a_replay_of_an_archive_takes_effect_again(bench: Bench) -> None:
    port = _Port(bench)
    content = packed(booking("R1", "TJBK1"), booking("R2", "TJBK2"))
    first = await port.send(content)
    replay = await port.send(content, replay_of=first)
    assert replay != first
    assert [state for state, _ in port.decided(replay)] == ["accepted", "accepted"]
    assert port.delivered(replay) == 2


async def test_what_came_in_an_archive_is_replayed_alone(bench: Bench) -> None:
    """An operator who replays means it."""
    port = _Port(bench)
    one = booking("R1", "TJBK1")
    await port.send(packed(one, booking("R2", "TJBK2")))
    alone = await port.send(one)
    replay = await port.send(one, replay_of=alone)
    assert port.delivered(replay) == 1


async def test_a_strange_sender_in_one_file_keeps_the_archive_back(bench: Bench) -> None:
    port = _Port(bench)
    archive = await port.send(packed(booking("R1", "TJBK1"), booking("R2", "TJBK2", "SOMEBODY")))
    row = port.row(archive)
    assert row.state == "quarantined"
    assert [each["code"] for each in row.findings] == ["SENDER_UNKNOWN"]
    assert row.findings[0]["member"] == "2.edi"
    assert port.delivered(archive) == 0


async def test_archives_of_many_files(bench: Bench) -> None:
    """More than one transaction decides them."""
    port = _Port(bench)
    files = [booking(f"R{n}", f"TJBK{n}") for n in range(60)]
    await port.send(packed(*files, booking("R3", "TJBK99")))
    archive = await port.send(packed(*files[:59], booking("R59", "TJBK98"), booking("R60", "A1")))
    assert port.decided(archive) == [*[REPEATED] * 59, REUSED, GOOD]
