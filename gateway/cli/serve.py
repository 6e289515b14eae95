"""`gateway run`: everything in one process, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import sys

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure


def command(context: typer.Context) -> None:
    """Serve: SFTP, HTTP, runner and jobs; the first line on stdout says where.

    SIGTERM and Ctrl-C end it: no new work, uploads and deliveries under way are finished.
    """
    import asyncio

    from gateway import bootstrap
    from gateway.settings import ConfigurationError

    settings = settings_of(context)
    with store_of(settings):
        pass  # says in words what is wrong with the database, before anything listens
    try:
        asyncio.run(bootstrap.serve(settings, _ready))
    except ConfigurationError as error:
        raise Failure(f"configuration: {error}") from None
    except OSError as error:
        raise Failure(f"cannot serve: {error.strerror or error}") from None


def _ready(where: dict[str, int]) -> None:
    """One JSON line: {"event": "ready", …ports}."""
    screen.say_json({"event": "ready", **where})
    sys.stdout.flush()
