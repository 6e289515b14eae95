"""Which settings a command runs under, and the database behind them, with its faults in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.pipeline.ports import Store, Tx
    from gateway.settings import Settings

DEFAULT_FILE = Path("gateway.toml")

T = TypeVar("T")


def file_of(context: typer.Context) -> Path | None:
    """The configuration file: `--config`, else ./gateway.toml, else none."""
    given: Path | None = context.find_root().params.get("config")
    if given is not None:
        return given
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def settings_of(context: typer.Context) -> Settings:
    """The settings; raises Failure naming the key that is wrong."""
    from gateway.settings import ConfigurationError, load

    path = file_of(context)
    try:
        return load(path)
    except ConfigurationError as error:
        where = f"{path}: " if path else "environment: "
        raise Failure(f"configuration: {where}{error}") from None


@contextmanager
def store_of(settings: Settings) -> Iterator[CommandStore]:
    """The store, open; raises Failure for one that is missing, locked, behind or ahead."""
    from gateway import bootstrap
    from gateway.pipeline.ports import StoreUnavailable

    _check_schema(settings)
    try:
        store = bootstrap.open_gateway_store(settings)
    except StoreUnavailable as error:
        raise Failure(f"the database cannot be used: {error}") from None
    command_store = CommandStore(store)
    try:
        yield command_store
    finally:
        command_store.close()


def _check_schema(settings: Settings) -> None:
    from gateway.store import schema_state

    url = settings.store.url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        raise Failure(f"there is no database at {shown_url(url)} yet: run `gateway init`")
    state = schema_state(url)
    if state == "behind":
        raise Failure("the database is older than this program: run `gateway migrate`")
    if state == "ahead":
        raise Failure(
            "the database was made by a newer gateway: install that version, "
            "or restore a backup that was made before it"
        )
    if state != "current":
        raise Failure(f"the database at {shown_url(url)} is empty: run `gateway init`")


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
        """A consistent look; raises Failure when the database is locked or gone."""
        return self._spoken(lambda: self.store.read_now(work))

    def write(self, work: Callable[[Tx], T]) -> T:
        """One short transaction, noticed by a running gateway; raises Failure as `read`."""
        return self._spoken(lambda: self.store.write_now(work))

    def close(self) -> None:
        """Release the files."""
        import asyncio

        asyncio.run(self.store.close())

    @staticmethod
    def _spoken(call: Callable[[], T]) -> T:
        from gateway.pipeline.ports import StoreUnavailable

        try:
            return call()
        except StoreUnavailable as error:
            raise Failure(f"the database is busy or unavailable ({error}); try again") from None
