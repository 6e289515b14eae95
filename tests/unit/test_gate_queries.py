"""The queries of every booking use an index, whatever the number of appointments."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import migrate
from gateway.store.gate import appointments, breaches, calls, papers, slots
from gateway.store.query import SQLITE, Query

FAST = [
    (slots._FIND, "sqlite_autoindex_gate_slot"),
    (slots._AT, "ix_gate_slot_terminal_starts_at"),
    (slots._TAKE, "sqlite_autoindex_gate_slot"),
    (slots._GIVE_BACK, "sqlite_autoindex_gate_slot"),
    (calls._OF_VOYAGE, "ix_gate_call_voyage"),
    (appointments._FIND, "sqlite_autoindex_gate_appointment"),
    (appointments._LIVE_BOX, "uq_gate_appointment_live"),
    (appointments._LAST_USED, "ix_gate_appointment_container_seq"),
    (appointments._BREACHED, "ix_gate_appointment_container_seq"),
    (appointments._BY_KEY, "uq_gate_appointment_key"),
    (appointments._OF_VOYAGE, "ix_gate_appointment_live_voyage"),
    (appointments._HISTORY, "ix_gate_event_appointment_seq"),
    (appointments._OF_DOCUMENT["container"], "uq_gate_appointment_live"),
    (appointments._OF_DOCUMENT["booking"], "ix_gate_appointment_live_booking"),
    (breaches._INSTANTS, "ix_gate_breach_partner_at"),
    (breaches._UNTIL, "sqlite_autoindex_gate_suspension"),
    (papers._CANDIDATES, "PRIMARY KEY"),
    (papers._IN_FORCE, "sqlite_autoindex_document_in_force"),
    (papers._FACT, "sqlite_autoindex_gate_fact"),
    (papers._WAITING, "ix_gate_wait_kind_key"),
    (papers._CAME, "ix_gate_wait_kind_key"),
    (papers._ASK, "sqlite_autoindex_gate_appointment"),
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gate") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize(("query", "index"), FAST, ids=range(len(FAST)))
def test_queries_use_their_index(query: Query, index: str, empty: Path) -> None:
    text, own = query.text(SQLITE)
    given = dict.fromkeys(re.findall(r"(?<!:):(\w+)", text)) | own
    with closing(sqlite3.connect(empty)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", given).fetchall()
    steps = [row[3] for row in plan]
    assert any(index in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN")], steps
