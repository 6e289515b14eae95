"""SCHEMA VERSION: what a database is at, and the way to this release: all steps or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url

from gateway.limits import STORE_BUSY_SECONDS
from gateway.pipeline.crash_points import crash_point

if TYPE_CHECKING:
    from alembic.config import Config

State = Literal["current", "behind", "ahead", "empty"]

_VERSIONS: Final = "alembic_version"
_AT: Final = text("SELECT version_num FROM alembic_version")
_DIGITS: Final = 4
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
        _upgrade(connection)
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
    with _connection(url) as connection:
        tables = set(inspect(connection).get_table_names())
        at = connection.execute(_AT).scalars().all() if _VERSIONS in tables else []
    if not at:
        # Tables without a revision are somebody else's.
        return "ahead" if tables - {_VERSIONS} else "empty"
    known = revisions()
    if list(at) == known[-1:]:
        return "current"
    return "behind" if set(at) <= set(known) else "ahead"


def revisions() -> list[str]:
    """The revisions of this release, oldest first: the numbers of the files (a test compares).

    Every start asks for them, so Alembic, which would run each file to tell, is left out.
    """
    folder = Path(__file__).parent / "migrations" / "versions"
    return sorted(path.name[:_DIGITS] for path in folder.glob("[0-9]*.py"))


def require_current(url: str) -> None:
    """Raises SchemaMismatch, with what to do about it, unless the schema is this release's."""
    state = schema_state(url)
    if state in ("empty", "behind"):
        raise SchemaMismatch(f"the database is {state}: run `gateway migrate`")
    if state == "ahead":
        raise SchemaMismatch("the database is of a newer release: run that release")


def _upgrade(connection: Connection) -> None:
    # Only this command needs Alembic.
    from alembic import command  # noqa: PLC0415

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Where Alembic finds the migrations."""
    from alembic.config import Config  # noqa: PLC0415

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
