"""`gateway backup` and `gateway restore`: the whole truth in one folder, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure

Folder = Annotated[Path, typer.Argument(metavar="FOLDER")]


def backup(context: typer.Context, folder: Folder) -> None:
    """Copy database and archive to a new folder while the gateway runs."""
    from gateway import store as gateway_store

    settings = settings_of(context)
    if folder.exists() and any(folder.iterdir()):
        raise Failure(f"{folder} is not empty; a backup has a folder of its own")
    with store_of(settings):
        pass  # says in words what is wrong with the database
    try:
        gateway_store.backup(settings.store.url, settings.store.archive, folder)
    except (OSError, ValueError, RuntimeError) as error:
        raise Failure(f"no backup was made: {error}") from None
    screen.say(f"backed up to {folder}")


def restore(context: typer.Context, folder: Folder) -> None:
    """Bring a backup back into an empty place; the gateway must not be running."""
    from gateway import store as gateway_store

    settings = settings_of(context)
    if not folder.is_dir():
        raise Failure(f"there is no backup at {folder}")
    try:
        gateway_store.restore(folder, settings.store.url, settings.store.archive)
    except (OSError, ValueError, RuntimeError) as error:
        raise Failure(f"nothing was restored: {error}") from None
    screen.say(f"restored from {folder}")
