"""`gateway init` and `gateway migrate`: from an empty folder to a gateway that can run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gateway.cli import screen
from gateway.cli.configuration import (
    CommandStore,
    database_words,
    settings_of,
    shown_url,
    store_of,
)
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.settings import Settings

_SQLITE = "sqlite:///"


def init(context: typer.Context) -> None:
    """Make folders, host key, database and the first administrator; may be run again."""
    settings = settings_of(context)
    make_folders(settings)
    made = make_host_key(settings.sftp.host_key)
    screen.note(f"host key   {settings.sftp.host_key}{'' if made else ' (was there)'}")
    migrate_database(settings)
    screen.note(f"database   {shown_url(settings.store.url)}")
    screen.note(f"partners   {settings.partners}")
    with store_of(settings) as store:
        key = make_administrator(store, settings.name)
    if key is None:
        screen.note("administrator: exists; `gateway partners new-key admin` makes another key")
        return
    screen.note("administrator's API key, shown this once:")
    screen.say(key)
    screen.note(
        "Next: partner files into the folder above, `gateway partners apply`, `gateway run`."
    )


def migrate(context: typer.Context) -> None:
    """Bring the database to the schema of this program (makes it where there is none)."""
    settings = settings_of(context)
    migrate_database(settings)
    screen.note(f"the database at {shown_url(settings.store.url)} is current")


def make_folders(settings: Settings) -> None:
    """Every folder that the settings name, private to the gateway's user."""
    folders = [settings.store.archive, settings.delivery.folder_root, settings.sftp.host_key.parent]
    if settings.store.url.startswith(_SQLITE):
        folders.append(Path(settings.store.url.removeprefix(_SQLITE)).parent)
    try:
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.partners.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot make {error.filename}: {error.strerror}") from None


def make_host_key(path: Path) -> bool:
    """The SFTP server's own key; false where it was there."""
    from gateway.adapters.sftp_server.host_key import make

    if path.exists():
        return False
    make(path)
    return True


def migrate_database(settings: Settings) -> None:
    """All migrations; raises Failure in words for a database that cannot be had."""
    from gateway.store import migrate

    make_folders(settings)
    with database_words(settings.store.url):
        migrate(settings.store.url)


def make_administrator(store: CommandStore, code: str) -> str | None:
    """The operator's own partner with one account `admin`; the key, or None where there is one."""
    from gateway.canonical.partner import Account, Partner
    from gateway.cli.api_key import new_api_key

    partners = store.read(lambda tx: tx.partners.all())
    if any(account.operator for partner in partners for account in partner.accounts):
        return None
    key = new_api_key()
    account = Account(name="admin", operator=True, api_keys=(key.entry,))
    partner = Partner(code=code, name="operator", managed_by="api", accounts=(account,))
    store.write(lambda tx: tx.partners.apply([partner], "init"))
    return key.text
