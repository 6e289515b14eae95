"""`gateway partners …`: trading partners as files, and as the database has them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import partner_acts, screen
from gateway.cli.configuration import CommandStore, settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.canonical.partner import Account, Partner
    from gateway.pipeline.ports import Tx

app = typer.Typer(
    no_args_is_help=True, help="Trading partners: files, keys, and the life of firms."
)
partner_acts.register(app)

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="[FOLDER]", help="The folder of partner files; else as configured."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]


@app.command()
def check(context: typer.Context, folder: Folder = None) -> None:
    """Judge all partner files; exit code 1 when one of them has an error."""
    sys.exit(1 if _judged(folder or settings_of(context).partners)[1] else 0)


def _judged(folder: Path) -> tuple[list[Partner], int]:
    """The good partners, and how many files are not; every finding is told."""
    from gateway.cli.partner_files import line_of, load_folder

    partners, bad = [], 0
    for name, checked in load_folder(folder).items():
        if checked.partner is None:
            bad += 1
        else:
            partners.append(checked.partner)
        screen.note(f"{'✗' if checked.partner is None else '✓'} {name}")
        for finding in checked.findings:
            screen.note(line_of(finding))
    return partners, bad


@app.command()
def apply(
    context: typer.Context,
    folder: Folder = None,
    remove: Annotated[
        bool,
        typer.Option("--remove", help="Also retire partners that came from files now gone."),
    ] = False,
) -> None:
    """Load the partner files into the database, all of them or none."""
    from gateway.pipeline.crash_points import crash_point
    from gateway.pipeline.firms.refusal import FirmRefusal

    settings = settings_of(context)
    partners, bad = _judged(folder or settings.partners)
    if bad:
        raise Failure(f"{bad} partner file(s) with errors: nothing was applied")
    with store_of(settings) as store:
        gone = _gone(store, partners) if remove else []
        crash_point("partners.before_record")
        try:
            changed = store.write(lambda tx: _apply(tx, partners, gone))
        except (ValueError, FirmRefusal) as error:
            raise Failure(f"nothing was applied: {error}") from None
        crash_point("partners.recorded")
    screen.say(f"{len(partners)} partners, changed: {', '.join(changed) or 'none'}")


def _apply(tx: Tx, partners: list[Partner], gone: list[str]) -> list[str]:
    from gateway.pipeline.crash_points import crash_point
    from gateway.pipeline.firms.act import Act
    from gateway.pipeline.firms.files import apply_files

    changed = apply_files(Act(tx, operator_name(), datetime.now(UTC)), partners, gone)
    crash_point("partners.before_commit")
    return changed


def _gone(store: CommandStore, partners: list[Partner]) -> list[str]:
    """Codes in the database that came from files and have none any more."""
    kept = {partner.code for partner in partners}
    known = store.read(lambda tx: tx.partners.all())
    return [p.code for p in known if p.managed_by == "file" and p.code not in kept]


@app.command(name="list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """All partners in force."""
    with store_of(settings_of(context)) as store:
        partners = store.read(lambda tx: tx.partners.all())
    if as_json:
        for partner in partners:
            screen.say_json(_summary(partner))
        return
    screen.table(
        ("code", "name", "state", "stage", "from", "accounts", "sends", "routes"),
        [
            (
                p.code,
                p.name,
                p.state,
                p.stage,
                p.managed_by,
                ", ".join(a.name for a in p.accounts),
                ", ".join(a.document for a in p.agreements),
                ", ".join(f"{r.name} ({r.kind})" for r in p.routes),
            )
            for p in partners
        ],
    )


def _summary(partner: Partner) -> dict[str, Any]:
    return {
        "code": partner.code,
        "name": partner.name,
        "state": partner.state,
        "stage": partner.stage,
        "managed_by": partner.managed_by,
        "accounts": [account.name for account in partner.accounts],
        "documents": [agreement.document for agreement in partner.agreements],
        "routes": [route.name for route in partner.routes],
    }


@app.command()
def show(context: typer.Context, code: str) -> None:
    """One partner as JSON, hashes of keys and passwords left out."""
    with store_of(settings_of(context)) as store:
        partner = store.read(lambda tx: tx.partners.find(code))
    if partner is None:
        raise Failure(f"there is no partner {code}: see `gateway partners list`")
    data = partner.model_dump(mode="json", exclude_defaults=True)
    for account in data.get("accounts", ()):
        if account.pop("password_hash", None):
            account["has_password"] = True
        keys = account.pop("api_keys", [])
        account["api_keys"] = [key.partition(":")[0] + "…" for key in keys]
    import json

    screen.say(json.dumps(data, ensure_ascii=False, indent=2))


@app.command()
def new_key(context: typer.Context, account: str) -> None:
    """Make an API key for an account; it is shown once and never stored."""
    from gateway.cli.api_key import new_api_key

    key = new_api_key()
    change = {"api_keys": lambda old: (*old.api_keys, key.entry)}
    kept = _change_account(context, account, change)
    screen.say(key.text)
    _tell(kept, account, f'api_keys = ["{key.entry}"]')


@app.command()
def set_password(context: typer.Context, account: str) -> None:
    """Set the SFTP password of an account; it is asked for, or read as a line from stdin."""
    import getpass
    import hmac

    from gateway.adapters.sftp_server.password import hash_password
    from gateway.limits import SFTP_PASSWORD_CHARACTERS_MAX

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Again: ")
        if not hmac.compare_digest(again.encode(), password.encode()):
            raise Failure("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not 12 <= len(password) <= SFTP_PASSWORD_CHARACTERS_MAX:
        raise Failure("a password has 12 characters or more")
    hashed = hash_password(password)
    kept = _change_account(context, account, {"password_hash": lambda _: hashed})
    _tell(kept, account, f'password_hash = "{hashed}"')


def _change_account(context: typer.Context, name: str, changes: dict[str, Any]) -> bool:
    """Change an account kept in the database; false where a file has the say.  Raises Failure."""
    with store_of(settings_of(context)) as store:
        partners = store.read(lambda tx: tx.partners.all())
        partner = next((p for p in partners for a in p.accounts if a.name == name), None)
        if partner is None:
            raise Failure(f"there is no account {name}: see `gateway partners list`")
        if partner.managed_by == "file":
            return False
        changed = partner.model_copy(
            update={"accounts": tuple(_changed(a, name, changes) for a in partner.accounts)}
        )
        store.write(lambda tx: tx.partners.apply([changed], operator_name()))
    return True


def _changed(account: Account, name: str, changes: dict[str, Any]) -> Account:
    if account.name != name:
        return account
    return account.model_copy(update={key: make(account) for key, make in changes.items()})


def _tell(kept: bool, account: str, line: str) -> None:
    if kept:
        screen.note(f"account {account}: in force within a second")
        return
    screen.note(f"Put this into the account {account} of its partner file, then run")
    screen.note("`gateway partners apply`:")
    screen.note(f"  {line}")
