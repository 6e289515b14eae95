"""An idempotency ledger: a delivery that arrives many times has one effect and one answer.

The gateway delivers *at least once*: when an answer is lost, it sends again under the same
delivery id.  So the id is inserted in the SAME database transaction as the effect.  Either both
are durable or neither is, whenever the power goes.  A repeat finds the id and gets the answer
that was given first.  Standard library only; made to be copied.
"""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from examples.receiver.event import Event

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    delivery_id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    received_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS effects (
    id INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    business_key TEXT NOT NULL,
    received_at TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY,
    delivery_id TEXT NOT NULL,
    received_at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('first', 'repeat', 'conflict'))
);
"""
# A writer waits so long for another; then the sender is told to come again.
_BUSY_SECONDS = 10.0
_PAGE_MAX = 1_000


@dataclass(frozen=True)
class Answer:
    """What the sender is told; `outcome` says how it came about."""

    status: int
    body: str
    outcome: Literal["first", "repeat", "conflict"] = "first"


# What a delivery does, inside the ledger's transaction: no commit, no call to the outside.
Effect = Callable[[sqlite3.Connection, Event, str], Answer]


class Ledger:
    """One SQLite file.  Safe for threads: one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        # NORMAL may lose the last commits with the power: an answer would promise what is gone.
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

    def receive(self, event: Event, effect: Effect) -> Answer:
        """Give a delivery its effect once; returns when it is durable.

        The same id with other contents is a `conflict` (422) and changes nothing.  Raises
        sqlite3.Error when nothing was kept: the sender must be told to come again.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                answer = self._settle(event, effect, now)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        return answer

    def _settle(self, event: Event, effect: Effect, now: str) -> Answer:
        answer = self._earlier(event)
        if answer is None:
            answer = effect(self._database, event, now)
            self._database.execute(
                "INSERT INTO inbox VALUES (?, ?, ?, ?, ?)",
                (event.delivery_id, event.fingerprint, answer.status, answer.body, now),
            )
        self._database.execute(
            "INSERT INTO attempts (delivery_id, received_at, outcome) VALUES (?, ?, ?)",
            (event.delivery_id, now, answer.outcome),
        )
        return answer

    def _earlier(self, event: Event) -> Answer | None:
        row = self._database.execute(
            "SELECT fingerprint, status, answer FROM inbox WHERE delivery_id = ?",
            (event.delivery_id,),
        ).fetchone()
        if row is None:
            return None
        fingerprint, status, body = row
        if fingerprint != event.fingerprint:
            return Answer(422, '{"title":"this key came with other contents before"}', "conflict")
        return replace(Answer(status, body), outcome="repeat")

    def page(self, after: int = 0, limit: int = _PAGE_MAX) -> dict[str, Any]:
        """The effects with an id above `after`, at most 1,000, and the counts of everything."""
        limit = max(1, min(limit, _PAGE_MAX))
        with self._lock:
            rows = self._database.execute(
                "SELECT id, delivery_id, event_type, subject, business_key, received_at, sha256,"
                " bytes FROM effects WHERE id > ? ORDER BY id LIMIT ?",
                (after, limit),
            )
            names = [column[0] for column in rows.description]
            effects = [dict(zip(names, row, strict=True)) for row in rows]
            counts = self._counts()
        last = effects[-1]["id"] if len(effects) == limit else None
        return {"effects": effects, "counts": counts, "next_after": last}

    def _counts(self) -> dict[str, int]:
        (effects,) = self._database.execute("SELECT count(*) FROM effects").fetchone()
        outcomes = dict(
            self._database.execute("SELECT outcome, count(*) FROM attempts GROUP BY outcome")
        )
        return {
            "effects": effects,
            "attempts": sum(outcomes.values()),
            "retransmissions": outcomes.get("repeat", 0),
            "conflicts": outcomes.get("conflict", 0),
        }


def record_effect(database: sqlite3.Connection, event: Event, now: str) -> Answer:
    """The reference terminal's effect: a row.  Yours books the manifest.

    `effects` has no unique key on purpose: were there ever two effects, the table would show it.
    """
    cursor = database.execute(
        "INSERT INTO effects (delivery_id, event_type, subject, business_key, received_at, sha256,"
        " bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            event.delivery_id,
            event.event_type,
            event.subject,
            event.business_key,
            now,
            event.sha256,
            len(event.data),
        ),
    )
    return Answer(200, f'{{"status":"accepted","receipt":{cursor.lastrowid}}}')
