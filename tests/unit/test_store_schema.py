"""The migrations make the schema, and the queries that must be fast use its indexes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gateway.store import (
    arrivals,
    delivery_lanes,
    delivery_leases,
    interchanges,
    migrate,
    order_lanes,
    outbox,
    schema_state,
    schema_version,
    staging,
)
from gateway.store import deliveries as delivery_queries
from gateway.store.query import SQLITE, Query
from gateway.store.tables import METADATA

_OURS = "name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%'"


def sqlite_schema(path: Path) -> dict[str, tuple[str, ...]]:
    """Each table and index with the words of its definition, whose order may differ."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            f"SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND {_OURS}"
        ).fetchall()
    return {
        name: tuple(sorted(sql.replace("\n", " ").replace(",", " ").split())) for name, sql in rows
    }


def test_migrations_make_the_schema_on_sqlite(tmp_path):
    migrated, created = tmp_path / "migrated.db", tmp_path / "created.db"
    migrate(f"sqlite:///{migrated}")
    engine = create_engine(f"sqlite:///{created}")
    METADATA.create_all(engine)
    engine.dispose()
    assert sqlite_schema(migrated) == sqlite_schema(created)
    assert len(sqlite_schema(migrated)) > 40


_POSTGRES_SCHEMA = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default
       FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
)


def postgres_schema(url: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = [row for query in _POSTGRES_SCHEMA for row in connection.execute(query)]
    return {row for row in rows if "alembic_version" not in row[0]}


def test_migrations_make_the_schema_on_postgres(postgres):
    migrated, created = (postgres.url(postgres.create()) for _ in range(2))
    migrate(migrated)
    engine = create_engine(created)
    METADATA.create_all(engine)
    engine.dispose()
    assert postgres_schema(migrated) == postgres_schema(created)
    assert len(postgres_schema(migrated)) > 200


def test_migrating_twice_changes_nothing(tmp_path):
    path = tmp_path / "deep" / "gateway.db"
    url = f"sqlite:///{path}"
    migrate(url)
    before = sqlite_schema(path)
    migrate(url)
    assert sqlite_schema(path) == before


def test_a_migration_that_fails_leaves_nothing(tmp_path, monkeypatch):
    """All steps are one transaction, DDL included."""
    url = f"sqlite:///{tmp_path}/gateway.db"

    def broken(_name: str) -> None:
        if _name == "migrate.before_commit":
            raise RuntimeError("broken")

    monkeypatch.setattr("gateway.store.schema_version.crash_point", broken)
    with pytest.raises(RuntimeError):
        migrate(url)
    monkeypatch.undo()
    assert schema_state(url) == "empty"
    assert sqlite_schema(tmp_path / "gateway.db") == {}


def test_downgrading_leaves_nothing(tmp_path):
    from alembic import command  # noqa: PLC0415

    from gateway.store.schema_version import _connection, alembic_config  # noqa: PLC0415

    url = f"sqlite:///{tmp_path}/gateway.db"
    migrate(url)
    with _connection(url) as connection, connection.begin():
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert sqlite_schema(tmp_path / "gateway.db") == {}


# What runs for each arrival, step or delivery, and the index that it has to use.
FAST = [
    (arrivals._BY_KEY, "uq_interchange_idempotency_key"),
    (arrivals._BY_SOURCE, "uq_interchange_source_key"),
    (arrivals._BY_BYTES, "uq_interchange_live_bytes"),
    (arrivals._PAST, "ix_interchange_past_bytes"),
    (interchanges._FIND, "sqlite_autoindex_interchange"),
    (interchanges._USAGE, "COVERING INDEX ix_interchange_account_received_at_size"),
    (interchanges._RECENT, "ix_interchange_account_received_at_size"),
    (interchanges._PAGES[None, False], "ix_interchange_partner_seq"),
    (interchanges._PAGES["dead", True], "ix_interchange_dead"),
    (interchanges._PAGES["quarantined", True], "ix_interchange_quarantined"),
    (interchanges._REFERS_TO, "ix_interchange_archived"),
    (order_lanes._FIRST, "ix_interchange_undecided"),
    (order_lanes._EARLIER, "ix_interchange_undecided"),
    (outbox._NEW.rows, "ix_outbox_new"),
    (outbox._NEW.numbers, "ix_outbox_new"),
    (outbox._BEGUN.rows, "ix_outbox_begun"),
    (outbox._BEGUN.numbers, "ix_outbox_begun"),
    (outbox._BACKLOG, "ix_outbox_new"),
    (staging._FIND_DOCUMENT, "sqlite_autoindex_document"),
    (delivery_lanes._FIRST, "ix_delivery_lane"),
    (delivery_lanes._UNBLOCK, "ix_delivery_lane"),
    (delivery_leases._PICK, "ix_delivery_head"),
    (delivery_leases._ROUTES, "ix_delivery_head"),
    (delivery_leases._ROUTES, "ix_delivery_leased"),
    (delivery_queries._WAITING, "ix_delivery_waiting"),
    (delivery_queries._FINISH, "sqlite_autoindex_delivery"),
]


@pytest.mark.parametrize(("query", "index"), FAST, ids=range(len(FAST)))
def test_hot_queries_use_their_index(query: Query, index: str, tmp_path):
    migrate(f"sqlite:///{tmp_path}/gateway.db")
    text, own = query.text(SQLITE)
    given = dict.fromkeys(_parameters(text)) | own
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", given).fetchall()
    steps = [row[3] for row in plan]
    assert any(index in step for step in steps), steps
    scans = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
    # The jump from route to route walks a list of its own making.
    assert all(step.split()[1] in {"w", "ways", "CONSTANT"} for step in scans), steps


def _parameters(text: str) -> list[str]:
    from re import findall  # noqa: PLC0415

    return findall(r"(?<!:):(\w+)", text)


def test_files_of_migrations_are_named_by_their_revision_and_follow_each_other():
    config = schema_version.alembic_config()
    walked = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert schema_version.revisions() == walked[::-1]
