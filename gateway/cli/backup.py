"""`gateway backup` and `gateway restore`: the whole truth in one folder, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import database_words, settings_of, store_of
from gateway.cli.failure import Failure

Folder = Annotated[Path, typer.Argument(metavar="FOLDER")]


def backup(context: typer.Context, folder: Folder) -> None:
    """Copy database and archive to a new folder, also while the gateway runs."""
    from gateway import store as gateway_store
    from gateway.adapters.clock import SystemClock
    from gateway.store.backup import BackupRefused

    settings = settings_of(context)
    try:
        with store_of(settings) as store:
            report = gateway_store.backup(
                settings.store.url, store.store.archive, folder, SystemClock()
            )
    except (OSError, BackupRefused) as error:
        raise Failure(f"no backup was made: {error}") from None
    screen.say(f"{report.folder}: {report.database_bytes} bytes, {report.objects} archived files")


def restore(context: typer.Context, folder: Folder) -> None:
    """Bring a backup back where nothing is; the gateway must not be running."""
    from gateway import store as gateway_store
    from gateway.adapters.archive import FolderArchive
    from gateway.store.backup import BackupRefused

    settings = settings_of(context)
    try:
        with database_words(settings.store.url):
            archive = FolderArchive(settings.store.archive)
            report = gateway_store.restore(folder, settings.store.url, archive)
    except (OSError, BackupRefused) as error:
        raise Failure(f"nothing was restored: {error}") from None
    screen.say(f"{report.folder}: {report.database_bytes} bytes, {report.objects} archived files")
