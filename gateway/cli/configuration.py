"""Which settings a command runs under, and the database behind them, with its faults in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from gateway.cli.failure import DatabaseAway, Failure

if TYPE_CHECKING:
    from gateway.pipeline.ports import Store, Tx
    from gateway.settings import Settings

DEFAULT_FILE = Path("gateway.toml")
_DRIVERS = frozenset({"sqlalchemy", "sqlite3", "psycopg"})
_REASON_CHARACTERS_MAX = 300

T = TypeVar("T")


def file_of(context: typer.Context) -> Path | None:
    """The configuration file: `--config`, else ./gateway.toml, else none."""
    given: Path | None = context.find_root().params.get("config")
    if given is not None:
        return given
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def settings_of(context: typer.Context) -> Settings:
    """The settings; raises Failure naming the key that is wrong."""
    from gateway.pipeline.crash_points import arm
    from gateway.settings import ConfigurationError, load

    path = file_of(context)
    try:
        settings = load(path)
        arm(settings.crash_at or "")
    except (ConfigurationError, ValueError) as error:
        where = f"{path}: " if path else "environment: "
        raise Failure(f"configuration: {where}{error}") from None
    return settings


@contextmanager
def store_of(settings: Settings) -> Iterator[CommandStore]:
    """The store, open; raises Failure for one that is missing, locked, behind or ahead."""
    from gateway import bootstrap

    with database_words(settings.store.url):
        _check_schema(settings)
        command_store = CommandStore(bootstrap.open_gateway_store(settings))
    try:
        with database_words(settings.store.url):
            yield command_store
    finally:
        command_store.close()


def _check_schema(settings: Settings) -> None:
    from gateway.store import schema_state

    state = schema_state(settings.store.url)
    where = shown_url(settings.store.url)
    if state == "empty":
        raise Failure(f"there is no gateway database at {where} yet: run `gateway init`")
    if state == "behind":
        raise Failure("the database is older than this program: run `gateway migrate`")
    if state == "ahead":
        raise Failure(
            "the database is not this program's, or was made by a newer gateway: install that "
            "version, or restore a backup that was made before it"
        )


@contextmanager
def database_words(url: str) -> Iterator[None]:
    """What the database or its driver says, as a Failure; anything else passes."""
    try:
        yield
    except Exception as error:
        if not _of_database(error):
            raise
        text = " ".join(str(error).split())[:_REASON_CHARACTERS_MAX]
        reason = text or type(error).__name__
        kind = DatabaseAway if _may_come_back(error) else Failure
        raise kind(f"the database at {shown_url(url)} cannot be used now: {reason}") from None


def _may_come_back(error: Exception) -> bool:
    from gateway.pipeline.ports import StoreUnavailable

    return isinstance(error, StoreUnavailable) or type(error).__name__ == "OperationalError"


def _of_database(error: Exception) -> bool:
    """Our own refusals, and errors of drivers that this module must not import."""
    from gateway.pipeline.ports import StoreUnavailable
    from gateway.store import SchemaMismatch

    driver = type(error).__module__.partition(".")[0] in _DRIVERS
    return driver or isinstance(error, StoreUnavailable | SchemaMismatch)


def shown_url(url: str) -> str:
    """A database URL without its password."""
    scheme, separator, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}{separator}{login.partition(':')[0]}{at}{place}" if at else url


class CommandStore:
    """The store as a command uses it: one short transaction at a time, no event loop."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def read(self, work: Callable[[Tx], T]) -> T:
        """A consistent look."""
        return self.store.read_now(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        """One short transaction, noticed by a running gateway within half a second."""
        return self.store.write_now(work)

    def close(self) -> None:
        """Release the files."""
        import asyncio

        asyncio.run(self.store.close())
