"""`gateway api|sftp|worker|relay|deliver|poll`: single processes, on PostgreSQL and Kafka.

One machine needs none of them: `gateway run` does it all, on an SQLite file too.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import database_words, settings_of, store_of
from gateway.cli.failure import DatabaseAway, Failure

if TYPE_CHECKING:
    from gateway.settings import Settings

_PANEL = "Single processes (PostgreSQL, Kafka)"
_HELP = {
    "api": "Serve HTTP for partners: intake, queries, outbox.",
    "sftp": "Serve SFTP for partners.",
    "worker": "Run the steps (translate, decide, confirm, settle …) as agents of Kafka's events.",
    "deliver": "Send what is due, call payment platforms, let timers go off.",
    "poll": "Fetch files from partners' servers.",
}
# How often a database that is away is asked, and for how long before whoever started us may know.
_DATABASE_SECONDS, _DATABASE_SECONDS_MAX = 2.0, 60.0
_NEEDS_KAFKA = ("worker", "relay")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, text in _HELP.items():
        app.command(name, help=text, rich_help_panel=_PANEL)(_command(name))
    app.command("relay", rich_help_panel=_PANEL)(relay)


def _command(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        _serve(name, _checked(name, settings_of(context)))

    return command


def relay(
    context: typer.Context,
    again: Annotated[
        bool,
        typer.Option("--again", help="First publish anew what Kafka was given and is not done."),
    ] = False,
) -> None:
    """Publish the outbox to Kafka; any number of relays share it."""
    settings = _checked("relay", settings_of(context))
    if again:
        from datetime import UTC, datetime

        with store_of(settings) as store:
            number = store.write(lambda tx: tx.outbox.requeue(datetime.now(UTC)))
        screen.note(f"{number} events will be published again")
    _serve("relay", settings)


def _checked(name: str, settings: Settings) -> Settings:
    """The settings, if this process can run under them; raises Failure."""
    if settings.store.url.startswith("sqlite"):
        raise Failure(
            f"`gateway {name}` needs PostgreSQL: SQLite has one writer, and that is `gateway run`. "
            "Set [store] url (GATEWAY_STORE_URL) to postgresql://..."
        )
    if name in _NEEDS_KAFKA and not settings.kafka.servers:
        raise Failure(
            f"`gateway {name}` needs Kafka: set [kafka] servers (GATEWAY_KAFKA_SERVERS=host:9092)"
        )
    return settings


def _serve(name: str, settings: Settings) -> None:
    try:
        from gateway import processes
    except ModuleNotFoundError as error:
        raise Failure(
            f"{error.name} is not installed: pip install 'port-edi-gateway[kafka]'"
        ) from None
    from gateway.settings import ConfigurationError

    _wait_for_database(settings)
    try:
        with database_words(settings.store.url):
            asyncio.run(processes.serve(name, settings, _ready))
    except ConfigurationError as error:
        raise Failure(f"configuration: {error}") from None
    except LookupError as error:
        raise Failure(f"a secret is missing: {error}") from None
    except OSError as error:
        raise Failure(f"cannot serve: {error.strerror or error}") from None
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread of Faust that waits for a dead broker must not keep the process: all is on record.
    os._exit(0)


def _wait_for_database(settings: Settings) -> None:
    """Machines start in any order; what does not pass (a schema behind) is said at once."""
    ends = time.monotonic() + _DATABASE_SECONDS_MAX
    while True:
        try:
            with store_of(settings):
                return
        except DatabaseAway as away:
            if time.monotonic() > ends:
                raise
            screen.note(f"gateway: waiting: {away}")
            time.sleep(_DATABASE_SECONDS)


def _ready(where: dict[str, int]) -> None:
    """One JSON line: {"event": "ready", ...ports}."""
    screen.say_json({"event": "ready", **where})
    sys.stdout.flush()
