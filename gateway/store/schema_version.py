"""SCHEMA VERSION: what a database is at, and the way to this release: all steps or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url

from gateway.limits import STORE_BUSY_SECONDS
from gateway.pipeline.crash_points import crash_point

State = Literal["current", "behind", "ahead", "empty"]

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('gateway/migrate', 0))"


class SchemaMismatch(Exception):  # it says what happened
    """The database is not at the schema of this release."""


def database_url(url: str) -> URL:
    """The URL with our driver; raises ValueError for a database that we do not know."""
    made = make_url(url)
    if made.get_backend_name() == "sqlite":
        if not made.database or made.database == ":memory:":
            raise ValueError("a SQLite URL needs a file: sqlite:////var/lib/gateway/gateway.db")
        return made.set(drivername="sqlite")
    if made.get_backend_name() in ("postgresql", "postgres"):
        return made.set(drivername="postgresql+psycopg")
    raise ValueError(f"unknown database {made.get_backend_name()!r}: sqlite or postgresql")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL, None for PostgreSQL."""
    made = database_url(url)
    return Path(str(made.database)) if made.get_backend_name() == "sqlite" else None


def migrate(url: str) -> None:
    """Create or upgrade; raises SchemaMismatch for a database of a newer release."""
    if (path := sqlite_path(url)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        create_private(path)
    if schema_state(url) == "ahead":
        raise SchemaMismatch("the database is of a newer release; nothing was changed")
    crash_point("migrate.before_upgrade")
    with _connection(url) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(_LOCK))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        crash_point("migrate.before_commit")
    crash_point("migrate.upgraded")


def create_private(path: Path) -> None:
    """Make the file, readable by its owner alone: it holds other people's documents."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def schema_state(url: str) -> State:
    """How the database stands to this release.  Changes nothing, makes no file."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return "empty"
    script = ScriptDirectory.from_config(_config())
    with _connection(url) as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
        tables = inspect(connection).get_table_names()
    if not heads:
        # Tables without a revision are somebody else's.
        return "ahead" if set(tables) - {"alembic_version"} else "empty"
    if set(heads) == set(script.get_heads()):
        return "current"
    known = {revision.revision for revision in script.walk_revisions()}
    return "behind" if set(heads) <= known else "ahead"


def require_current(url: str) -> None:
    """Raises SchemaMismatch, with what to do about it, unless the schema is this release's."""
    state = schema_state(url)
    if state in ("empty", "behind"):
        raise SchemaMismatch(f"the database is {state}: run `gateway migrate`")
    if state == "ahead":
        raise SchemaMismatch("the database is of a newer release: run that release")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    made = database_url(url)
    sqlite = made.get_backend_name() == "sqlite"
    arguments = {"timeout": STORE_BUSY_SECONDS} if sqlite else {"connect_timeout": 5}
    engine = create_engine(made, connect_args=arguments)
    if sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's
    """The driver's own transactions would leave DDL outside; auto_vacuum counts before tables."""
    connection.isolation_level = None
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
