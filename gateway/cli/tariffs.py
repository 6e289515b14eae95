"""`gateway tariffs`: which fee tables there are, what is in force, what a new file changes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.failure import Failure
from gateway.limits import TARIFF_FILE_CHARACTERS_MAX

if TYPE_CHECKING:
    from gateway.rules.tariff import Tariff

app = typer.Typer(no_args_is_help=True, help="Fee tables: list, explain, compare.")
_CHINA = timezone(timedelta(hours=8))
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The fee tables that ship with the gateway, checked for overlaps and gaps."""
    from gateway.rules.tariff import shipped

    titles = ("code", "name", "version", "from", "rows", "settles", "weak", "fingerprint")
    rows = [
        (
            tariff.code,
            f"{tariff.name_zh} {tariff.name_en}",
            tariff.version,
            tariff.covers_from.date().isoformat(),
            len(tariff.rows),
            any(row.settles for row in tariff.rows),
            sum(row.confidence == "L" for row in tariff.rows),
            tariff.fingerprint[:12],
        )
        for tariff in shipped().values()
    ]
    if not as_json:
        screen.table(titles, rows)
        return
    for row in rows:
        screen.say_json(dict(zip(titles, row, strict=True)))


@app.command("explain")
def explain(
    tariff: Annotated[str, typer.Argument(metavar="CODE|FILE", help="As `tariffs list` has it.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="The ship's time; without an offset it is +08:00.")
    ],
    switch: Annotated[
        list[str] | None, typer.Option(metavar="NAME=on|off", help="Instead of the file's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What is in force at a ship's time: row, rate in yuan, legal source, confidence."""
    from gateway.rules.tariff import explain as explained

    table = _tariff(tariff)
    rows = explained(table, _instant(at), _switches(table, switch or []))
    if as_json:
        for row in rows:
            screen.say_json(row)
        return
    titles = ("cell", "row", "rate", "reason", "source", "confidence")
    screen.table(titles, [[row[title] for title in titles] for row in rows])


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(metavar="CODE|FILE")],
    new: Annotated[str, typer.Argument(metavar="CODE|FILE")],
) -> None:
    """What a new file changes, row by row; exit code 1 where it changes something."""
    from gateway.rules.tariff import diff as compared

    changes = compared(_tariff(old), _tariff(new))
    for change in changes:
        screen.say(screen.printable(change))
    if changes:
        raise typer.Exit(1)


def _tariff(name: str) -> Tariff:
    """A shipped table by its code, or a file."""
    from gateway.rules.tariff import parse_tariff, shipped

    if name in shipped():
        return shipped()[name]
    path = Path(name)
    if not path.is_file():
        known = ", ".join(sorted(shipped()))
        raise Failure(f"{name} is neither a file nor one of {known}")
    if path.stat().st_size > 4 * TARIFF_FILE_CHARACTERS_MAX:
        raise Failure(f"{name}: too long for a tariff")
    try:
        return parse_tariff(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(f"{name}: {screen.printable(str(error))}") from None


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no time: write 2018-05-10 or 2018-05-10T08:00") from None
    return found if found.tzinfo else found.replace(tzinfo=_CHINA)


def _switches(tariff: Tariff, given: list[str]) -> dict[str, bool]:
    found = {}
    for each in given:
        name, _, value = each.partition("=")
        if name not in tariff.switches or value not in {"on", "off"}:
            known = ", ".join(tariff.switches) or "none"
            raise Failure(f"--switch NAME=on|off; {tariff.code} has {known}")
        found[name] = value == "on"
    return found


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="tariffs", rich_help_panel="Files")
