"""Stores of both databases for the contract suite, and rows to put into them."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.pipeline.rows import (
    Arrival,
    AttemptRow,
    Batch,
    DecisionRow,
    NewDelivery,
    StagedDocument,
    StagedPart,
    StoredBody,
    Translated,
)
from gateway.store import SqliteTerms, migrate, open_store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass
class Bench:
    """A store under test with its clock, and a way to open a second one on the same database."""

    url: str
    folder: Path
    clock: Clock = field(default_factory=Clock)
    stores: list[Any] = field(default_factory=list)

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def open(self, **terms: Any) -> Any:
        archive = FolderArchive(self.folder / "archive")
        store = open_store(self.url, archive, self.clock, "tests", SqliteTerms(**terms))
        self.stores.append(store)
        return store

    def write(self, work: Callable[[Any], Any]) -> Any:
        return self.stores[0].write_now(work)

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self.stores[0].read_now(work)

    def receive(self, content: bytes | None = None, **fields: Any) -> Any:
        one = arrival(content, **fields)
        return self.write(lambda tx: tx.interchanges.receive(one))

    def translated(self, interchange: str, *documents: StagedDocument, **end: Any) -> int:
        """Stage documents of one part each, and show them."""

        def work(tx: Any) -> int:
            row = tx.interchanges.find(interchange)
            attempt = tx.interchanges.begin_attempt(interchange)
            parts = tuple((each.ordinal, part(1)) for each in documents)
            tx.interchanges.stage(interchange, attempt, Batch(documents, parts))
            tx.interchanges.translated(
                interchange, row.revision, attempt, ending(documents=len(documents), **end)
            )
            return attempt

        return self.write(work)

    def journey(self, outcome: str = "accepted", **fields: Any) -> str:
        """An interchange that is received, translated and decided."""
        name = self.receive(**fields).interchange
        self.translated(name, document(1))
        self.write(lambda tx: tx.interchanges.decided(name, 1, outcome))
        return name

    def events(self) -> list[tuple[str, str, int]]:
        rows = self.read(lambda tx: tx.outbox.take(1000))
        return [(row.stage, row.subject, row.revision) for row in rows]


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied: faster than migrating for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """An open store on each database in turn."""
    drop = None
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/gateway.db"
        empty = request.getfixturevalue("empty_sqlite")
        shutil.copyfile(empty, tmp_path / "gateway.db")
    else:
        postgres = request.getfixturevalue("postgres")
        drop = postgres.create(postgres.template("store", migrate))
        url = postgres.url(drop)
    made = Bench(url, tmp_path)
    made.open()
    yield made
    for store in made.stores:
        await store.close()
    if drop:
        postgres.drop(drop)


def body(content: bytes) -> StoredBody:
    return StoredBody(
        len(content), hashlib.sha256(content).hexdigest(), content, None, content[:64]
    )


def arrival(content: bytes | None = None, **fields: Any) -> Arrival:
    number = next(_numbers)
    given = {
        "id": f"i{number:06}",
        "partner": "ACME",
        "account": "acme",
        "channel": "http",
        "name": f"{number}.edi",
        "name_raw": b"raw\xff",
        "content_type": None,
        "body": body(content if content is not None else b"content %d" % number),
        "order_key": "acme/booking",
        "received_at": START + timedelta(microseconds=number),
    }
    return Arrival(**{**given, **fields})


def document(ordinal: int, key: str = "B1", **fields: Any) -> StagedDocument:
    given = {
        "ordinal": ordinal,
        "type": "booking",
        "format": "booking/coparn",
        "versions": '{"mapping":"1"}',
        "function": "9",
        "message_type": "COPARN",
        "message_reference": "R1",
        "created_wall": "2026-03-01T08:00",
        "header": '{"vessel":"EXAMPLE"}',
        "key": json.dumps({"number": key, "carrier": "EXM"}),
    }
    return StagedDocument(**{**given, **fields})


def part(ordinal: int, *keys: tuple[str, str], findings: str = "[]", errors: int = 0) -> StagedPart:
    return StagedPart(ordinal, '{"box":"X"}', '{"a":1}', findings, errors, tuple(keys))


def ending(**fields: Any) -> Translated:
    given: dict[str, Any] = {
        "syntax": "edifact",
        "format": "booking/coparn",
        "sender": "ACMEX",
        "receiver": "PORT",
        "reference": "REF1",
        "encoding": "utf-8",
        "complete": True,
        "test": False,
        "documents": 1,
        "findings": [],
        "findings_total": 0,
        "errors_total": 0,
        "envelope": {"count": 1},
    }
    return Translated(**{**given, **fields})


def decision(document: str, revision: int = 1, outcome: str = "accept") -> DecisionRow:
    return DecisionRow(
        document=document,
        revision=revision,
        outcome=outcome,
        codes=["A"],
        rules=[{"id": "R", "version": "1"}],
        explanation={"zh": "好", "en": "good"},
        findings=[],
        facts={"n": 1},
        decided_at=START,
    )


def delivery(name: str, lane: str = "lane", **fields: Any) -> NewDelivery:
    given: dict[str, Any] = {
        "id": name,
        "partner": "TERM",
        "route": "main",
        "kind": "http",
        "lane": lane,
        "subject_kind": "document",
        "subject": "i1-1",
        "interchange": "i1",
        "event_type": "booking.accepted",
        "file_name": f"{name}.json",
        "content_type": "application/json",
        "body": None,
        "due_at": START,
    }
    return NewDelivery(**{**given, **fields})


def attempt(name: str, number: int, outcome: str, detail: str = "") -> AttemptRow:
    return AttemptRow(name, number, START, outcome, detail, 200, 0.25)
